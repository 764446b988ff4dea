// Sets what a person says of relations, which goes before what documents state; null takes it back.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH ()-[relation:RELATES {id: row.id}]->()
  USING INDEX relation:RELATES(id)
SET relation += row.edits
SET relation.edited_at =
  CASE WHEN coalesce(relation.edited_description, relation.edited_keywords, toString(relation.edited_weight)) IS NULL THEN null
    ELSE datetime() END
