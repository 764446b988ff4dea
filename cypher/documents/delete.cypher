// Deletes documents with their originals and text; their chunks must be gone already.
// mode: write
// params: workspace STRING, ids LIST<STRING>
// returns: id
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id, workspace: $workspace})
WITH document, document.id AS id
OPTIONAL MATCH (document)-[:HAS_PART|HAS_TEXT]->(part)
DETACH DELETE part
WITH DISTINCT document, id
DETACH DELETE document
WITH id
MATCH (tenant:Workspace {name: $workspace})
SET tenant.content_version = tenant.content_version + 1
RETURN id
