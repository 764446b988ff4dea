// Deletes an entity with its mentions and its other names; its relations must be gone already.
// mode: write
// params: id STRING
// returns: nothing
CYPHER 25
MATCH (entity:Entity {id: $id})
CALL (entity) {
  MATCH (entity)<-[:ALIAS_OF]-+(alias:Alias)
  WITH collect(DISTINCT alias) AS aliases
  UNWIND aliases AS alias
  DETACH DELETE alias
}
DETACH DELETE entity
