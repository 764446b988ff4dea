// Entities whose mentions say more than is shown, with what their summary does not cover yet.
// mode: read
// params: limit INTEGER, most INTEGER
// returns: id, workspace, about, summary, summary_id, summary_call, said
CYPHER 25
MATCH (entity:Entity)
  USING INDEX SEEK entity:Entity(wordy, workspace)
WHERE entity.wordy = true AND entity.workspace IS NOT NULL
WITH entity LIMIT $limit
RETURN entity.id AS id, entity.workspace AS workspace, entity.name + ' (' + coalesce(entity.type, 'Other') + ')' AS about,
  entity.summary AS summary, entity.summary_id AS summary_id,
  entity.summary_call AS summary_call,
  COLLECT {
    MATCH (entity)<-[mention:MENTIONS]-(chunk:Chunk)
    WHERE mention.description <> '' AND (mention.summary IS NULL OR mention.summary <> coalesce(entity.summary_id, ''))
    RETURN {chunk_id: chunk.id, description: mention.description} ORDER BY mention.description, chunk.id LIMIT $most
  } AS said
ORDER BY id
