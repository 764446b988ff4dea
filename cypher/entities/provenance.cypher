// Where entities come from: when they were created, and some of the chunks and documents that mention them.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: id, created_at, chunk_ids, sources
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id, workspace: $workspace})
CALL (entity) {
  MATCH (entity)<-[:MENTIONS]-(chunk:Chunk)
  WITH chunk LIMIT $limit
  OPTIONAL MATCH (document:Document {id: chunk.document_id})
  RETURN collect(chunk.id) AS chunk_ids, collect(DISTINCT document.source) AS sources
}
RETURN id, coalesce(entity.created_at.epochSeconds, 0) AS created_at, chunk_ids, sources
