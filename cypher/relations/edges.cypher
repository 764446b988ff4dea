// The relations of entities, with what a person has set of them.
// mode: read
// params: ids LIST<STRING>
// returns: id, source_id, source_key, target_id, target_key, manual, edited_description, edited_keywords, edited_weight
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id})-[relation:RELATES]-(:Entity)
WITH DISTINCT relation
RETURN relation.id AS id, startNode(relation).id AS source_id, startNode(relation).key AS source_key,
  endNode(relation).id AS target_id, endNode(relation).key AS target_key, coalesce(relation.manual, false) AS manual,
  relation.edited_description AS edited_description, relation.edited_keywords AS edited_keywords,
  relation.edited_weight AS edited_weight
ORDER BY id
