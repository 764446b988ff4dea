// Entities of a workspace in the order of their keys, which are their names in lower case, after one.
// mode: read
// params: workspace STRING, types LIST<STRING>?, least INTEGER, after_key STRING, limit INTEGER
// returns: key, entity
CYPHER 25
MATCH (entity:Entity)
  USING INDEX entity:Entity(workspace, key)
WHERE entity.workspace = $workspace AND entity.key > $after_key
  AND ($types IS NULL OR entity.type IN $types) AND entity.mention_count >= $least
WITH entity ORDER BY entity.workspace, entity.key LIMIT $limit
RETURN entity.key AS key, entity {.id, .name, .type, .description, .aliases, .mention_count} AS entity
ORDER BY key
