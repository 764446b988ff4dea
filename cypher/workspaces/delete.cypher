// Deletes a workspace in which nothing is left.
// mode: write
// params: workspace STRING
// returns: name
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
  USING INDEX tenant:Workspace(name)
WITH tenant
WHERE NOT EXISTS { (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL }
WITH tenant, tenant.name AS name
DETACH DELETE tenant
RETURN name
