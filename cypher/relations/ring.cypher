// One step of a search for a path: the relations of entities, those with the most weight first, at most `limit` of a hub.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: from_id, to_id, relation_id
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Entity {id: id, workspace: $workspace})-[relation:RELATES]-(other:Entity)
  RETURN relation, other ORDER BY relation.weight DESC, relation.id LIMIT $limit
}
RETURN id AS from_id, other.id AS to_id, relation.id AS relation_id
