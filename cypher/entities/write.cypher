// Makes sure that entities exist, in order of id: one that is new is whole at once, one that is known is locked. Tells which are
// known, and so have to be computed anew.
// mode: write
// params: workspace STRING, scope STRING, rows LIST<MAP>
// returns: id
CYPHER 25
UNWIND $rows AS row
MERGE (entity:Entity {workspace: $workspace, key: row.key})
  ON CREATE SET entity.id = row.id, entity.scope = $scope, entity.created_at = datetime(), entity.name = row.name,
    entity.type = row.type, entity.description = row.description, entity.aliases = row.aliases,
    entity.mention_count = row.mention_count, entity.wordy = row.wordy, entity.stale = row.stale,
    entity.embedding = toFloatList(row.embedding)
  ON MATCH SET entity.lock = true
CALL (entity, row) {
  WITH entity, row WHERE entity.lock IS NULL
  SET entity:$(row.type)
}
WITH entity WHERE entity.lock
RETURN entity.id AS id
