// The documents that mention entities, those that mention one most first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, document
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Entity {id: id, workspace: $workspace})<-[:MENTIONS]-(chunk:Chunk)
  WITH chunk.document_id AS document_id, count(*) AS mentions
  ORDER BY mentions DESC, document_id LIMIT $limit
  MATCH (document:Document {id: document_id})
  RETURN document, mentions
}
WITH id, document, mentions ORDER BY mentions DESC, document.id
RETURN id AS owner, document {.id, .workspace, .title, .source, .media_type, .status, .step, .error, .attempts, .revision,
  .characters, .chunk_count, .created_at, .updated_at, .track_id, .bytes, .expires_at,
  metadata: [key IN keys(document) WHERE key STARTS WITH 'metadata_' | [substring(key, 9), document[key]]]} AS document
