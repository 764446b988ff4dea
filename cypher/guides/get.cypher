// What extraction looks for in a workspace: types of entities and of relations, each with its meaning after a colon, and
// which types a relation connects.
// mode: read
// params: workspace STRING
// returns: entity_types, relation_types, patterns, others
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
RETURN coalesce(tenant.entity_types, []) AS entity_types, coalesce(tenant.relation_types, []) AS relation_types,
  coalesce(tenant.relation_patterns, []) AS patterns, coalesce(tenant.other_types, false) AS others
