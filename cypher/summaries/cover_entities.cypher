// Gives entities a summary of what mentions say, unless that has changed since it was read; tells which have one now.
// mode: write
// params: rows LIST<MAP>
// returns: id
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
SET entity.lock = true
REMOVE entity.lock  // the lock itself holds until the transaction ends
WITH entity, row WHERE coalesce(entity.summary_id, '') = coalesce(row.before, '')
CALL (entity, row) {
  UNWIND row.said AS said
  MATCH (:Chunk {id: said.chunk_id})-[mention:MENTIONS]->(entity)
  WHERE mention.description = said.description
    AND (mention.summary IS NULL OR mention.summary <> coalesce(entity.summary_id, ''))
  RETURN collect(DISTINCT mention) AS mentions
}
WITH entity, row, mentions WHERE size(mentions) = size(row.said)
CALL (row, mentions) {
  UNWIND mentions AS mention
  SET mention.summary = row.summary_id
}
SET entity.summary = row.summary, entity.summary_id = row.summary_id, entity.summary_call = row.call,
  entity.summary_covers = coalesce(entity.summary_covers, 0) + size(mentions)
REMOVE entity.wordy
RETURN entity.id AS id
