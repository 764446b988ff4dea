// Gives entities the vector of what they are, unless they have changed since.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
SET entity.lock = true
WITH entity, row
CALL (entity, row) {
  WITH entity, row WHERE entity.description = row.description AND entity.name = row.name
  SET entity.embedding = toFloatList(row.embedding)
  REMOVE entity.stale
}
REMOVE entity.lock
