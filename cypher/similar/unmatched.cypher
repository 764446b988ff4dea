// Entities whose names have not been compared with others yet, oldest ids first.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: id, key, name, mention_count, touched
CYPHER 25
MATCH (entity:Entity)
  USING INDEX SEEK entity:Entity(unmatched, workspace)
WHERE entity.unmatched = true AND entity.workspace = $workspace
RETURN entity.id AS id, entity.key AS key, entity.name AS name, entity.mention_count AS mention_count,
  entity.manual IS NOT NULL OR entity.edited_at IS NOT NULL AS touched
ORDER BY id LIMIT $limit
