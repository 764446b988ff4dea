// Entities whose names may mean the same, the surest first, after a cursor.
// mode: read
// params: workspace STRING, after_score FLOAT, after_id STRING, limit INTEGER
// returns: id, score, reason, first, second
CYPHER 25
MATCH (one:Entity)-[similar:SIMILAR]->(two:Entity)
  USING INDEX similar:SIMILAR(workspace, status, score)
WHERE similar.workspace = $workspace AND similar.status = 'open' AND similar.score <= $after_score
  AND (similar.score < $after_score OR similar.id > $after_id)
WITH one, two, similar ORDER BY similar.score DESC, similar.id LIMIT $limit
RETURN similar.id AS id, similar.score AS score, similar.reason AS reason,
  one {.id, .name, .type, .description, .aliases, .mention_count} AS first,
  two {.id, .name, .type, .description, .aliases, .mention_count} AS second
ORDER BY score DESC, id
