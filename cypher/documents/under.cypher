// The documents of a workspace whose source begins with a prefix.
// mode: read
// params: workspace STRING, prefix STRING
// returns: id, source
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.source STARTS WITH $prefix AND document.created_at IS NOT NULL
RETURN document.id AS id, document.source AS source ORDER BY source
