// Workspaces in order of their names, after one of them, with how many documents each has.
// mode: read
// params: search STRING?, after STRING, limit INTEGER
// returns: name, created_at, documents, chunk_strategy, chunk_tokens, chunk_overlap, chunk_separator
CYPHER 25
MATCH (tenant:Workspace)
WHERE tenant.name > $after AND tenant.deleting IS NULL
  AND ($search IS NULL OR toLower(tenant.name) CONTAINS toLower($search))
WITH tenant, tenant.name AS name ORDER BY name LIMIT $limit
RETURN name, tenant.created_at AS created_at,
  COUNT { (document:Document {workspace: name}) WHERE document.created_at IS NOT NULL } AS documents,
  tenant.chunk_strategy AS chunk_strategy, tenant.chunk_tokens AS chunk_tokens, tenant.chunk_overlap AS chunk_overlap,
  tenant.chunk_separator AS chunk_separator
ORDER BY name
