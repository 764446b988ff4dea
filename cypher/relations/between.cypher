// The relation between two entities, whichever way it points.
// mode: read
// params: workspace STRING, source STRING, target STRING
// returns: id, source_id, target_id, keywords, description, weight, evidence_count
CYPHER 25
MATCH (:Entity {id: $source, workspace: $workspace})-[relation:RELATES]-(:Entity {id: $target, workspace: $workspace})
RETURN relation.id AS id, relation.source_id AS source_id, relation.target_id AS target_id,
  relation.keywords AS keywords, relation.description AS description, relation.weight AS weight,
  relation.evidence_count AS evidence_count LIMIT 1
