// Forgets the runs of the pipeline of a workspace that has no documents any more: they name what has been deleted.
// mode: write
// params: workspace STRING
// returns: nothing
CYPHER 25
MATCH (job:Job {workspace: $workspace})
  USING INDEX SEEK job:Job(workspace, started_at)
WHERE job.started_at IS NOT NULL
  AND NOT EXISTS { (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL }
DETACH DELETE job
