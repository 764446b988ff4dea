// The entities that chunks mention, those that are mentioned most everywhere first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, entity
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Chunk {id: id, workspace: $workspace})-[:MENTIONS]->(entity:Entity)
  RETURN DISTINCT entity ORDER BY entity.mention_count DESC, entity.id LIMIT $limit
}
RETURN id AS owner, entity {.id, .name, .type, .description, .aliases, .mention_count} AS entity
