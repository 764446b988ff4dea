// What documents, and what their workspaces, say about how they are cut.
// mode: read
// params: ids LIST<STRING>
// returns: id, own, tenant
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id})
OPTIONAL MATCH (tenant:Workspace {name: document.workspace})
RETURN id, {strategy: document.chunk_strategy, tokens: document.chunk_tokens, overlap: document.chunk_overlap,
    separator: document.chunk_separator} AS own,
  {strategy: tenant.chunk_strategy, tokens: tenant.chunk_tokens, overlap: tenant.chunk_overlap,
    separator: tenant.chunk_separator} AS tenant
