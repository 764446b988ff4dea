// Workspaces by name, with how many documents each has.
// mode: read
// params: names LIST<STRING>
// returns: name, created_at, documents, chunk_strategy, chunk_tokens, chunk_overlap, chunk_separator
CYPHER 25
UNWIND $names AS name
MATCH (tenant:Workspace {name: name})
WHERE tenant.deleting IS NULL
RETURN tenant.name AS name, tenant.created_at AS created_at,
  COUNT { (document:Document {workspace: name}) WHERE document.created_at IS NOT NULL } AS documents,
  tenant.chunk_strategy AS chunk_strategy, tenant.chunk_tokens AS chunk_tokens, tenant.chunk_overlap AS chunk_overlap,
  tenant.chunk_separator AS chunk_separator
