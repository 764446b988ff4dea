// Gives an entity another name, under which it is found and mentioned from now on.
// mode: write
// params: workspace STRING, id STRING, entity_id STRING, key STRING, name STRING
// returns: nothing
CYPHER 25
MATCH (entity:Entity {id: $entity_id})
CREATE (:Alias {id: $id, workspace: $workspace, key: $key, name: $name, origin: 'rename', created_at: datetime()})
  -[:ALIAS_OF]->(entity)
