// How many entities there are whose names have not been compared with others yet.
// mode: read
// params: workspace STRING
// returns: count
CYPHER 25
MATCH (entity:Entity)
  USING INDEX SEEK entity:Entity(workspace, key)
WHERE entity.workspace = $workspace AND entity.key >= '' AND entity.matched IS NULL
RETURN count(*) AS count
