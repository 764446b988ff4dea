// Sets what extraction looks for in a workspace.
// mode: write
// params: workspace STRING, scope STRING, entity_types LIST<STRING>, relation_types LIST<STRING>
// returns: nothing
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
SET tenant.entity_types = $entity_types, tenant.relation_types = $relation_types
