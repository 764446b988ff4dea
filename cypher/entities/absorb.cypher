// Merges entities into others: what mentions them mentions the other one, under the key it had; they become other names.
// Their relations must have gone to the other one before.
// mode: write
// params: rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (source:Entity {id: row.source_id})
MATCH (target:Entity {id: row.target_id})
CALL (source, target) {
  MATCH (source)<-[mention:MENTIONS]-(chunk:Chunk)
  CREATE (chunk)-[moved:MENTIONS]->(target)
  SET moved = properties(mention)
  SET moved.key = coalesce(mention.key, source.key)
  DELETE mention
}
CALL (source, target) {
  MATCH (source)<-[found:FOUND]-(query:Query)
  MERGE (query)-[edge:FOUND]->(target)
    ON CREATE SET edge = properties(found)
  DELETE found
}
CALL (source) {
  MATCH (source)-[similar:SIMILAR]-()
  DELETE similar
}
REMOVE source:$(source.type)
REMOVE source:Entity
SET source:Alias
CREATE (source)-[:ALIAS_OF]->(target)
SET source.origin = row.origin
REMOVE source.embedding, source.description, source.aliases, source.mention_count, source.stale, source.scope, source.type,
  source.lock
