// Moves statements to the relations and entities that their names mean now; one without a relation id is no relation.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.entity_id})
CALL (row, entity) {
  MATCH (chunk)-[statement:STATES]->() WHERE elementId(statement) = row.statement
  CREATE (chunk)-[placed:STATES]->(entity)
  SET placed = properties(statement)
  SET placed.relation_id = row.relation_id, placed.source_key = row.source_key, placed.target_key = row.target_key
  DELETE statement
}
