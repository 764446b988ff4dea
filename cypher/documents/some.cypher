// Some documents of a workspace, the oldest first: what is deleted next when all are.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: id
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL
RETURN document.id AS id ORDER BY document.workspace, document.created_at LIMIT $limit
