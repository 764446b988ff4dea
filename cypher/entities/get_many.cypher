// Entities by id, or by the key of a name.
// mode: read
// params: workspace STRING, ids LIST<STRING>, keys LIST<STRING>
// returns: id, name, type, description, aliases, mention_count
CYPHER 25
CALL () {
  UNWIND $ids AS id
  MATCH (entity:Entity {id: id, workspace: $workspace})
  RETURN entity
  UNION
  UNWIND $keys AS key
  MATCH (entity:Entity {key: key, workspace: $workspace})
  RETURN entity
  UNION
  UNWIND $keys AS key
  MATCH (:Alias {key: key, workspace: $workspace})-[:ALIAS_OF]->+(entity:Entity)
  RETURN entity
}
RETURN entity.id AS id, entity.name AS name, entity.type AS type, entity.description AS description,
  entity.aliases AS aliases, entity.mention_count AS mention_count
