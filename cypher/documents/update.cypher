// Renames a document, gives it a title, or says when it is to be deleted; what is not to be changed is not in `changes`.
// mode: write
// params: workspace STRING, id STRING, changes MAP
// returns: id
CYPHER 25
MATCH (document:Document {id: $id, workspace: $workspace})
SET document += $changes, document.updated_at = datetime()
RETURN document.id AS id
