// The entities that documents mention, those that a document mentions most first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, entity
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Document {id: id, workspace: $workspace})-[:HAS_CHUNK]->(:Chunk)-[:MENTIONS]->(entity:Entity)
  WITH entity, count(*) AS mentions
  RETURN entity ORDER BY mentions DESC, entity.mention_count DESC, entity.id LIMIT $limit
}
RETURN id AS owner, entity {.id, .name, .type, .description, .aliases, .mention_count} AS entity
