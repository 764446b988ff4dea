// Which chunks documents have now, and which of them no model could extract.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: id, document_id, problem
CYPHER 25
UNWIND $ids AS document_id
MATCH (document:Document {id: document_id, workspace: $workspace})-[:HAS_CHUNK]->(chunk:Chunk)
  USING INDEX document:Document(id)
RETURN chunk.id AS id, document_id, chunk.problem AS problem
