// The media types of a workspace's documents, the most frequent first.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: name, count
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL
WITH document.media_type AS name, count(*) AS count
RETURN name, count ORDER BY count DESC, name LIMIT $limit
