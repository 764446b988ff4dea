// Notes what model calls took for a question.
// mode: write
// params: workspace STRING, id STRING, calls FLOAT, tokens_in FLOAT, tokens_out FLOAT, cost FLOAT
// returns: nothing
CYPHER 25
MATCH (query:Query {id: $id, workspace: $workspace})
SET query.model_calls = $calls, query.tokens_in = $tokens_in, query.tokens_out = $tokens_out, query.cost = $cost
