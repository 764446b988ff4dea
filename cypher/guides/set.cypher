// Sets what extraction looks for in a workspace.
// mode: write
// params: workspace STRING, scope STRING, guide MAP
// returns: nothing
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
SET tenant += $guide
