// Queues failed documents again, and those with chunks that no model could extract: with the given ids, or all of the workspace.
// mode: write
// params: workspace STRING, ids LIST<STRING>?
// returns: id
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE (document.status = 'failed' OR (document.status = 'processed' AND document.failed_chunks > 0))
  AND ($ids IS NULL OR document.id IN $ids)
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document WHERE document.status = 'failed' OR (document.status = 'processed' AND document.failed_chunks > 0)
SET document.status = 'pending', document.error = null, document.step = null, document.attempts = 0,
  document.updated_at = datetime()
RETURN document.id AS id
