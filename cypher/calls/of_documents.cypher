// What model calls have taken for documents, and which of their chunks no model could extract.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: owner, calls, tokens_in, tokens_out, cost, problems
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id, workspace: $workspace})
RETURN id AS owner, coalesce(document.model_calls, 0.0) AS calls, coalesce(document.tokens_in, 0.0) AS tokens_in,
  coalesce(document.tokens_out, 0.0) AS tokens_out, coalesce(document.cost, 0.0) AS cost,
  CASE WHEN document.failed_chunks > 0 THEN COLLECT {
    MATCH (document)-[:HAS_CHUNK]->(chunk:Chunk) WHERE chunk.problem IS NOT NULL
    RETURN {chunk_id: chunk.id, position: chunk.position, problem: chunk.problem} ORDER BY chunk.position LIMIT 100
  } ELSE [] END AS problems
