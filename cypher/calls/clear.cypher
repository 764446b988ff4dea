// Forgets the kept replies of a workspace: what is extracted again is asked for again.
// mode: batched
// params: workspace STRING
// returns: nothing
CYPHER 25
MATCH (call:ModelCall)
WHERE call.workspace = $workspace AND call.key IS NOT NULL
CALL (call) {
  DETACH DELETE call
} IN TRANSACTIONS OF 5000 ROWS
