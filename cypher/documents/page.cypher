// One page of the documents of a workspace, in a chosen order.
// mode: read
// params: workspace STRING, statuses LIST<STRING>?, field STRING, descending BOOLEAN, skip INTEGER, limit INTEGER
// returns: id, title, source, media_type, status, step, error, attempts, revision, characters, chunk_count, created_at, updated_at, track_id, summary, metadata
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL AND ($statuses IS NULL OR document.status IN $statuses)
WITH document, CASE $field
  WHEN 'created_at' THEN document.created_at
  WHEN 'updated_at' THEN document.updated_at
  WHEN 'file_path' THEN document.source
  ELSE document.id END AS value
ORDER BY CASE WHEN $descending THEN value END DESC, CASE WHEN NOT $descending THEN value END, document.id
SKIP $skip LIMIT $limit
WITH collect(document) AS page
UNWIND page AS document
RETURN document.id AS id, document.title AS title, document.source AS source, document.media_type AS media_type,
  document.status AS status, document.step AS step, document.error AS error, document.attempts AS attempts,
  document.revision AS revision, document.characters AS characters, document.chunk_count AS chunk_count,
  document.created_at AS created_at, document.updated_at AS updated_at, document.track_id AS track_id,
  document.summary AS summary,
  [key IN keys(document) WHERE key STARTS WITH 'metadata_' | [substring(key, 9), toStringOrNull(document[key])]] AS metadata
