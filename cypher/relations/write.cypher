// Makes sure that relations exist, and locks them in order of id. Whoever writes a relation has locked its two entities
// before, so that what is not found here is not created elsewhere meanwhile.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
OPTIONAL MATCH ()-[known:RELATES {id: row.relation_id}]->()
  USING INDEX known:RELATES(id)
CALL (row, known) {
  WHEN known IS NULL THEN {
    MATCH (source:Entity {workspace: $workspace, key: row.source_key})
    MATCH (target:Entity {workspace: $workspace, key: row.target_key})
    CREATE (source)-[:RELATES {id: row.relation_id, workspace: $workspace, source_id: source.id, target_id: target.id,
      created_at: datetime(), description: ''}]->(target)
  }
  ELSE {
    SET known.lock = true
  }
}
