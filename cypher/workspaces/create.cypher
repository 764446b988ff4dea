// Makes a workspace, unless there is one of this name.
// mode: write
// params: workspace STRING, scope STRING, chunking MAP
// returns: created
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0, tenant.new = true,
    tenant += $chunking
WITH tenant, tenant.new IS NOT NULL AS created
REMOVE tenant.new
RETURN created
