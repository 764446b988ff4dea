// Entities whose vector no longer says what they are.
// mode: read
// params: limit INTEGER
// returns: id, name, description
CYPHER 25
MATCH (entity:Entity)
  USING INDEX SEEK entity:Entity(stale, workspace)
WHERE entity.stale = true AND entity.workspace IS NOT NULL
RETURN entity.id AS id, entity.name AS name, entity.description AS description
LIMIT $limit
