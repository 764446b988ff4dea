// Relations by id.
// mode: read
// params: workspace STRING, ids LIST<STRING>
// returns: id, source_id, target_id, keywords, description, weight, evidence_count
CYPHER 25
UNWIND $ids AS id
MATCH ()-[relation:RELATES {id: id}]->()
WHERE relation.workspace = $workspace
RETURN relation.id AS id, relation.source_id AS source_id, relation.target_id AS target_id,
  relation.keywords AS keywords, relation.description AS description, relation.weight AS weight,
  relation.evidence_count AS evidence_count
