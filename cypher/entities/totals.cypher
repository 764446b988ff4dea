// How much a workspace holds: chunks, entities and relations.
// mode: read
// params: workspace STRING
// returns: chunks, entities, relations
CYPHER 25
CALL () {
  MATCH (document:Document {workspace: $workspace})
  RETURN sum(document.chunk_count) AS chunks
}
CALL () {
  MATCH (entity:Entity {workspace: $workspace})
  RETURN count(entity) AS entities, sum(COUNT { (entity)-[:RELATES]->() }) AS relations
}
RETURN chunks, entities, relations
