// Writes what new chunks state of relations: one edge a chunk and relation, to the entity that the statement starts from;
// `source_key` and `target_key` are those of the names that were stated, where they are not the entities' own.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (chunk:Chunk {id: row.chunk_id})
MATCH (entity:Entity {workspace: $workspace, key: row.source_key})
CREATE (chunk)-[:STATES {relation_id: row.relation_id, keywords: row.keywords, description: row.description,
  weight: row.weight, source_key: row.said_source, target_key: row.said_target}]->(entity)
