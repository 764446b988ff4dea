// Keeps the replies that summaries were made of, in the order in which they were asked for, while all the chunks are there that
// they tell of: what was asked for later holds what came before.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
WITH row, COLLECT {
  UNWIND row.chunk_ids AS id
  MATCH (chunk:Chunk {id: id})
  RETURN chunk
} AS chunks
WHERE size(chunks) = size(row.chunk_ids)
  AND (row.before IS NULL OR EXISTS { (:ModelCall {workspace: $workspace, key: row.before}) })
CALL (row) {
  UNWIND row.calls AS one
  MERGE (call:ModelCall {workspace: $workspace, key: one.key})
    ON CREATE SET call += one, call.created_at = datetime()
}
CALL (row, chunks) {
  MATCH (first:ModelCall {workspace: $workspace, key: row.calls[0].key})
  UNWIND chunks AS chunk
  MERGE (chunk)-[:SUMMARIZED_BY]->(first)
}
CALL (row) {
  WITH CASE WHEN row.before IS NULL THEN [] ELSE [row.before] END + [one IN row.calls | one.key] AS keys
  UNWIND range(1, size(keys) - 1) AS at
  MATCH (later:ModelCall {workspace: $workspace, key: keys[at]})
  MATCH (earlier:ModelCall {workspace: $workspace, key: keys[at - 1]})
  MERGE (later)-[:RESTS_ON]->(earlier)
}
