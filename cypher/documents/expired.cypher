// Documents whose retention date has passed, the longest overdue first.
// mode: read
// params: limit INTEGER
// returns: id, workspace
CYPHER 25
MATCH (document:Document)
WHERE document.expires_at < datetime.realtime()
WITH document ORDER BY document.expires_at LIMIT $limit
RETURN document.id AS id, document.workspace AS workspace
