// The relations of entities that are nearest to a text, best first: from the vector index, so that hubs are not expanded.
// mode: read
// params: workspace STRING, ids LIST<STRING>, vector VECTOR, limit INTEGER
// returns: owner, relation
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH ()-[relation:RELATES]->()
    SEARCH relation IN (VECTOR INDEX relation_embedding FOR $vector
      WHERE relation.workspace = $workspace AND relation.source_id = id LIMIT $limit) SCORE AS score
  RETURN relation, score
  UNION
  MATCH ()-[relation:RELATES]->()
    SEARCH relation IN (VECTOR INDEX relation_embedding FOR $vector
      WHERE relation.workspace = $workspace AND relation.target_id = id LIMIT $limit) SCORE AS score
  RETURN relation, score
}
WITH id, relation, score ORDER BY score DESC, relation.id
WITH id, collect(relation)[..$limit] AS best
UNWIND best AS relation
RETURN id AS owner,
  relation {.id, .source_id, .target_id, .keywords, .description, .weight, .evidence_count} AS relation
