// Past questions by id.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: id, text, mode, answer, generated, created_at, milliseconds, rating
CYPHER 25
UNWIND $ids AS id
MATCH (query:Query {id: id, workspace: $workspace})
RETURN query.id AS id, query.text AS text, query.mode AS mode, query.answer AS answer, query.generated AS generated,
  query.created_at AS created_at, query.milliseconds AS milliseconds, query.rating AS rating
