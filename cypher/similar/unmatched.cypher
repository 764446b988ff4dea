// Entities whose names have not been compared with others yet, after a key.
// mode: read
// params: workspace STRING, after STRING, limit INTEGER
// returns: id, key, name, mention_count, touched
CYPHER 25
MATCH (entity:Entity)
  USING INDEX SEEK entity:Entity(workspace, key)
WHERE entity.workspace = $workspace AND entity.key > $after AND entity.matched IS NULL
WITH entity ORDER BY entity.key LIMIT $limit
RETURN entity.id AS id, entity.key AS key, entity.name AS name, entity.mention_count AS mention_count,
  entity.manual IS NOT NULL OR entity.edited_at IS NOT NULL AS touched
ORDER BY key
