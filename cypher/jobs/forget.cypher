// Forgets the runs of the pipeline, and the scans, of a workspace that has no documents any more: they name what is gone.
// mode: write
// params: workspace STRING
// returns: nothing
CYPHER 25
CALL () {
  MATCH (job:Job {workspace: $workspace})
    USING INDEX SEEK job:Job(workspace, started_at)
  WHERE job.started_at IS NOT NULL
  RETURN job
  UNION ALL
  MATCH (:Workspace {name: $workspace})-[:RAN]->(job:Job {kind: 'scan'})
  WHERE job.status <> 'running'
  RETURN job
}
WITH job
WHERE NOT EXISTS { (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL }
DETACH DELETE job
