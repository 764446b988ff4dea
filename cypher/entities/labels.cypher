// The types of the entities of a workspace with their counts, the largest first.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: name, count
CYPHER 25
MATCH (entity:Entity {workspace: $workspace}) WHERE entity.mention_count >= 0
WITH entity.type AS name, count(*) AS count
WHERE name IS NOT NULL
RETURN name, count ORDER BY count DESC, name LIMIT $limit
