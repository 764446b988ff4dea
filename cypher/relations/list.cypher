// Relations of a workspace, those with the most weight first, after a cursor.
// mode: read
// params: workspace STRING, least FLOAT, after_weight FLOAT, after_id STRING, limit INTEGER
// returns: id, source_id, target_id, keywords, description, weight, evidence_count
CYPHER 25
MATCH ()-[relation:RELATES]->()
  USING INDEX relation:RELATES(workspace, weight)
WHERE relation.workspace = $workspace AND relation.weight >= $least AND relation.weight <= $after_weight
  AND (relation.weight < $after_weight OR relation.id > $after_id)
WITH relation ORDER BY relation.weight DESC, relation.id LIMIT $limit
RETURN relation.id AS id, relation.source_id AS source_id, relation.target_id AS target_id,
  relation.keywords AS keywords, relation.description AS description, relation.weight AS weight,
  relation.evidence_count AS evidence_count
ORDER BY weight DESC, id
