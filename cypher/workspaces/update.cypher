// Says how the documents of a workspace are cut from now on; the workspace is made if there is none.
// mode: write
// params: workspace STRING, scope STRING, chunking MAP
// returns: name
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
SET tenant += $chunking
RETURN tenant.name AS name
