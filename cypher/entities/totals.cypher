// How much a workspace holds: chunks, entities and relations.
// mode: read
// params: workspace STRING
// returns: chunks, entities, relations
CYPHER 25
CALL () {
  MATCH (document:Document {workspace: $workspace}) WHERE document.created_at IS NOT NULL
  RETURN sum(document.chunk_count) AS chunks
}
CALL () {
  MATCH (entity:Entity {workspace: $workspace}) WHERE entity.mention_count >= 0
  RETURN count(entity) AS entities, sum(COUNT { (entity)-[:RELATES]->() }) AS relations
}
RETURN chunks, entities, relations
