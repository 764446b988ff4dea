// Chunks by id.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: id, document_id, position, text, tokens, page, section, start, end
CYPHER 25
UNWIND $ids AS id
MATCH (chunk:Chunk {id: id, workspace: $workspace})
RETURN chunk.id AS id, chunk.document_id AS document_id, chunk.position AS position, chunk.text AS text,
  chunk.tokens AS tokens, chunk.page AS page, chunk.section AS section, chunk.start AS start, chunk.end AS end
