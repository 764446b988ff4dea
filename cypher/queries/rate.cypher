// Rates the answer of a past question.
// mode: write
// params: workspace STRING, id STRING, rating INTEGER
// returns: id, text, mode, answer, generated, created_at, milliseconds, rating
CYPHER 25
MATCH (query:Query {id: $id, workspace: $workspace})
SET query.rating = $rating
RETURN query.id AS id, query.text AS text, query.mode AS mode, query.answer AS answer, query.generated AS generated,
  query.created_at AS created_at, query.milliseconds AS milliseconds, query.rating AS rating
