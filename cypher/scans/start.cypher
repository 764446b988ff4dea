// Begins a scan of the input folder, unless one is running; forgets all but the newest scans.
// mode: write
// params: workspace STRING, scope STRING, id STRING, seconds INTEGER, kept INTEGER
// returns: id
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
SET tenant.lock = true
REMOVE tenant.lock  // the lock itself holds until the transaction ends
WITH tenant
WHERE NOT EXISTS {
  (tenant)-[:RAN]->(job:Job {kind: 'scan', status: 'running'})
  WHERE job.updated_at > datetime.realtime() - duration({seconds: $seconds})
}
CALL (tenant) {
  MATCH (tenant)-[:RAN]->(old:Job {kind: 'scan'})
  WITH old ORDER BY old.created_at DESC SKIP $kept
  DETACH DELETE old
}
CREATE (tenant)-[:RAN]->(job:Job {id: $id, workspace: $workspace, kind: 'scan', status: 'running', message: '',
  created_at: datetime.realtime(), updated_at: datetime.realtime(), version: 1,
  found: 0, queued: 0, unchanged: 0, refused: 0, queued_files: [], refused_files: []})
RETURN job.id AS id
