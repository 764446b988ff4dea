// Ends the indexing of documents that wait or are in work: of those with the given ids, or of all in the workspace.
// mode: write
// params: workspace STRING, ids LIST<STRING>?, reason STRING
// returns: id
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.status IN ['pending', 'processing'] AND ($ids IS NULL OR document.id IN $ids)
WITH document ORDER BY document.id
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document WHERE document.workspace = $workspace AND document.status IN ['pending', 'processing']
SET document.status = 'failed', document.error = $reason, document.step = null, document.updated_at = datetime()
REMOVE document.lease_owner, document.lease_token, document.lease_until
RETURN document.id AS id
