// Makes sure that entities exist, and locks them in order of id.
// mode: write
// params: workspace STRING, scope STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MERGE (entity:Entity {workspace: $workspace, key: row.key})
  ON CREATE SET entity.id = row.id, entity.scope = $scope, entity.name = row.name, entity.created_at = datetime(),
    entity.description = '', entity.aliases = [], entity.mention_count = 0
  ON MATCH SET entity.lock = true
