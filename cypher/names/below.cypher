// Another name of an entity, and the keys of all that was merged into it before it became one: its own comes along.
// mode: read
// params: workspace STRING, key STRING
// returns: id, entity_id, origin, keys
CYPHER 25
MATCH (alias:Alias {workspace: $workspace, key: $key})-[:ALIAS_OF]->+(entity:Entity)
RETURN alias.id AS id, entity.id AS entity_id, alias.origin AS origin,
  COLLECT { MATCH (alias)<-[:ALIAS_OF]-*(below:Alias) RETURN DISTINCT below.key ORDER BY below.key } AS keys
