// Links entities whose names may mean the same, for a person to decide, or of which a person has said that they do not.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (first:Entity {id: row.first_id})
MATCH (second:Entity {id: row.second_id})
MERGE (first)-[similar:SIMILAR {id: row.id}]->(second)
  ON CREATE SET similar.workspace = $workspace, similar.status = row.status, similar.score = row.score, similar.reason = row.reason,
    similar.created_at = datetime()
