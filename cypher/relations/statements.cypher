// What chunks state of relations, the weightiest first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, keywords, description, weight, chunk
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (chunk:Chunk)-[statement:STATES {relation_id: id}]->()
  WHERE chunk.workspace = $workspace
  RETURN statement, chunk ORDER BY statement.weight DESC, size(statement.description) DESC, chunk.id LIMIT $limit
}
RETURN id AS owner, statement.keywords AS keywords, statement.description AS description, statement.weight AS weight,
  chunk {.id, .document_id, .position, .text, .tokens, .page, .section, .start, .end,
    page_starts: coalesce(chunk.page_starts, [])} AS chunk
