// Documents of a workspace in any order, after a cursor: each has a word and a number to be sorted by, and its id last.
// mode: read
// params: workspace STRING, statuses LIST<STRING>?, types LIST<STRING>?, ids LIST<STRING>?, search STRING?, created_after DATETIME?, created_before DATETIME?, metadata LIST<MAP>?, field STRING, descending BOOLEAN, after_word STRING?, after_number INTEGER?, after_id STRING?, skip INTEGER, limit INTEGER
// returns: id, workspace, title, source, media_type, status, step, error, attempts, revision, characters, chunk_count, created_at, updated_at, track_id, bytes, expires_at, summary, metadata, word, number
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL
  AND ($statuses IS NULL OR document.status IN $statuses)
  AND ($types IS NULL OR document.media_type IN $types)
  AND ($ids IS NULL OR document.id IN $ids)
  AND ($search IS NULL OR toLower(document.title) CONTAINS toLower($search)
    OR toLower(document.source) CONTAINS toLower($search))
  AND ($created_after IS NULL OR document.created_at > $created_after)
  AND ($created_before IS NULL OR document.created_at < $created_before)
  AND ($metadata IS NULL OR all(pair IN $metadata WHERE document[pair.key] = pair.value))
WITH document,
  coalesce(CASE $field
    WHEN 'title' THEN toLower(document.title)
    WHEN 'source' THEN toLower(document.source)
    WHEN 'media_type' THEN document.media_type
    WHEN 'status' THEN document.status
    WHEN 'id' THEN document.id
  END, '') AS word,
  coalesce(CASE $field
    WHEN 'created_at' THEN document.created_at.epochMillis
    WHEN 'updated_at' THEN document.updated_at.epochMillis
    WHEN 'expires_at' THEN document.expires_at.epochMillis
    WHEN 'characters' THEN document.characters
    WHEN 'chunk_count' THEN document.chunk_count
    WHEN 'bytes' THEN document.bytes
    WHEN 'attempts' THEN document.attempts
  END, 0) AS number
WHERE $after_id IS NULL OR CASE
  WHEN word <> $after_word THEN (word < $after_word) = $descending
  WHEN number <> $after_number THEN (number < $after_number) = $descending
  ELSE document.id > $after_id
END
WITH document, word, number
ORDER BY CASE WHEN $descending THEN word END DESC, CASE WHEN $descending THEN number END DESC,
  CASE WHEN NOT $descending THEN word END, CASE WHEN NOT $descending THEN number END, document.id
SKIP $skip LIMIT $limit
RETURN document.id AS id, document.workspace AS workspace, document.title AS title, document.source AS source,
  document.media_type AS media_type, document.status AS status, document.step AS step, document.error AS error,
  document.attempts AS attempts, document.revision AS revision, document.characters AS characters,
  document.chunk_count AS chunk_count, document.created_at AS created_at, document.updated_at AS updated_at,
  document.track_id AS track_id, document.bytes AS bytes, document.expires_at AS expires_at, document.summary AS summary,
  [key IN keys(document) WHERE key STARTS WITH 'metadata_' | [substring(key, 9), document[key]]] AS metadata, word, number
ORDER BY CASE WHEN $descending THEN word END DESC, CASE WHEN $descending THEN number END DESC,
  CASE WHEN NOT $descending THEN word END, CASE WHEN NOT $descending THEN number END, id
