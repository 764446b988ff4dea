// Closes a workspace that is to be deleted: nothing is taken in any more.
// mode: write
// params: workspace STRING
// returns: name
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
SET tenant.deleting = true
RETURN tenant.name AS name
