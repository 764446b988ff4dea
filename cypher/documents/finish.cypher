// Completes documents whose chunks and evidence this same transaction has written.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (document:Document {id: row.id})
CALL (document) {
  UNWIND [key IN keys(document) WHERE key STARTS WITH 'metadata_'] AS key
  REMOVE document[key]
}
SET document += row.metadata
SET document.status = 'processed', document.step = null, document.error = row.error,
  document.title = coalesce(document.given_title, row.title), document.summary = left(row.text, 250),
  document.characters = row.characters, document.chunk_count = row.chunk_count,
  document.failed_chunks = row.failed_chunks,
  document.revision = document.revision + 1, document.updated_at = datetime()
REMOVE document.lock, document.lease_owner, document.lease_token, document.lease_until
MERGE (document)-[:HAS_TEXT]->(text:Text)
SET text.text = row.text
WITH document
CALL (document) {
  MATCH (document)-[:HAS_CHUNK]->(chunk:Chunk)
  SET chunk.revision = document.revision
}
WITH count(*) AS finished
MATCH (tenant:Workspace {name: $workspace})
SET tenant.content_version = tenant.content_version + 1
