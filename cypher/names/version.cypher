// How often the names of a workspace have changed what they mean (0: every name means the entity of its own key), and
// which types its entities may have.
// mode: read
// params: workspace STRING
// returns: version, types
CYPHER 25
MATCH (tenant:Workspace {name: $workspace})
RETURN coalesce(tenant.names_version, 0) AS version, coalesce(tenant.types, []) AS types
