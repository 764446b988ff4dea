// Passages by meaning and by word, fused by reciprocal rank, in one round trip.
// mode: read
// params: workspace STRING, vector VECTOR, words STRING, chunk_top_k INTEGER, rank MAP
// returns: passages
CYPHER 25
CALL () {
  MATCH (chunk:Chunk)
    SEARCH chunk IN (VECTOR INDEX chunk_embedding FOR $vector WHERE chunk.workspace = $workspace LIMIT $rank.depth)
    SCORE AS score
  WITH chunk ORDER BY score DESC, chunk.id
  RETURN collect(chunk) AS dense
}
CALL () {
  MATCH (chunk:Chunk) SEARCH chunk IN (FULLTEXT INDEX chunk_text FOR $words LIMIT $rank.depth) SCORE AS score
  WITH chunk ORDER BY score DESC, chunk.id
  RETURN collect(chunk) AS lexical
}
CALL (dense, lexical) {
  UNWIND range(0, size(dense) - 1) AS at
  RETURN dense[at] AS chunk, at + 1 AS dense_rank, null AS lexical_rank, 1 / ($rank.fusion + at + 1) AS part
  UNION ALL
  UNWIND range(0, size(lexical) - 1) AS at
  RETURN lexical[at] AS chunk, null AS dense_rank, at + 1 AS lexical_rank, 1 / ($rank.fusion + at + 1) AS part
}
WITH chunk, sum(part) AS score, max(dense_rank) AS dense_rank, max(lexical_rank) AS lexical_rank
ORDER BY score DESC, chunk.id LIMIT $chunk_top_k
MATCH (document:Document)-[:HAS_CHUNK]->(chunk)
WITH document, chunk, score, dense_rank, lexical_rank ORDER BY score DESC, chunk.id
RETURN collect({id: chunk.id, document_id: document.id, source: document.source, title: document.title, text: chunk.text,
  page: chunk.page, section: chunk.section, start: chunk.start, end: chunk.end, tokens: chunk.tokens, score: score,
  dense: dense_rank, lexical: lexical_rank, via: []}) AS passages
