// What the documents and the questions of a workspace come to.
// mode: read
// params: workspace STRING
// returns: documents, bytes, characters, questions
CYPHER 25
CALL () {
  MATCH (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL
  RETURN count(document) AS documents, sum(document.bytes) AS bytes, sum(document.characters) AS characters
}
RETURN documents, bytes, characters,
  COUNT { (query:Query {workspace: $workspace}) WHERE query.created_at IS NOT NULL } AS questions
