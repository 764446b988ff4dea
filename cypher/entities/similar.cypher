// The entities whose names and descriptions are nearest in meaning to those of others, nearest first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, score, entity
CYPHER 25
UNWIND $ids AS id
MATCH (one:Entity {id: id, workspace: $workspace}) WHERE one.embedding IS NOT NULL
CALL (one) {
  MATCH (entity:Entity)
    SEARCH entity IN (VECTOR INDEX entity_embedding FOR one.embedding WHERE entity.workspace = $workspace LIMIT $limit + 1)
    SCORE AS score
  WITH entity, score WHERE entity <> one
  RETURN entity, 2 * score - 1 AS score ORDER BY score DESC, entity.id LIMIT $limit
}
RETURN id AS owner, score, entity {.id, .name, .type, .description, .aliases, .mention_count} AS entity
