// Keeps the replies that chunks were extracted by, and tells which chunk rests on which.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MERGE (call:ModelCall {workspace: $workspace, key: row.call.key})
  ON CREATE SET call += row.call, call.created_at = datetime()
WITH row, call
MATCH (chunk:Chunk {id: row.chunk_id})
MERGE (chunk)-[:EXTRACTED_BY]->(call)
