// Replies of models that are kept, by their keys.
// mode: read
// params: workspace STRING, keys LIST<STRING>
// returns: key, model, kind, response, tokens_in, tokens_out
CYPHER 25
UNWIND $keys AS key
MATCH (call:ModelCall {workspace: $workspace, key: key})
RETURN call.key AS key, call.model AS model, call.kind AS kind, call.response AS response,
  call.tokens_in AS tokens_in, call.tokens_out AS tokens_out
