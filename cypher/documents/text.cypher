// The extracted text of documents, which chunk spans refer to.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: id, text
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id, workspace: $workspace})-[:HAS_TEXT]->(text:Text)
  USING INDEX document:Document(id)
RETURN document.id AS id, text.text AS text
