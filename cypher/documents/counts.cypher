// How many documents of a workspace are in each status.
// mode: read
// params: workspace STRING
// returns: status, count
CYPHER 25
UNWIND ['pending', 'processing', 'processed', 'failed'] AS status
RETURN status, COUNT { (:Document {status: status, workspace: $workspace}) } AS count
