// Relations whose vector no longer says what they are.
// mode: read
// params: limit INTEGER
// returns: id, source, target, keywords, description
CYPHER 25
MATCH ()-[relation:RELATES]->()
  USING INDEX SEEK relation:RELATES(stale, workspace)
WHERE relation.stale = true AND relation.workspace IS NOT NULL
WITH relation LIMIT $limit
RETURN relation.id AS id, startNode(relation).name AS source, endNode(relation).name AS target,
  relation.keywords AS keywords, relation.description AS description
