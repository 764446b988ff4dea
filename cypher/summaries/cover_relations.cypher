// Gives relations a summary of what chunks state, unless that has changed since it was read; tells which have one now.
// mode: write
// params: rows LIST<MAP>
// returns: id
CYPHER 25
UNWIND $rows AS row
MATCH ()-[relation:RELATES {id: row.id}]->()
  USING INDEX relation:RELATES(id)
SET relation.lock = true
REMOVE relation.lock  // the lock itself holds until the transaction ends
WITH relation, row WHERE coalesce(relation.summary_id, '') = coalesce(row.before, '')
CALL (relation, row) {
  UNWIND row.said AS said
  MATCH (:Chunk {id: said.chunk_id})-[statement:STATES {relation_id: row.id}]->()
  WHERE statement.description = said.description
    AND (statement.summary IS NULL OR statement.summary <> coalesce(relation.summary_id, ''))
  RETURN collect(DISTINCT statement) AS statements
}
WITH relation, row, statements WHERE size(statements) = size(row.said)
CALL (row, statements) {
  UNWIND statements AS statement
  SET statement.summary = row.summary_id
}
SET relation.summary = row.summary, relation.summary_id = row.summary_id, relation.summary_call = row.call,
  relation.summary_covers = coalesce(relation.summary_covers, 0) + size(statements)
REMOVE relation.wordy
RETURN relation.id AS id
