// Deletes relations; what states them stays.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH ()-[relation:RELATES {id: id}]->()
  USING INDEX relation:RELATES(id)
DELETE relation
