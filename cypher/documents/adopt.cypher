// Stores originals as documents in work by this one caller, who writes them at once: no worker claims them meanwhile.
// Those that are there already, whatever their content, are left alone.
// mode: write
// params: workspace STRING, scope STRING, track_id STRING, seconds INTEGER, rows LIST<MAP>
// returns: id, workspace, title, source, media_type, sha256, bytes, revision, attempts, token
CYPHER 25
MERGE (tenant:Workspace {name: $workspace})
  ON CREATE SET tenant.created_at = datetime(), tenant.scope = $scope, tenant.content_version = 0
WITH count(*) AS ready
UNWIND $rows AS row
MERGE (document:Document {workspace: $workspace, source: row.source})
  ON CREATE SET document.id = row.id, document.created_at = datetime(), document.status = 'new',
    document.revision = 0, document.chunk_count = 0, document.characters = 0
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH row, document WHERE document.status = 'new'
SET document.title = row.title, document.media_type = row.media_type, document.sha256 = row.sha256,
  document.bytes = row.bytes, document.track_id = $track_id, document.status = 'processing', document.step = 'write',
  document.attempts = 1, document.updated_at = datetime(), document.lease_owner = row.owner,
  document.lease_token = randomUUID(), document.lease_until = datetime.realtime() + duration({seconds: $seconds})
CALL (row, document) {
  UNWIND range(0, size(row.parts) - 1) AS position
  CREATE (document)-[:HAS_PART]->(:Part {position: position, data: row.parts[position]})
}
RETURN document.id AS id, document.workspace AS workspace, document.title AS title, document.source AS source,
  document.media_type AS media_type, document.sha256 AS sha256, document.bytes AS bytes,
  document.revision AS revision, document.attempts AS attempts, document.lease_token AS token
