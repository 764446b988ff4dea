// What chunks say of entities, the longest descriptions first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, name, type, description, chunk
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Entity {id: id, workspace: $workspace})<-[mention:MENTIONS]-(chunk:Chunk)
  RETURN mention, chunk ORDER BY size(mention.description) DESC, chunk.id LIMIT $limit
}
RETURN id AS owner, mention.name AS name, mention.type AS type, mention.description AS description,
  chunk {.id, .document_id, .position, .text, .tokens, .page, .section, .start, .end,
    page_starts: coalesce(chunk.page_starts, [])} AS chunk
