// Lets more types into a workspace, in the order given, as far as there is room.
// mode: write
// params: workspace STRING, scope STRING, types LIST<STRING>, most INTEGER
// returns: nothing
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
SET tenant.lock = true
REMOVE tenant.lock  // the lock itself holds until the transaction ends
WITH tenant, coalesce(tenant.types, []) AS types
SET tenant.types = (types + [type IN $types WHERE NOT type IN types])[..$most]
