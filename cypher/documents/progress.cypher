// How far documents are: those with the given ids, and those that calls with the given track ids inserted.
// mode: read
// params: workspace STRING, ids LIST<STRING>, track_ids LIST<STRING>
// returns: id, track_id, status, step
CYPHER 25
CALL () {
  UNWIND $ids AS id
  MATCH (document:Document {id: id, workspace: $workspace})
  RETURN document
  UNION
  UNWIND $track_ids AS track_id
  MATCH (document:Document {track_id: track_id, workspace: $workspace})
  RETURN document
}
RETURN document.id AS id, document.track_id AS track_id, document.status AS status, document.step AS step
ORDER BY id
