// The original of a document, in parts, in order.
// mode: read
// params: ids LIST<STRING>
// returns: id, data
CYPHER 25
UNWIND $ids AS id
MATCH (document:Document {id: id})-[:HAS_PART]->(part:Part)
  USING INDEX document:Document(id)
WITH document.id AS id, part ORDER BY part.position
RETURN id, collect(part.data) AS data
