// What should never be there: entities that nothing mentions, relations that nothing states, chunks without a document,
// names of nothing, names that are entities too.
// mode: read
// params: workspace STRING
// returns: problem, id
CYPHER 25
CALL () {
  MATCH (entity:Entity {workspace: $workspace}) WHERE entity.manual IS NULL
    AND NOT EXISTS { (entity)<-[:ALIAS_OF]-+(:Alias {manual: true}) } AND NOT EXISTS { (entity)<-[:MENTIONS]-() }
  RETURN 'entity without a mention' AS problem, entity.id AS id
  UNION ALL
  MATCH ()-[relation:RELATES {workspace: $workspace}]->()
  WHERE relation.manual IS NULL AND NOT EXISTS { ()-[:STATES {relation_id: relation.id}]->() }
  RETURN 'relation without a statement' AS problem, relation.id AS id
  UNION ALL
  MATCH (chunk:Chunk {workspace: $workspace}) WHERE NOT EXISTS { (chunk)<-[:HAS_CHUNK]-(:Document) }
  RETURN 'chunk without a document' AS problem, chunk.id AS id
  UNION ALL
  MATCH (alias:Alias {workspace: $workspace}) WHERE NOT EXISTS { (alias)-[:ALIAS_OF]->+(:Entity) }
  RETURN 'name of nothing' AS problem, alias.key AS id
  UNION ALL
  MATCH (alias:Alias {workspace: $workspace}) MATCH (entity:Entity {workspace: $workspace, key: alias.key})
  RETURN 'name that is an entity too' AS problem, entity.id AS id
}
RETURN problem, id ORDER BY problem, id
