// Adds what model calls took to the usage of a workspace, and to the documents that they were made for.
// mode: write
// params: workspace STRING, rows LIST<MAP>, documents LIST<MAP>
// returns: nothing
CYPHER 25
CALL () {
  UNWIND $documents AS row
  MATCH (document:Document {id: row.id, workspace: $workspace})
  SET document.model_calls = coalesce(document.model_calls, 0.0) + row.calls,
    document.tokens_in = coalesce(document.tokens_in, 0.0) + row.tokens_in,
    document.tokens_out = coalesce(document.tokens_out, 0.0) + row.tokens_out,
    document.cost = coalesce(document.cost, 0.0) + row.cost
}
UNWIND $rows AS row
MERGE (usage:Usage {workspace: $workspace, day: date(), model: row.model, kind: row.kind})
  ON CREATE SET usage.calls = 0.0, usage.tokens_in = 0.0, usage.tokens_out = 0.0, usage.cost = 0.0
SET usage.calls = usage.calls + row.calls, usage.tokens_in = usage.tokens_in + row.tokens_in,
  usage.tokens_out = usage.tokens_out + row.tokens_out, usage.cost = usage.cost + row.cost
