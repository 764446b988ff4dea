// What rests on chunks: the entities they mention and the relations they state.
// mode: read
// params: ids LIST<STRING>
// returns: entity_ids, relation_ids
CYPHER 25
UNWIND $ids AS id
MATCH (chunk:Chunk {id: id})
WITH collect(chunk) AS chunks
RETURN COLLECT { UNWIND chunks AS chunk MATCH (chunk)-[:MENTIONS]->(entity) RETURN DISTINCT entity.id ORDER BY entity.id }
    AS entity_ids,
  COLLECT {
    UNWIND chunks AS chunk MATCH (chunk)-[statement:STATES]->() WHERE statement.relation_id IS NOT NULL
    RETURN DISTINCT statement.relation_id ORDER BY statement.relation_id
  } AS relation_ids
