// Past questions of a workspace, newest first, after a cursor.
// mode: read
// params: workspace STRING, after_time DATETIME?, after_id STRING?, limit INTEGER
// returns: id, text, mode, answer, generated, created_at, milliseconds, rating
CYPHER 25
MATCH (query:Query {workspace: $workspace})
WHERE query.created_at IS NOT NULL AND ($after_time IS NULL OR query.created_at < $after_time
  OR (query.created_at = $after_time AND query.id > $after_id))
// The workspace, though always the same, makes the order that of the index: nothing is sorted but equal times.
WITH query ORDER BY query.workspace DESC, query.created_at DESC, query.id LIMIT $limit
RETURN query.id AS id, query.text AS text, query.mode AS mode, query.answer AS answer, query.generated AS generated,
  query.created_at AS created_at, query.milliseconds AS milliseconds, query.rating AS rating
ORDER BY created_at DESC, id
