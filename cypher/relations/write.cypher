// Makes sure that relations exist, in order of id: one that is new is whole at once, one that is known is locked. Tells which are
// known, and so have to be computed anew. Whoever writes a relation has locked its two entities before, so that what is not
// found here is not created elsewhere meanwhile.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: id
CYPHER 25
UNWIND $rows AS row
OPTIONAL MATCH ()-[known:RELATES {id: row.relation_id}]->()
  USING INDEX known:RELATES(id)
CALL (row, known) {
  WHEN known IS NULL THEN {
    MATCH (source:Entity {workspace: $workspace, key: row.source_key})
    MATCH (target:Entity {workspace: $workspace, key: row.target_key})
    CREATE (source)-[:RELATES {id: row.relation_id, workspace: $workspace, source_id: source.id, target_id: target.id,
      created_at: datetime(), description: row.description, keywords: row.keywords, weight: row.weight,
      evidence_count: row.evidence_count, wordy: row.wordy, stale: row.stale, embedding: toFloatList(row.embedding)}]->(target)
  }
  ELSE {
    SET known.lock = true
  }
}
WITH known WHERE known IS NOT NULL
RETURN known.id AS id
