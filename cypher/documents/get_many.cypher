// Documents by id, or by the track id of the call that inserted them.
// mode: read
// params: workspace STRING, ids LIST<STRING>, track_id STRING?
// returns: id, workspace, title, source, media_type, status, step, error, attempts, revision, characters, chunk_count, created_at, updated_at, track_id, bytes, expires_at, summary, metadata
CYPHER 25
CALL () {
  UNWIND $ids AS id
  MATCH (document:Document {id: id, workspace: $workspace})
  RETURN document
  UNION
  MATCH (document:Document {track_id: $track_id, workspace: $workspace})
  RETURN document
}
RETURN document.id AS id, document.workspace AS workspace, document.title AS title, document.source AS source,
  document.media_type AS media_type, document.status AS status, document.step AS step, document.error AS error,
  document.attempts AS attempts, document.revision AS revision, document.characters AS characters,
  document.chunk_count AS chunk_count, document.created_at AS created_at, document.updated_at AS updated_at,
  document.track_id AS track_id, document.bytes AS bytes, document.expires_at AS expires_at, document.summary AS summary,
  [key IN keys(document) WHERE key STARTS WITH 'metadata_' | [substring(key, 9), document[key]]] AS metadata
ORDER BY created_at, id
