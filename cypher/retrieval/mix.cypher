// What speaks to a question, in one round trip: a walk from the facts and names in it over relations and mentions, and the
// passages that the indexes find by meaning and by word.
// mode: read
// params: workspace STRING, vector VECTOR, words STRING, names LIST<MAP>, facts INTEGER, top_k INTEGER, chunk_top_k INTEGER, filter MAP, rank MAP
// returns: passages, entities, relations, parts
CYPHER 25
WITH datetime.realtime() AS begun
CALL () {
  // The documents that the filter lets through, null: all of them; and whether they are so few that they are compared one by one.
  WHEN $filter.documents IS NOT NULL THEN {
    MATCH (document:Document {workspace: $workspace})
      USING INDEX document:Document(id)
    WHERE document.id IN $filter.documents
      AND ($filter.created_after IS NULL OR document.created_at >= $filter.created_after)
      AND all(key IN keys($filter.metadata) WHERE toStringOrNull(document[key]) = $filter.metadata[key])
    RETURN collect(document.id) AS allowed, sum(document.chunk_count) <= $rank.few AS few
  }
  WHEN $filter.created_after IS NOT NULL OR size(keys($filter.metadata)) > 0 THEN {
    MATCH (document:Document)
      USING INDEX document:Document(workspace, created_at)
    WHERE document.workspace = $workspace AND document.created_at >= coalesce($filter.created_after, datetime({year: 1}))
      AND all(key IN keys($filter.metadata) WHERE toStringOrNull(document[key]) = $filter.metadata[key])
    RETURN collect(document.id) AS allowed, sum(document.chunk_count) <= $rank.few AS few
  }
  ELSE { RETURN null AS allowed, false AS few }
}
CALL (allowed, few) {
  WHEN few THEN { RETURN [] AS near }
  ELSE {
    MATCH ()-[relation:RELATES]->()
      SEARCH relation IN (VECTOR INDEX relation_embedding FOR $vector WHERE relation.workspace = $workspace
        LIMIT CASE WHEN $filter IS NULL THEN $facts ELSE $facts * $rank.widening END) SCORE AS score
    WITH relation, 2 * score - 1 AS score
    WHERE ($filter.types IS NULL OR startNode(relation).type IN $filter.types OR endNode(relation).type IN $filter.types)
      AND (allowed IS NULL OR EXISTS {
        MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->()
          USING INDEX statement:STATES(relation_id)
        WHERE chunk.document_id IN allowed
      })
    WITH relation, score ORDER BY score DESC, relation.id LIMIT $facts
    RETURN collect({relation: relation, score: score}) AS near
  }
}
CALL (allowed, near) {
  // What a filter lets through is compared one by one where it is few, or where not enough of it is near.
  WHEN $filter IS NULL OR size(near) >= $facts THEN { RETURN near AS facts }
  WHEN allowed IS NOT NULL THEN {
    MATCH (chunk:Chunk)-[statement:STATES]->()
      USING INDEX chunk:Chunk(document_id)
    WHERE chunk.document_id IN allowed
    WITH DISTINCT statement.relation_id AS id
    MATCH ()-[relation:RELATES {id: id}]->()
      USING INDEX relation:RELATES(id)
    WHERE $filter.types IS NULL OR startNode(relation).type IN $filter.types OR endNode(relation).type IN $filter.types
    WITH relation, 2 * vector.similarity.cosine(relation.embedding, $vector) - 1 AS score WHERE score IS NOT NULL
    ORDER BY score DESC, relation.id LIMIT $facts
    RETURN collect({relation: relation, score: score}) AS facts
  }
  ELSE {
    MATCH (entity:$any($filter.types))-[relation:RELATES]-()
    WHERE entity.workspace = $workspace
    WITH DISTINCT relation
    WITH relation, 2 * vector.similarity.cosine(relation.embedding, $vector) - 1 AS score WHERE score IS NOT NULL
    ORDER BY score DESC, relation.id LIMIT $facts
    RETURN collect({relation: relation, score: score}) AS facts
  }
}
WITH *, datetime.realtime() AS facts_at
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
  RETURN collect({chunk: chunk, score: score}) AS lexical
}
WITH *, datetime.realtime() AS lexical_at
CALL (facts, dense) {
  CALL (facts, dense) {
    // Facts count as far as the nearest of them speaks to the question: fully when it is as near as the nearest passage,
    // not at all when it is no nearer than the last of the passages.
    WITH facts, facts[0].score AS best, facts[size(facts[..$rank.facts]) - 1].score AS last,
      2 * dense[0].score - 1 AS top, 2 * dense[size(dense) - 1].score - 1 AS bottom
    WITH facts, best, last, CASE
        WHEN top IS NULL OR best >= top THEN 1.0
        WHEN best <= bottom THEN 0.0
        ELSE (best - bottom) / (top - bottom)
      END AS gate
    UNWIND facts[..$rank.facts] AS fact
    WITH fact.relation AS relation, gate * exp((fact.score - best) / ($rank.temperature * (best - last) + 1e-9)) AS weight
    WHERE weight > 0
    UNWIND [startNode(relation), endNode(relation)] AS entity
    RETURN entity, weight, false AS named, false AS exact
    UNION ALL
    UNWIND $names AS name
    OPTIONAL MATCH (same:Entity {workspace: $workspace, key: name.key}) USING INDEX same:Entity(workspace, key)
    CALL (name, same) {
      WHEN same IS NULL THEN {
        MATCH (entity:Entity) SEARCH entity IN (FULLTEXT INDEX entity_name FOR name.search LIMIT 1)
        RETURN entity
      }
      ELSE { RETURN same AS entity }
    }
    WITH entity, max(same IS NOT NULL) AS exact
    RETURN entity, $rank.name_weight AS weight, true AS named, exact
  }
  WITH entity, sum(weight) / CASE WHEN entity.mention_count > 1 THEN entity.mention_count ELSE 1 END AS weight, max(named) AS named,
    max(exact) AS exact
  ORDER BY weight DESC, entity.id
  WITH collect({node: entity, weight: weight}) AS ranked, collect(CASE WHEN named THEN entity END) AS named,
    collect(CASE WHEN exact THEN entity END) AS asked
  // A name that many passages mention hardly leads anywhere, but who has asked for it is shown it.
  WITH named, asked, ranked[..$rank.seeds] AS found, [one IN ranked[$rank.seeds..] WHERE one.node IN asked] AS shown
  CALL (found) {
    // What is likely the same entity under another name counts as far as it is alike.
    UNWIND found AS at
    WITH at.node AS entity, at.weight AS weight, [seed IN found | seed.node] AS known
    MATCH (entity)-[similar:SIMILAR {status: 'open'}]-(other:Entity) WHERE NOT other IN known
    WITH other, max(weight * similar.score) AS weight ORDER BY weight DESC, other.id LIMIT $rank.seeds
    RETURN collect({node: other, weight: weight}) AS alias
  }
  RETURN found + alias AS seeds, named, asked, shown
}
WITH *, datetime.realtime() AS seeds_at
CALL (seeds) {
  UNWIND seeds AS at
  WITH at.node AS node, at.weight AS weight
  CALL (node, weight) {
    MATCH (node)-[:MENTIONS|RELATES]-(next)
    RETURN next, $rank.damping * weight / COUNT { (node)-[:MENTIONS|RELATES]-() } AS share LIMIT $rank.fan
  }
  WITH next, sum(share) AS weight ORDER BY weight DESC LIMIT $rank.frontier
  RETURN collect({node: next, weight: weight}) AS first
}
CALL (first) {
  UNWIND first AS at
  WITH at.node AS node, at.weight AS weight
  CALL (node, weight) {
    MATCH (node)-[:MENTIONS|RELATES]-(next)
    RETURN next, $rank.damping * weight / COUNT { (node)-[:MENTIONS|RELATES]-() } AS share LIMIT $rank.fan
  }
  WITH next, sum(share) AS weight ORDER BY weight DESC LIMIT $rank.frontier
  RETURN collect({node: next, weight: weight}) AS second
}
CALL (second) {
  UNWIND second AS at
  WITH at.node AS node, at.weight AS weight
  WHERE node:Entity
  CALL (node, weight) {
    MATCH (node)<-[:MENTIONS]-(next:Chunk)
    RETURN next, $rank.damping * weight / COUNT { (node)-[:MENTIONS|RELATES]-() } AS share LIMIT $rank.fan
  }
  WITH next, sum(share) AS weight
  RETURN collect({node: next, weight: weight}) AS third
}
WITH *, datetime.realtime() AS walk_at
CALL (seeds, asked, shown, first, second, allowed) {
  UNWIND seeds + first + second + shown AS at
  WITH at.node AS entity, at.weight AS weight
  WHERE entity:Entity AND ($filter.types IS NULL OR entity.type IN $filter.types)
    AND (allowed IS NULL OR EXISTS { (entity)<-[:MENTIONS]-(chunk:Chunk) WHERE chunk.document_id IN allowed })
  WITH entity, entity IN asked AS exact, sum(weight) AS score ORDER BY exact DESC, score DESC, entity.id LIMIT $top_k
  RETURN collect({entity: entity, score: score}) AS walked, collect(entity) AS entities
}
CALL (first, second, third, dense, lexical, allowed) {
  CALL (allowed, first, second, third, dense, lexical) {
    UNWIND first + second + third AS at
    WITH at.node AS chunk, at.weight AS part
    WHERE chunk:Chunk AND (allowed IS NULL OR chunk.document_id IN allowed)
      AND ($filter.types IS NULL OR EXISTS { (chunk)-[:MENTIONS]->(entity:Entity) WHERE entity.type IN $filter.types })
    RETURN chunk, part, null AS dense_rank, null AS lexical_rank
    UNION ALL
    WITH dense, dense[0].score AS best, dense[size(dense) - 1].score AS last
    UNWIND range(0, size(dense) - 1) AS at
    RETURN dense[at].chunk AS chunk, $rank.passage_weight * (dense[at].score - last) / (best - last + 1e-9) AS part,
      at + 1 AS dense_rank, null AS lexical_rank
    UNION ALL
    WITH lexical, lexical[0].score AS best, lexical[size(lexical) - 1].score AS last
    UNWIND range(0, size(lexical) - 1) AS at
    RETURN lexical[at].chunk AS chunk, $rank.passage_weight * (lexical[at].score - last) / (best - last + 1e-9) AS part,
      null AS dense_rank, at + 1 AS lexical_rank
  }
  WITH chunk, sum(part) AS score, max(dense_rank) AS dense_rank, max(lexical_rank) AS lexical_rank
  ORDER BY score DESC, chunk.id LIMIT $chunk_top_k
  RETURN collect({chunk: chunk, score: score, dense: dense_rank, lexical: lexical_rank}) AS chosen
}
WITH *, datetime.realtime() AS chosen_at
RETURN
  COLLECT {
    UNWIND chosen AS hit
    WITH hit, hit.chunk AS chunk
    MATCH (document:Document)-[:HAS_CHUNK]->(chunk)
    RETURN {id: chunk.id, document_id: document.id, source: document.source, title: document.title, text: chunk.text,
      page: chunk.page, page_starts: coalesce(chunk.page_starts, []), section: chunk.section,
      start: chunk.start, end: chunk.end, tokens: chunk.tokens, score: hit.score,
      dense: hit.dense, lexical: hit.lexical,
      via: COLLECT { MATCH (chunk)-[:MENTIONS]->(entity) WHERE entity IN entities RETURN entity.id }}
  } AS passages,
  COLLECT {
    UNWIND walked AS hit
    WITH hit, hit.entity AS entity
    RETURN {id: entity.id, name: entity.name, type: entity.type, description: entity.description, score: hit.score,
      created_at: entity.created_at.epochMillis, named: entity IN named, near: false,
      evidence: COLLECT {
        MATCH (entity)<-[:MENTIONS]-(chunk:Chunk)<-[:HAS_CHUNK]-(document:Document)
        WHERE allowed IS NULL OR chunk.document_id IN allowed
        RETURN {chunk_id: chunk.id, source: document.source} LIMIT $rank.evidence
      }}
  } AS entities,
  COLLECT {
    UNWIND facts[..$top_k] AS fact
    WITH fact, fact.relation AS relation
    RETURN {id: relation.id, source: startNode(relation).name, target: endNode(relation).name, keywords: relation.keywords,
      description: relation.description, weight: relation.weight, score: fact.score, created_at: relation.created_at.epochMillis,
      evidence: COLLECT {
        MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->()
          USING INDEX statement:STATES(relation_id)
        MATCH (chunk)<-[:HAS_CHUNK]-(document:Document)
        WHERE allowed IS NULL OR chunk.document_id IN allowed
        RETURN {chunk_id: chunk.id, source: document.source} LIMIT $rank.evidence
      }}
  } AS relations,
  [part IN [['facts', begun, facts_at], ['passages_by_vector', facts_at, dense_at], ['passages_by_word', dense_at, lexical_at],
    ['names', lexical_at, seeds_at], ['walk', seeds_at, walk_at], ['choice', walk_at, chosen_at]] |
    {name: part[0], microseconds: duration.inSeconds(part[1], part[2]).microseconds}] AS parts
