// Deletes all that states relations.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH ()-[statement:STATES {relation_id: id}]->()
  USING INDEX statement:STATES(relation_id)
DELETE statement
