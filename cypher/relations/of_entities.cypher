// The relations of entities, those with the most weight first.
// mode: read
// params: workspace STRING, ids LIST<STRING>, limit INTEGER
// returns: owner, relation
CYPHER 25
UNWIND $ids AS id
CALL (id) {
  MATCH (:Entity {id: id, workspace: $workspace})-[relation:RELATES]-()
  RETURN relation ORDER BY relation.weight DESC, relation.evidence_count DESC, relation.id LIMIT $limit
}
RETURN id AS owner,
  relation {.id, .source_id, .target_id, .keywords, .description, .weight, .evidence_count} AS relation
