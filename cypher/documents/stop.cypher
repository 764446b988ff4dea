// Ends the indexing of all documents of a workspace that wait or are in work: they are failed, and can be tried again.
// mode: write
// params: workspace STRING, reason STRING
// returns: id
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.status IN ['pending', 'processing']
WITH document ORDER BY document.id
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document WHERE document.status IN ['pending', 'processing']
SET document.status = 'failed', document.error = $reason, document.step = null, document.updated_at = datetime()
REMOVE document.lease_owner, document.lease_token, document.lease_until
RETURN document.id AS id
