// Names with a text in them, for completion: the same first, then those that begin with it, then the most mentioned.
// mode: read
// params: workspace STRING, part STRING, limit INTEGER
// returns: name
CYPHER 25
MATCH (entity:Entity {workspace: $workspace})
WHERE entity.key CONTAINS $part
RETURN entity.name AS name
ORDER BY entity.key = $part DESC, entity.key STARTS WITH $part DESC, entity.mention_count DESC, size(entity.key), entity.key
LIMIT $limit
