// Notes what entities are compared by with others of like names.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
SET entity.form = row.form, entity.initials = row.initials
