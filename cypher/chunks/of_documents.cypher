// The chunks of documents in the order of the text, after a position.
// mode: read
// params: workspace STRING, ids LIST<STRING>, after INTEGER, limit INTEGER
// returns: id, document_id, position, text, tokens, page, page_starts, section, start, end
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Document {id: id, workspace: $workspace})-[:HAS_CHUNK]->(chunk:Chunk)
  WHERE chunk.position > $after
  RETURN chunk ORDER BY chunk.position LIMIT $limit
}
RETURN chunk.id AS id, chunk.document_id AS document_id, chunk.position AS position, chunk.text AS text,
  chunk.tokens AS tokens, chunk.page AS page, coalesce(chunk.page_starts, []) AS page_starts,
  chunk.section AS section, chunk.start AS start, chunk.end AS end
ORDER BY document_id, position
