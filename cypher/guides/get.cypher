// What extraction looks for in a workspace: types of entities and of relations, each with its meaning after a colon.
// mode: read
// params: workspace STRING
// returns: entity_types, relation_types
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
RETURN coalesce(tenant.entity_types, []) AS entity_types, coalesce(tenant.relation_types, []) AS relation_types
