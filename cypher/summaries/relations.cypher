// Relations of which chunks state more than is shown, with what their summary does not cover yet.
// mode: read
// params: limit INTEGER, most INTEGER
// returns: id, workspace, about, summary, summary_id, summary_call, said
CYPHER 25
MATCH ()-[relation:RELATES]->()
  USING INDEX SEEK relation:RELATES(wordy, workspace)
WHERE relation.wordy = true AND relation.workspace IS NOT NULL
WITH relation LIMIT $limit
RETURN relation.id AS id, relation.workspace AS workspace,
  startNode(relation).name + ' – ' + endNode(relation).name + ' (' + relation.keywords + ')' AS about,
  relation.summary AS summary, relation.summary_id AS summary_id,
  relation.summary_call AS summary_call,
  COLLECT {
    MATCH (chunk:Chunk)-[statement:STATES {relation_id: relation.id}]->()
      USING INDEX statement:STATES(relation_id)
    WHERE statement.description <> ''
      AND (statement.summary IS NULL OR statement.summary <> coalesce(relation.summary_id, ''))
    RETURN {chunk_id: chunk.id, description: statement.description} ORDER BY statement.description, chunk.id LIMIT $most
  } AS said
ORDER BY id
