// Chunks by id.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: id, document_id, position, text, tokens, page, page_starts, section, start, end
CYPHER 25
UNWIND $ids AS id
MATCH (chunk:Chunk {id: id, workspace: $workspace})
RETURN chunk.id AS id, chunk.document_id AS document_id, chunk.position AS position, chunk.text AS text,
  chunk.tokens AS tokens, chunk.page AS page, coalesce(chunk.page_starts, []) AS page_starts,
  chunk.section AS section, chunk.start AS start, chunk.end AS end
