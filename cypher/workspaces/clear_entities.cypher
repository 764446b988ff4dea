// Deletes the entities of a workspace with their relations.
// mode: batched
// params: workspace STRING
// returns: count
CYPHER 25
MATCH (entity:Entity {workspace: $workspace})
WHERE entity.key IS NOT NULL
CALL (entity) {
  DETACH DELETE entity
} IN TRANSACTIONS OF 500 ROWS
RETURN count(*) AS count
