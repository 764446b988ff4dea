// Keeps replies of models; where there is one of this key, it stays.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MERGE (call:ModelCall {workspace: $workspace, key: row.key})
  ON CREATE SET call += row, call.created_at = datetime()
