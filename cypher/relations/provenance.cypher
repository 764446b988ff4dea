// Where relations come from: when they were created, and some of the chunks and documents that state them.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: id, created_at, chunk_ids, sources
CYPHER 25
UNWIND $ids AS id
MATCH ()-[relation:RELATES {id: id}]->()
  USING INDEX relation:RELATES(id)
WHERE relation.workspace = $workspace
CALL (relation) {
  MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->()
    USING INDEX statement:STATES(relation_id)
  WITH chunk LIMIT $limit
  OPTIONAL MATCH (document:Document {id: chunk.document_id})
  RETURN collect(chunk.id) AS chunk_ids, collect(DISTINCT document.source) AS sources
}
RETURN id, coalesce(relation.created_at.epochSeconds, 0) AS created_at, chunk_ids, sources
