// Keeps a question with its answer, what it cited and what it found.
// mode: write
// params: workspace STRING, question MAP, citations LIST<MAP>, entities LIST<MAP>
// returns: nothing
CYPHER 25
MERGE (query:Query {id: $question.id})
SET query += $question, query.workspace = $workspace, query.created_at = datetime()
WITH query
CALL (query) {
  UNWIND $citations AS citation
  MATCH (chunk:Chunk {id: citation.chunk_id, workspace: $workspace})
  MERGE (query)-[cited:CITED {rank: citation.number}]->(chunk)
  SET cited.score = citation.score, cited.quote = citation.quote, cited.start = citation.start, cited.end = citation.end
}
CALL (query) {
  UNWIND $entities AS found
  MATCH (entity:Entity {id: found.id, workspace: $workspace})
  MERGE (query)-[edge:FOUND]->(entity)
  SET edge.score = found.score
}
