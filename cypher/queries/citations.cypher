// What past questions cited, in the order of the numbers in their answers.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: query_id, number, quote, start, end, score, chunk_id
CYPHER 25
UNWIND $ids AS id
MATCH (query:Query {id: id, workspace: $workspace})-[cited:CITED]->(chunk:Chunk)
RETURN query.id AS query_id, cited.rank AS number, cited.quote AS quote, cited.start AS start, cited.end AS end,
  cited.score AS score, chunk.id AS chunk_id
ORDER BY query_id, number
