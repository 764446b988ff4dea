// What a workspace holds: how many nodes of each kind, and how many entities of each type.
// mode: read
// params: workspace STRING
// returns: kind, count
CYPHER 25
CALL () {
  UNWIND ['Document', 'Chunk', 'Query'] AS kind
  MATCH (node:$(kind) {workspace: $workspace})
  RETURN kind, count(node) AS count
  UNION ALL
  MATCH (entity:Entity {workspace: $workspace})
  RETURN 'Entity: ' + entity.type AS kind, count(entity) AS count
  UNION ALL
  MATCH ()-[relation:RELATES {workspace: $workspace}]->()
  RETURN 'RELATES' AS kind, count(relation) AS count
}
RETURN kind, count ORDER BY kind
