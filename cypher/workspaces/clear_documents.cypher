// Deletes the documents of a workspace with all that they are cut into, a few in one transaction.
// mode: batched
// params: workspace STRING
// returns: count
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL
CALL (document) {
  OPTIONAL MATCH (document)-[:HAS_PART|HAS_TEXT|HAS_CHUNK]->(part)
  DETACH DELETE part
  WITH DISTINCT document
  DETACH DELETE document
} IN TRANSACTIONS OF 20 ROWS
RETURN count(*) AS count
