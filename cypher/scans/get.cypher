// A scan of the input folder; one that has not been heard of for a while was abandoned.
// mode: read
// params: workspace STRING, id STRING, seconds INTEGER
// returns: id, status, message, created_at, updated_at, version, found, queued, unchanged, refused, queued_files, refused_files
CYPHER 25
MATCH (:Workspace {name: $workspace})-[:RAN]->(job:Job {id: $id, kind: 'scan'})
RETURN job.id AS id,
  CASE WHEN job.status = 'running' AND job.updated_at < datetime.realtime() - duration({seconds: $seconds})
    THEN 'abandoned' ELSE job.status END AS status,
  job.message AS message, job.created_at AS created_at, job.updated_at AS updated_at, job.version AS version,
  job.found AS found, job.queued AS queued, job.unchanged AS unchanged, job.refused AS refused,
  job.queued_files AS queued_files, job.refused_files AS refused_files
