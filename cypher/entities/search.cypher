// Entities by their names and spellings, best first, after a cursor; `words` is confined to the workspace.
// mode: read
// params: workspace STRING, words STRING, types LIST<STRING>?, least INTEGER, after_score FLOAT?, after_id STRING, depth INTEGER, limit INTEGER
// returns: score, entity
CYPHER 25
MATCH (entity:Entity) SEARCH entity IN (FULLTEXT INDEX entity_name FOR $words LIMIT $depth) SCORE AS score
WITH entity, score
WHERE entity.workspace = $workspace AND ($types IS NULL OR entity.type IN $types) AND entity.mention_count >= $least
  AND ($after_score IS NULL OR score < $after_score OR (score = $after_score AND entity.id > $after_id))
WITH entity, score ORDER BY score DESC, entity.id LIMIT $limit
RETURN score, entity {.id, .name, .type, .description, .aliases, .mention_count} AS entity
ORDER BY score DESC, entity.id
