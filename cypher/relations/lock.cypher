// Locks relations in order of id, and tells which are there.
// mode: write
// params: workspace STRING, ids LIST<STRING>
// returns: id
CYPHER 25
UNWIND $ids AS id
MATCH ()-[relation:RELATES {id: id}]->()
  USING INDEX relation:RELATES(id)
WHERE relation.workspace = $workspace
SET relation.lock = true
REMOVE relation.lock  // the lock itself holds until the transaction ends
WITH relation WHERE relation.workspace = $workspace  // not one that was deleted while this waited
RETURN relation.id AS id
