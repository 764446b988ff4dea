// Sets what a person says of entities, which goes before what documents say; null takes it back.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
SET entity += row.edits
SET entity.edited_at =
  CASE WHEN coalesce(entity.edited_name, entity.edited_type, entity.edited_description) IS NULL THEN null ELSE datetime() END
