// The names of all entities of a workspace, in alphabetical order.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: name
CYPHER 25
MATCH (entity:Entity {workspace: $workspace}) WHERE entity.mention_count >= 0
RETURN entity.name AS name ORDER BY name LIMIT $limit
