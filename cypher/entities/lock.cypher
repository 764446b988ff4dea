// Locks entities in order of id, and tells what they are and what of that a person has set.
// mode: write
// params: workspace STRING, ids LIST<STRING>
// returns: id, key, name, type, description, manual, edited_name, edited_type, edited_description
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id, workspace: $workspace})
SET entity.lock = true
REMOVE entity.lock  // the lock itself holds until the transaction ends
WITH entity WHERE entity.workspace = $workspace  // not one that was deleted while this waited
RETURN entity.id AS id, entity.key AS key, entity.name AS name, coalesce(entity.type, 'Other') AS type,
  entity.description AS description, coalesce(entity.manual, false) AS manual, entity.edited_name AS edited_name,
  entity.edited_type AS edited_type, entity.edited_description AS edited_description
