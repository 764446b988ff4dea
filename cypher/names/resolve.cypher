// Which entities the keys of other names stand for; keys that are no other name are left out.
// mode: read
// params: workspace STRING, keys LIST<STRING>
// returns: alias, key, id
CYPHER 25
UNWIND $keys AS alias_key
MATCH (alias:Alias {workspace: $workspace, key: alias_key})-[:ALIAS_OF]->+(entity:Entity)
RETURN alias_key AS alias, entity.key AS key, entity.id AS id
