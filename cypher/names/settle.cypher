// Ends a transaction that relied on what names mean, or changed it: the lock on the workspace, which is the last that is
// taken, holds until the commit. Tells the version before, and which keys have become entities of their own meanwhile.
// mode: write
// params: workspace STRING, scope STRING, keys LIST<STRING>, renamed BOOLEAN, edited BOOLEAN
// returns: version, taken
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
SET tenant.lock = true
REMOVE tenant.lock
WITH tenant, coalesce(tenant.names_version, 0) AS version
CALL (tenant, version) {
  WITH tenant, version WHERE $renamed
  SET tenant.names_version = version + 1
}
CALL (tenant) {
  WITH tenant WHERE $edited
  SET tenant.content_version = tenant.content_version + 1
}
RETURN version,
  COLLECT { UNWIND $keys AS key MATCH (entity:Entity {workspace: $workspace, key: key}) RETURN entity.key } AS taken
