// Entities of a workspace, those that are mentioned most first, after a cursor.
// mode: read
// params: workspace STRING, types LIST<STRING>?, least INTEGER, after_count INTEGER, after_id STRING, limit INTEGER
// returns: id, name, type, description, aliases, mention_count
CYPHER 25
MATCH (entity:Entity {workspace: $workspace})
WHERE entity.mention_count <= $after_count
  AND CASE entity.mention_count WHEN $after_count THEN entity.id > $after_id ELSE true END
  AND ($types IS NULL OR entity.type IN $types) AND entity.mention_count >= $least
// The workspace, though always the same, makes the order that of the index: nothing is sorted but equal counts.
WITH entity ORDER BY entity.workspace DESC, entity.mention_count DESC, entity.id LIMIT $limit
RETURN entity.id AS id, entity.name AS name, entity.type AS type, entity.description AS description,
  entity.aliases AS aliases, entity.mention_count AS mention_count
ORDER BY mention_count DESC, id
