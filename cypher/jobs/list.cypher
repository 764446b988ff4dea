// Runs of the pipeline of a workspace, the newest first, after a cursor.
// mode: read
// params: workspace STRING, after_time DATETIME?, after_id STRING?, limit INTEGER
// returns: id, status, started_at, finished_at, indexed, failed, cancelled, messages
CYPHER 25
MATCH (job:Job {workspace: $workspace})
WHERE job.started_at IS NOT NULL AND ($after_time IS NULL OR job.started_at < $after_time
  OR (job.started_at = $after_time AND job.id > $after_id))
WITH job ORDER BY job.workspace DESC, job.started_at DESC, job.id LIMIT $limit
RETURN job.id AS id, job.status AS status, job.started_at AS started_at, job.finished_at AS finished_at,
  job.indexed AS indexed, job.failed AS failed, job.cancelled AS cancelled, job.messages AS messages
ORDER BY started_at DESC, id
