// Makes another name an entity of its own again, with the mentions under its keys; its relations are placed after that.
// mode: write
// params: workspace STRING, scope STRING, key STRING, keys LIST<STRING>, entity_id STRING
// returns: id
CYPHER 25
MATCH (target:Entity {id: $entity_id})
CALL (target) {
  MATCH (alias:Alias {workspace: $workspace, key: $key})-[of:ALIAS_OF]->()
  DELETE of
  REMOVE alias:Alias, alias.origin
  SET alias:Entity, alias.scope = $scope, alias.description = '', alias.aliases = [], alias.mention_count = 0
  RETURN alias
}
CALL (alias, target) {
  MATCH (target)<-[mention:MENTIONS]-(chunk:Chunk) WHERE mention.key IN $keys
  CREATE (chunk)-[moved:MENTIONS]->(alias)
  SET moved = properties(mention)
  SET moved.key = CASE mention.key WHEN alias.key THEN null ELSE mention.key END
  DELETE mention
}
RETURN alias.id AS id
