// The relations between entities of a set, those with the most weight first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: id, source_id, target_id, keywords, description, weight, evidence_count
CYPHER 25
UNWIND $ids AS id
MATCH (:Entity {id: id, workspace: $workspace})-[relation:RELATES]->(other:Entity)
WHERE other.id IN $ids
WITH relation ORDER BY relation.weight DESC, relation.evidence_count DESC, relation.id LIMIT $limit
RETURN relation.id AS id, relation.source_id AS source_id, relation.target_id AS target_id,
  relation.keywords AS keywords, relation.description AS description, relation.weight AS weight,
  relation.evidence_count AS evidence_count
ORDER BY weight DESC, evidence_count DESC, id
