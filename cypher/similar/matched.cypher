// Notes that the names of entities have been compared with all others.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id})
SET entity.matched = true
