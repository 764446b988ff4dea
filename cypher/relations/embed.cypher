// Gives relations the vector of what they state, unless they have changed since.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH ()-[relation:RELATES {id: row.id}]->()
  USING INDEX relation:RELATES(id)
SET relation.lock = true
WITH relation, row
CALL (relation, row) {
  WITH relation, row WHERE relation.description = row.description AND relation.keywords = row.keywords
  SET relation.embedding = toFloatList(row.embedding)
  REMOVE relation.stale
}
REMOVE relation.lock
