// Stores originals and queues them; the same source with the same bytes is left alone.
// mode: write
// params: workspace STRING, scope STRING, track_id STRING, rows LIST<MAP>
// returns: id, source, outcome, same, was, expires_at
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
WITH tenant WHERE tenant.deleting IS NULL
UNWIND $rows AS row
// A document keeps its id when it is renamed, so the id of a new one under its old name may be taken.
OPTIONAL MATCH (namesake:Document {id: row.id})
MERGE (document:Document {workspace: $workspace, source: row.source})
  ON CREATE SET document.id = CASE WHEN namesake IS NULL THEN row.id ELSE 'doc-' + replace(randomUUID(), '-', '') END,
    document.created_at = datetime(), document.status = 'new',
    document.revision = 0, document.chunk_count = 0, document.characters = 0
SET document.lock = true
WITH row, document, document.status AS was, coalesce(document.sha256 = row.sha256, false) AS same,
  document.status <> 'new' AND document.status <> 'failed' AND document.sha256 = row.sha256
    AND all(key IN keys(row.chunking) WHERE coalesce(document[key], '') = coalesce(row.chunking[key], '')) AS unchanged
WHERE document.id IS NOT NULL  // not one that was deleted while this waited for it
CALL (row, document, unchanged) {
  WITH row, document WHERE NOT unchanged
  OPTIONAL MATCH (document)-[:HAS_PART]->(part:Part)
  DETACH DELETE part
  WITH DISTINCT row, document
  SET document.title = row.title, document.media_type = row.media_type, document.sha256 = row.sha256,
    document.bytes = row.bytes, document.track_id = $track_id, document.status = 'pending', document.step = null,
    document.error = null, document.attempts = 0, document.updated_at = datetime(),
    document.lease_owner = null, document.lease_token = null, document.lease_until = null
  SET document += row.chunking
  WITH row, document
  UNWIND range(0, size(row.parts) - 1) AS position
  CREATE (document)-[:HAS_PART]->(:Part {position: position, data: row.parts[position]})
}
SET document.expires_at = coalesce(row.expires_at, document.expires_at)
REMOVE document.lock
RETURN document.id AS id, document.source AS source,
  CASE WHEN unchanged THEN 'unchanged' WHEN was = 'new' THEN 'created' ELSE 'replaced' END AS outcome, same, was,
  document.expires_at AS expires_at
