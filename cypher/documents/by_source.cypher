// The documents under some sources, as they are now.
// mode: read
// params: workspace STRING, sources LIST<STRING>
// returns: id, source, status, sha256, track_id
CYPHER 25
UNWIND $sources AS source
MATCH (document:Document {workspace: $workspace, source: source})
WHERE document.created_at IS NOT NULL
RETURN document.id AS id, document.source AS source, document.status AS status, document.sha256 AS sha256,
  document.track_id AS track_id
