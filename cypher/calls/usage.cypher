// What model calls have taken in a workspace since a day, by model and kind of call, the dearest first.
// mode: read
// params: workspace STRING, since STRING
// returns: model, kind, calls, tokens_in, tokens_out, cost
CYPHER 25
MATCH (usage:Usage)
WHERE usage.workspace = $workspace AND usage.day >= date($since) AND usage.model IS NOT NULL AND usage.kind IS NOT NULL
RETURN usage.model AS model, usage.kind AS kind, sum(usage.calls) AS calls, sum(usage.tokens_in) AS tokens_in,
  sum(usage.tokens_out) AS tokens_out, sum(usage.cost) AS cost
ORDER BY cost DESC, tokens_in DESC, model, kind
