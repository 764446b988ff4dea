// Notes what has happened in the run of the pipeline that is under way, or begins one, which started so many milliseconds
// ago; ends it when nothing is left to do.
// mode: write
// params: workspace STRING, since INTEGER, messages LIST<STRING>, indexed INTEGER, failed INTEGER, cancelled INTEGER, most INTEGER, keep INTEGER
// returns: id
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
SET tenant.lock = true
REMOVE tenant.lock  // the lock itself holds until the transaction ends
WITH tenant
WHERE EXISTS { (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL }
MERGE (job:Job {workspace: $workspace, status: 'running', kind: 'pipeline'})
  ON CREATE SET job.id = 'job-' + replace(randomUUID(), '-', ''), job.started_at = datetime.realtime() - duration({milliseconds: $since}),
    job.indexed = 0, job.failed = 0, job.cancelled = 0, job.messages = []
SET job.messages = (job.messages + $messages)[-$most..], job.indexed = job.indexed + $indexed,
  job.failed = job.failed + $failed, job.cancelled = job.cancelled + $cancelled
WITH job
// First what waits, then what is in work: a document that is claimed between the two is seen twice, never not at all.
CALL () {
  RETURN EXISTS { (:Document {status: 'pending', workspace: $workspace}) } AS pending
}
CALL (pending) {
  RETURN EXISTS { (:Document {status: 'processing', workspace: $workspace}) } AS processing
}
WITH job WHERE NOT pending AND NOT processing
SET job.status = CASE WHEN job.cancelled > 0 THEN 'cancelled' ELSE 'finished' END, job.finished_at = datetime.realtime()
WITH job
CALL () {
  MATCH (old:Job {workspace: $workspace}) WHERE old.started_at IS NOT NULL
  WITH old ORDER BY old.started_at DESC SKIP $keep
  DETACH DELETE old
}
RETURN job.id AS id
