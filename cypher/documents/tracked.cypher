// The documents that one call inserted, with the beginnings of their texts.
// mode: read
// params: workspace STRING, track_id STRING, limit INTEGER
// returns: id, title, source, media_type, status, step, error, attempts, revision, characters, chunk_count, created_at, updated_at, track_id, summary, metadata
CYPHER 25
MATCH (document:Document {track_id: $track_id, workspace: $workspace})
  USING INDEX document:Document(track_id)
WITH document ORDER BY document.created_at, document.id LIMIT $limit
RETURN document.id AS id, document.title AS title, document.source AS source, document.media_type AS media_type,
  document.status AS status, document.step AS step, document.error AS error, document.attempts AS attempts,
  document.revision AS revision, document.characters AS characters, document.chunk_count AS chunk_count,
  document.created_at AS created_at, document.updated_at AS updated_at, document.track_id AS track_id,
  document.summary AS summary,
  [key IN keys(document) WHERE key STARTS WITH 'metadata_' | [substring(key, 9), toStringOrNull(document[key])]] AS metadata
ORDER BY created_at, id
