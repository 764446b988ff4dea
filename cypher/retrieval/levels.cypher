// Entities first, relations first, or both: what speaks to a question on these levels, and the passages that say so, in one
// round trip.
// mode: read
// params: workspace STRING, vector VECTOR, names LIST<MAP>, entities_first BOOLEAN, relations_first BOOLEAN, facts INTEGER, top_k INTEGER, chunk_top_k INTEGER, filter MAP, rank MAP
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
  WHEN NOT $entities_first OR few THEN { RETURN [] AS near }
  ELSE {
    CALL () {
      WHEN $filter.types IS NULL THEN {
        MATCH (entity:Entity)
          SEARCH entity IN (VECTOR INDEX entity_embedding FOR $vector WHERE entity.workspace = $workspace
            LIMIT CASE WHEN $filter IS NULL THEN $facts ELSE $facts * $rank.widening END) SCORE AS score
        RETURN entity, score
      }
      ELSE {
        MATCH (entity:Entity)
          SEARCH entity IN (VECTOR INDEX entity_embedding FOR $vector
            WHERE entity.workspace = $workspace AND entity.type IN $filter.types LIMIT $facts * $rank.widening) SCORE AS score
        RETURN entity, score
      }
    }
    WITH entity, 2 * score - 1 AS score
    WHERE allowed IS NULL OR EXISTS { (entity)<-[:MENTIONS]-(chunk:Chunk) WHERE chunk.document_id IN allowed }
    WITH entity, score ORDER BY score DESC, entity.id LIMIT $facts
    RETURN collect({entity: entity, score: score}) AS near
  }
}
CALL (allowed, near) {
  // What a filter lets through is compared one by one where it is few, or where not enough of it is near.
  WHEN NOT $entities_first OR allowed IS NULL OR size(near) >= $facts THEN { RETURN near AS alike }
  ELSE {
    MATCH (chunk:Chunk)-[:MENTIONS]->(entity:Entity)
      USING INDEX chunk:Chunk(document_id)
    WHERE chunk.document_id IN allowed AND ($filter.types IS NULL OR entity.type IN $filter.types)
    WITH DISTINCT entity
    WITH entity, 2 * vector.similarity.cosine(entity.embedding, $vector) - 1 AS score WHERE score IS NOT NULL
    ORDER BY score DESC, entity.id LIMIT $facts
    RETURN collect({entity: entity, score: score}) AS alike
  }
}
WITH *, datetime.realtime() AS alike_at
CALL (allowed, few) {
  WHEN NOT $relations_first OR few THEN { RETURN [] AS nearest }
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
    RETURN collect({relation: relation, score: score}) AS nearest
  }
}
CALL (allowed, nearest) {
  WHEN NOT $relations_first OR $filter IS NULL OR size(nearest) >= $facts THEN { RETURN nearest AS facts }
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
CALL (alike, facts) {
  CALL (alike, facts) {
    WITH alike[..$rank.facts] AS near, alike[0].score AS best
    WITH near, best, near[-1].score AS last
    UNWIND near AS hit
    RETURN hit.entity AS entity, exp((hit.score - best) / ($rank.temperature * (best - last) + 1e-9)) AS weight, false AS named, false AS exact
    UNION ALL
    WITH facts[..$rank.facts] AS near, facts[0].score AS best
    WITH near, best, near[-1].score AS last
    UNWIND near AS hit
    WITH hit.relation AS relation, exp((hit.score - best) / ($rank.temperature * (best - last) + 1e-9)) AS weight
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
CALL (seeds, facts, allowed) {
  CALL (seeds, facts) {
    UNWIND facts AS fact
    RETURN fact.relation AS relation, fact.score AS score
    UNION
    UNWIND CASE WHEN $entities_first THEN seeds ELSE [] END AS seed
    WITH seed.node AS entity
    CALL (entity) {
      // Of a hub, the index brings the relations that are nearest to the question; all of them would be too many to look at.
      WHEN COUNT { (entity)-[:RELATES]-() } > $rank.fan THEN {
        MATCH ()-[relation:RELATES]->()
          SEARCH relation IN (VECTOR INDEX relation_embedding FOR $vector
            WHERE relation.workspace = $workspace AND relation.source_id = entity.id LIMIT $rank.hub)
          SCORE AS score
        RETURN relation, 2 * score - 1 AS score
        UNION
        MATCH ()-[relation:RELATES]->()
          SEARCH relation IN (VECTOR INDEX relation_embedding FOR $vector
            WHERE relation.workspace = $workspace AND relation.target_id = entity.id LIMIT $rank.hub)
          SCORE AS score
        RETURN relation, 2 * score - 1 AS score
      }
      ELSE {
        MATCH (entity)-[relation:RELATES]-()
        WHERE relation.embedding IS NOT NULL
        RETURN relation, 2 * vector.similarity.cosine(relation.embedding, $vector) - 1 AS score
      }
    }
    RETURN relation, score
  }
  WITH relation, max(score) AS score
  WITH relation, score
  WHERE ($filter.types IS NULL OR startNode(relation).type IN $filter.types OR endNode(relation).type IN $filter.types)
    AND (allowed IS NULL OR EXISTS {
      MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->()
        USING INDEX statement:STATES(relation_id)
      WHERE chunk.document_id IN allowed
    })
  WITH relation, score ORDER BY score DESC, relation.id LIMIT $top_k
  RETURN collect({relation: relation, score: score}) AS told
}
WITH *, datetime.realtime() AS told_at
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
  WHERE node:Entity
  CALL (node, weight) {
    MATCH (node)<-[:MENTIONS]-(next:Chunk)
    RETURN next, $rank.damping * weight / COUNT { (node)-[:MENTIONS|RELATES]-() } AS share LIMIT $rank.fan
  }
  WITH next, sum(share) AS weight
  RETURN collect({node: next, weight: weight}) AS second
}
WITH *, datetime.realtime() AS walk_at
CALL (seeds, asked, shown, first, allowed) {
  UNWIND seeds + first + shown AS at
  WITH at.node AS entity, at.weight AS weight
  WHERE entity:Entity AND ($filter.types IS NULL OR entity.type IN $filter.types)
    AND (allowed IS NULL OR EXISTS { (entity)<-[:MENTIONS]-(chunk:Chunk) WHERE chunk.document_id IN allowed })
  WITH entity, entity IN asked AS exact, sum(weight) AS score ORDER BY exact DESC, score DESC, entity.id LIMIT $top_k
  RETURN collect({entity: entity, score: score}) AS walked, collect(entity) AS entities
}
CALL (first, second, allowed) {
  UNWIND first + second AS at
  WITH at.node AS chunk, at.weight AS weight
  WHERE chunk:Chunk AND (allowed IS NULL OR chunk.document_id IN allowed)
      AND ($filter.types IS NULL OR EXISTS { (chunk)-[:MENTIONS]->(entity:Entity) WHERE entity.type IN $filter.types })
  WITH chunk, sum(weight) AS weight ORDER BY weight DESC, chunk.id LIMIT $rank.frontier
  WITH chunk, weight + $rank.passage_weight * coalesce(2 * vector.similarity.cosine(chunk.embedding, $vector) - 1, 0) AS score
  ORDER BY score DESC, chunk.id LIMIT $chunk_top_k
  RETURN collect({chunk: chunk, score: score}) AS chosen
}
WITH *, datetime.realtime() AS chosen_at
RETURN
  COLLECT {
    UNWIND chosen AS hit
    WITH hit, hit.chunk AS chunk
    MATCH (document:Document)-[:HAS_CHUNK]->(chunk)
    RETURN {id: chunk.id, document_id: document.id, source: document.source, title: document.title, text: chunk.text,
      page: chunk.page, page_starts: coalesce(chunk.page_starts, []), section: chunk.section, start: chunk.start, end: chunk.end, tokens: chunk.tokens, score: hit.score,
      dense: null, lexical: null,
      via: COLLECT { MATCH (chunk)-[:MENTIONS]->(entity) WHERE entity IN entities RETURN entity.id }}
  } AS passages,
  COLLECT {
    UNWIND walked AS hit
    WITH hit, hit.entity AS entity
    RETURN {id: entity.id, name: entity.name, type: entity.type, description: entity.description, score: hit.score,
      created_at: entity.created_at.epochMillis, named: entity IN named, near: entity IN [hit IN alike | hit.entity],
      evidence: COLLECT {
        MATCH (entity)<-[:MENTIONS]-(chunk:Chunk)<-[:HAS_CHUNK]-(document:Document)
        WHERE allowed IS NULL OR chunk.document_id IN allowed
        RETURN {chunk_id: chunk.id, source: document.source} LIMIT $rank.evidence
      }}
  } AS entities,
  COLLECT {
    UNWIND told AS fact
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
  [part IN [['entities', begun, alike_at], ['facts', alike_at, facts_at], ['names', facts_at, seeds_at],
    ['relations', seeds_at, told_at], ['walk', told_at, walk_at], ['choice', walk_at, chosen_at]] |
    {name: part[0], microseconds: duration.inSeconds(part[1], part[2]).microseconds}] AS parts
