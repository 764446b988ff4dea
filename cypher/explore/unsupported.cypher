// What should never be there: entities that nothing mentions, relations that nothing states, chunks without a document.
// mode: read
// params: workspace STRING
// returns: problem, id
CYPHER 25
CALL () {
  MATCH (entity:Entity {workspace: $workspace}) WHERE NOT EXISTS { (entity)<-[:MENTIONS]-() }
  RETURN 'entity without a mention' AS problem, entity.id AS id
  UNION ALL
  MATCH ()-[relation:RELATES {workspace: $workspace}]->()
  WHERE NOT EXISTS { ()-[:STATES {relation_id: relation.id}]->() }
  RETURN 'relation without a statement' AS problem, relation.id AS id
  UNION ALL
  MATCH (chunk:Chunk {workspace: $workspace}) WHERE NOT EXISTS { (chunk)<-[:HAS_CHUNK]-(:Document) }
  RETURN 'chunk without a document' AS problem, chunk.id AS id
}
RETURN problem, id ORDER BY problem, id
