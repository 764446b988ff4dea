// Locks documents that are to be deleted: a writer that is about to finish one of them comes before this or not at all.
// mode: write
// params: workspace STRING, ids LIST<STRING>
// returns: id
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id, workspace: $workspace})
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document WHERE document.workspace = $workspace  // not of one that was deleted while this waited
RETURN document.id AS id
