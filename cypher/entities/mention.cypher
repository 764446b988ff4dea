// Writes what new chunks say of entities: one edge a chunk and name; `key` is that of
// the name where it is not the entity's own.
// mode: write
// params: workspace STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (chunk:Chunk {id: row.chunk_id})
MATCH (entity:Entity {workspace: $workspace, key: row.key})
CREATE (chunk)-[:MENTIONS {name: row.name, type: row.type, description: row.description, key: row.alias}]->(entity)
