// What model calls took for past questions.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: owner, calls, tokens_in, tokens_out, cost
CYPHER 25
UNWIND $ids AS id
MATCH (query:Query {id: id, workspace: $workspace})
RETURN id AS owner, coalesce(query.model_calls, 0.0) AS calls, coalesce(query.tokens_in, 0.0) AS tokens_in,
  coalesce(query.tokens_out, 0.0) AS tokens_out, coalesce(query.cost, 0.0) AS cost
