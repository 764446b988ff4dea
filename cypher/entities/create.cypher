// Creates an entity that no document needs to mention; where its key is taken, it is only locked.
// mode: write
// params: workspace STRING, scope STRING, id STRING, key STRING, name STRING
// returns: created
CYPHER 25
MERGE (entity:Entity {workspace: $workspace, key: $key})
  ON CREATE SET entity.id = $id, entity.scope = $scope, entity.name = $name, entity.created_at = datetime(),
    entity.description = '', entity.aliases = [], entity.mention_count = 0, entity.manual = true,
    entity.made_name = $name
  ON MATCH SET entity.lock = true
WITH entity, entity.lock IS NULL AS created
REMOVE entity.lock
RETURN created
