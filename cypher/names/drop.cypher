// Deletes other names that stand for nothing any more; tells which.
// mode: write
// params: workspace STRING, keys LIST<STRING>
// returns: key
CYPHER 25
UNWIND $keys AS key
MATCH (alias:Alias {workspace: $workspace, key: key})
WHERE NOT EXISTS { (alias)-[:ALIAS_OF]->+(:Entity) }
WITH collect(alias) AS aliases, collect(key) AS keys
CALL (aliases) {
  UNWIND aliases AS alias
  DETACH DELETE alias
}
UNWIND keys AS key
RETURN key
