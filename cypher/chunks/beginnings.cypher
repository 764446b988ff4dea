// How the first documents of a workspace begin.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: text
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL
WITH document ORDER BY document.created_at, document.id LIMIT $limit
MATCH (document)-[:HAS_CHUNK]->(chunk:Chunk {position: 0})
RETURN chunk.text AS text ORDER BY document.created_at, document.id
