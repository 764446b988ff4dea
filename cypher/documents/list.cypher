// Documents of a workspace, newest first, after a cursor.
// mode: read
// params: workspace STRING, statuses LIST<STRING>?, types LIST<STRING>?, ids LIST<STRING>?, search STRING?, created_after DATETIME?, created_before DATETIME?, metadata LIST<MAP>?, after_time DATETIME?, after_id STRING?, limit INTEGER
// returns: id, workspace, title, source, media_type, status, step, error, attempts, revision, characters, chunk_count, created_at, updated_at, track_id, bytes, expires_at, summary, metadata
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
  AND ($after_time IS NULL OR document.created_at < $after_time
    OR (document.created_at = $after_time AND document.id > $after_id))
// The workspace, though always the same, makes the order that of the index: nothing is sorted but equal times.
WITH document ORDER BY document.workspace DESC, document.created_at DESC, document.id LIMIT $limit
WITH document, [key IN keys(document) WHERE key STARTS WITH 'metadata_' | [substring(key, 9), document[key]]] AS metadata
WITH document {.id, .workspace, .title, .source, .media_type, .status, .step, .error, .attempts, .revision, .characters,
  .chunk_count, .created_at, .track_id, .bytes, .expires_at, .summary, .updated_at} AS document, metadata
WHERE document.updated_at IS NOT NULL  // it is read last, and missing where the document has been deleted meanwhile
RETURN document.id AS id, document.workspace AS workspace, document.title AS title, document.source AS source,
  document.media_type AS media_type, document.status AS status, document.step AS step, document.error AS error,
  document.attempts AS attempts, document.revision AS revision, document.characters AS characters,
  document.chunk_count AS chunk_count, document.created_at AS created_at, document.updated_at AS updated_at,
  document.track_id AS track_id, document.bytes AS bytes, document.expires_at AS expires_at, document.summary AS summary,
  metadata
ORDER BY created_at DESC, id
