// Everything that speaks to a question, in one round trip: passages by meaning and by word, facts and entities by meaning and
// by name, and the passages that the graph leads to from them.
// mode: read
// params: workspace STRING, vector VECTOR, words STRING, names STRING, top_k INTEGER, chunk_top_k INTEGER, rank MAP
// returns: passages, entities, relations
CYPHER 25
CALL () {
  MATCH ()-[relation:RELATES]->()
    SEARCH relation IN (VECTOR INDEX relation_embedding FOR $vector WHERE relation.workspace = $workspace LIMIT $top_k)
    SCORE AS score
  WITH relation, score ORDER BY score DESC, relation.id
  RETURN collect({relation: relation, score: 2 * score - 1}) AS facts
}
CALL () {
  MATCH (entity:Entity)
    SEARCH entity IN (VECTOR INDEX entity_embedding FOR $vector WHERE entity.workspace = $workspace LIMIT $top_k)
    SCORE AS score
  WITH entity, score ORDER BY score DESC, entity.id
  RETURN collect({entity: entity, score: 2 * score - 1}) AS alike
}
CALL () {
  MATCH (entity:Entity) SEARCH entity IN (FULLTEXT INDEX entity_name FOR $names LIMIT $rank.named) SCORE AS score
  WITH entity, score ORDER BY score DESC, entity.id
  RETURN collect({entity: entity, score: score}) AS named
}
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
CALL (facts, named) {
  CALL (facts, named) {
    UNWIND facts[..$rank.facts] AS fact
    UNWIND [startNode(fact.relation), endNode(fact.relation)] AS entity
    RETURN entity, fact.score AS weight
    UNION ALL
    UNWIND named AS hit
    RETURN hit.entity AS entity, $rank.name_weight * hit.score / named[0].score AS weight
  }
  WITH entity, sum(weight) / (1 + entity.mention_count) AS weight
  ORDER BY weight DESC, entity.id LIMIT $rank.seeds
  RETURN collect({entity: entity, weight: weight}) AS seeds
}
CALL (seeds, dense, lexical) {
  UNWIND seeds AS seed
  WITH seed.entity AS entity, seed.weight AS weight
  CALL (entity, weight) {
    MATCH (entity)<-[:MENTIONS]-(chunk:Chunk)
    RETURN chunk, weight AS share, entity.name AS via LIMIT $rank.fan
    UNION ALL
    MATCH (entity)-[:RELATES]-(other:Entity)
    WITH entity, weight, other LIMIT $rank.fan
    WITH entity, other, weight * $rank.hop / (1 + COUNT { (entity)-[:RELATES]-() }) / (1 + other.mention_count) AS share
    MATCH (other)<-[:MENTIONS]-(chunk:Chunk)
    RETURN chunk, share, entity.name + ' → ' + other.name AS via LIMIT $rank.fan * 2
  }
  WITH chunk, share, via ORDER BY share DESC, via
  WITH chunk, sum(share) AS weight, collect(DISTINCT via)[..3] AS via
  RETURN collect({chunk: chunk, weight: weight, via: via}) AS spread, max(weight) AS top
}
CALL (spread, top, dense, lexical) {
  UNWIND spread AS item
  RETURN item.chunk AS chunk, $rank.graph_weight * item.weight / top AS part, null AS dense_rank, null AS lexical_rank, item.via AS via
  UNION ALL
  UNWIND range(0, size(dense) - 1) AS at
  RETURN dense[at] AS chunk, $rank.dense_weight / (1 + at / $rank.decay) AS part, at + 1 AS dense_rank, null AS lexical_rank, [] AS via
  UNION ALL
  UNWIND range(0, size(lexical) - 1) AS at
  RETURN lexical[at] AS chunk, $rank.lexical_weight / (1 + at / $rank.decay) AS part, null AS dense_rank, at + 1 AS lexical_rank,
    [] AS via
}
WITH facts, alike, chunk, sum(part) AS score, max(dense_rank) AS dense_rank, max(lexical_rank) AS lexical_rank,
  head(collect(via)) AS via
ORDER BY score DESC, chunk.id LIMIT $chunk_top_k
MATCH (document:Document)-[:HAS_CHUNK]->(chunk)
WITH facts, alike, document, chunk, score, dense_rank, lexical_rank, via ORDER BY score DESC, chunk.id
WITH facts, alike, collect({id: chunk.id, document_id: document.id, source: document.source, title: document.title,
  text: chunk.text, page: chunk.page, section: chunk.section, start: chunk.start, end: chunk.end, tokens: chunk.tokens,
  score: score, dense: dense_rank, lexical: lexical_rank, via: via}) AS passages
RETURN passages,
  COLLECT {
    UNWIND alike AS hit
    WITH hit, hit.entity AS entity
    RETURN {id: entity.id, name: entity.name, type: entity.type, description: entity.description, score: hit.score,
      created_at: entity.created_at.epochMillis,
      evidence: COLLECT {
        MATCH (entity)<-[:MENTIONS]-(chunk:Chunk)<-[:HAS_CHUNK]-(document:Document)
        RETURN {chunk_id: chunk.id, source: document.source} LIMIT $rank.evidence
      }}
  } AS entities,
  COLLECT {
    UNWIND facts AS fact
    WITH fact, fact.relation AS relation
    RETURN {id: relation.id, source: startNode(relation).name, target: endNode(relation).name, keywords: relation.keywords,
      description: relation.description, weight: relation.weight, score: fact.score, created_at: relation.created_at.epochMillis,
      evidence: COLLECT {
        MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->()
          USING INDEX statement:STATES(relation_id)
        MATCH (chunk)<-[:HAS_CHUNK]-(document:Document)
        RETURN {chunk_id: chunk.id, source: document.source} LIMIT $rank.evidence
      }}
  } AS relations
