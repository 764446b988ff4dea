// All that chunks state of entities and others: the keys by which source and target were stated, and where they are now.
// Statements between two names of one entity, which are no relation, are among them.
// mode: read
// params: ids LIST<STRING>
// returns: statement, source_key, target_key, source_home, source_id, target_home, target_id
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id})
CALL (entity) {
  MATCH (entity)-[relation:RELATES]-(other:Entity)
  MATCH ()-[statement:STATES {relation_id: relation.id}]->(source:Entity)
    USING INDEX statement:STATES(relation_id)
  RETURN statement, source, CASE source WHEN entity THEN other ELSE entity END AS target
  UNION ALL
  MATCH (entity)<-[statement:STATES]-() WHERE statement.relation_id IS NULL
  RETURN statement, entity AS source, entity AS target
}
WITH DISTINCT statement, source, target
RETURN elementId(statement) AS statement, coalesce(statement.source_key, source.key) AS source_key,
  coalesce(statement.target_key, target.key) AS target_key, source.key AS source_home, source.id AS source_id,
  target.key AS target_home, target.id AS target_id
