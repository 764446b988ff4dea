// Passages by meaning and by word, fused by reciprocal rank, in one round trip.
// mode: read
// params: workspace STRING, vector VECTOR, words STRING, chunk_top_k INTEGER, filter MAP, rank MAP
// returns: passages, parts
CYPHER 25
WITH datetime.realtime() AS begun
CALL () {
  // The documents that the filter lets through; null: all of them.
  WHEN $filter.documents IS NOT NULL THEN {
    MATCH (document:Document {workspace: $workspace})
      USING INDEX document:Document(id)
    WHERE document.id IN $filter.documents
      AND ($filter.created_after IS NULL OR document.created_at >= $filter.created_after)
      AND all(key IN keys($filter.metadata) WHERE toStringOrNull(document[key]) = $filter.metadata[key])
    RETURN collect(document.id) AS allowed
  }
  WHEN $filter.created_after IS NOT NULL OR size(keys($filter.metadata)) > 0 THEN {
    MATCH (document:Document)
      USING INDEX document:Document(workspace, created_at)
    WHERE document.workspace = $workspace AND document.created_at >= coalesce($filter.created_after, datetime({year: 1}))
      AND all(key IN keys($filter.metadata) WHERE toStringOrNull(document[key]) = $filter.metadata[key])
    RETURN collect(document.id) AS allowed
  }
  ELSE { RETURN null AS allowed }
}
CALL (allowed) {
  CALL (allowed) {
    WHEN allowed IS NULL THEN {
      MATCH (chunk:Chunk)
        SEARCH chunk IN (VECTOR INDEX chunk_embedding FOR $vector WHERE chunk.workspace = $workspace
          LIMIT CASE WHEN $filter IS NULL THEN $rank.depth ELSE $rank.depth * $rank.widening END) SCORE AS score
      RETURN chunk, score
    }
    ELSE {
      MATCH (chunk:Chunk)
        SEARCH chunk IN (VECTOR INDEX chunk_embedding FOR $vector
          WHERE chunk.workspace = $workspace AND chunk.document_id IN allowed
          LIMIT CASE WHEN $filter.types IS NULL THEN $rank.depth ELSE $rank.depth * $rank.widening END) SCORE AS score
      RETURN chunk, score
    }
  }
  WITH chunk, score
  WHERE $filter.types IS NULL OR EXISTS { (chunk)-[:MENTIONS]->(entity:Entity) WHERE entity.type IN $filter.types }
  WITH chunk, score ORDER BY score DESC, chunk.id LIMIT $rank.depth
  RETURN collect({chunk: chunk, score: score}) AS close
}
CALL (allowed, close) {
  WHEN $filter.types IS NULL OR size(close) >= $rank.depth THEN { RETURN close AS dense }
  ELSE {
    MATCH (entity:$any($filter.types))<-[:MENTIONS]-(chunk:Chunk)
    WHERE entity.workspace = $workspace AND (allowed IS NULL OR chunk.document_id IN allowed)
    WITH DISTINCT chunk
    WITH chunk, vector.similarity.cosine(chunk.embedding, $vector) AS score WHERE score IS NOT NULL
    ORDER BY score DESC, chunk.id LIMIT $rank.depth
    RETURN collect({chunk: chunk, score: score}) AS dense
  }
}
WITH *, datetime.realtime() AS dense_at
CALL (allowed) {
  MATCH (chunk:Chunk)
    SEARCH chunk IN (FULLTEXT INDEX chunk_text FOR $words
      LIMIT CASE WHEN $filter IS NULL THEN $rank.depth ELSE $rank.depth * $rank.widening END) SCORE AS score
  WITH chunk, score
  WHERE (allowed IS NULL OR chunk.document_id IN allowed)
    AND ($filter.types IS NULL OR EXISTS { (chunk)-[:MENTIONS]->(entity:Entity) WHERE entity.type IN $filter.types })
  WITH chunk, score ORDER BY score DESC, chunk.id LIMIT $rank.depth
  RETURN collect(chunk) AS lexical
}
WITH *, datetime.realtime() AS lexical_at
CALL (dense, lexical) {
  CALL (dense, lexical) {
    UNWIND range(0, size(dense) - 1) AS at
    RETURN dense[at].chunk AS chunk, at + 1 AS dense_rank, null AS lexical_rank, 1 / ($rank.fusion + at + 1) AS part
    UNION ALL
    UNWIND range(0, size(lexical) - 1) AS at
    RETURN lexical[at] AS chunk, null AS dense_rank, at + 1 AS lexical_rank, 1 / ($rank.fusion + at + 1) AS part
  }
  WITH chunk, sum(part) AS score, max(dense_rank) AS dense_rank, max(lexical_rank) AS lexical_rank
  ORDER BY score DESC, chunk.id LIMIT $chunk_top_k
  MATCH (document:Document)-[:HAS_CHUNK]->(chunk)
  WITH document, chunk, score, dense_rank, lexical_rank ORDER BY score DESC, chunk.id
  RETURN collect({id: chunk.id, document_id: document.id, source: document.source, title: document.title, text: chunk.text,
    page: chunk.page, page_starts: coalesce(chunk.page_starts, []), section: chunk.section,
    start: chunk.start, end: chunk.end, tokens: chunk.tokens, score: score,
    dense: dense_rank, lexical: lexical_rank, via: []}) AS passages
}
RETURN passages,
  [part IN [['passages_by_vector', begun, dense_at], ['passages_by_word', dense_at, lexical_at]] |
    {name: part[0], microseconds: duration.inSeconds(part[1], part[2]).microseconds}] AS parts
