// Locks documents that are to be deleted because their retention date has passed, unless it was changed meanwhile.
// mode: write
// params: workspace STRING, ids LIST<STRING>
// returns: id
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id, workspace: $workspace})
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document WHERE document.workspace = $workspace AND document.expires_at < datetime.realtime()
RETURN document.id AS id
