// What there is still to do in a workspace: documents by status, and vectors that are out of date.
// mode: read
// params: workspace STRING
// returns: pending, processing, processed, failed, stale, latest
CYPHER 25
// First what waits, then what is in work: a document that is claimed between the two is seen twice, never not at all.
CALL () {
  MATCH (document:Document {status: 'pending', workspace: $workspace})
  RETURN count(document) AS pending
}
CALL (pending) {
  MATCH (document:Document {status: 'processing', workspace: $workspace})
  RETURN count(document) AS processing
}
RETURN pending, processing,
  COUNT { (:Document {status: 'processed', workspace: $workspace}) } AS processed,
  COUNT { (:Document {status: 'failed', workspace: $workspace}) } AS failed,
  EXISTS { (:Entity {stale: true, workspace: $workspace}) }
    OR EXISTS { ()-[:RELATES {stale: true, workspace: $workspace}]->() } AS stale,
  head(COLLECT {
    MATCH (document:Document {status: 'processing', workspace: $workspace})
    RETURN document.step + ': ' + document.source ORDER BY document.updated_at DESC LIMIT 1
  }) AS latest
