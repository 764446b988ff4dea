// Ends runs of the pipeline of which nothing is left to do, because the documents that waited have been deleted.
// mode: write
// params: none
// returns: id
CYPHER 25
MATCH (job:Job)
  USING INDEX SEEK job:Job(status, workspace)
WHERE job.status = 'running' AND job.workspace IS NOT NULL AND job.kind = 'pipeline'
  AND NOT EXISTS { (:Document {status: 'pending', workspace: job.workspace}) }
  AND NOT EXISTS { (:Document {status: 'processing', workspace: job.workspace}) }
SET job.status = 'finished', job.finished_at = datetime.realtime()
RETURN job.id AS id
