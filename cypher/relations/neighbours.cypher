// The next ring of a subgraph: the best neighbours of entities that are not in it yet; a hub gives at most `limit`.
// mode: read
// params: workspace STRING, ids LIST<STRING>, seen LIST<STRING>, types LIST<STRING>?, limit INTEGER
// returns: id, name, type, description, aliases, mention_count
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Entity {id: id, workspace: $workspace})-[relation:RELATES]-(entity:Entity)
  WHERE NOT entity.id IN $seen AND ($types IS NULL OR entity.type IN $types)
  RETURN entity, relation.weight AS weight ORDER BY weight DESC, entity.mention_count DESC, entity.id LIMIT $limit
}
WITH entity, max(weight) AS weight
ORDER BY weight DESC, entity.mention_count DESC, entity.id LIMIT $limit
RETURN entity.id AS id, entity.name AS name, entity.type AS type, entity.description AS description,
  entity.aliases AS aliases, entity.mention_count AS mention_count
