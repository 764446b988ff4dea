// Forgets the types of a workspace that has no documents any more: their place is free.
// mode: write
// params: workspace STRING
// returns: nothing
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
  USING INDEX tenant:Workspace(name)
WITH tenant
WHERE NOT EXISTS { (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL }
REMOVE tenant.types
