// Makes sure that relations exist, and locks them in order of id.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (source:Entity {workspace: $workspace, key: row.source_key})
MATCH (target:Entity {workspace: $workspace, key: row.target_key})
MERGE (source)-[relation:RELATES {id: row.relation_id}]-(target)
  ON CREATE SET relation.workspace = $workspace, relation.source_id = source.id, relation.target_id = target.id,
    relation.created_at = datetime(), relation.description = ''
  ON MATCH SET relation.lock = true
