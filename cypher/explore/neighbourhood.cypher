// An entity with its strongest relations and the passages that state them: paste it into Neo4j Browser and look at the graph.
// mode: read
// params: workspace STRING, key STRING, limit INTEGER
// returns: entity, relation, neighbour, evidence
CYPHER 25
MATCH (entity:Entity {workspace: $workspace, key: $key})-[relation:RELATES]-(neighbour:Entity)
WITH entity, relation, neighbour ORDER BY relation.weight DESC, neighbour.key LIMIT $limit
RETURN entity, relation, neighbour,
  COLLECT { MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->() RETURN statement.description LIMIT 3 }
    AS evidence
