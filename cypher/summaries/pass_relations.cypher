// Takes the mark off relations that need no summary.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH ()-[relation:RELATES {id: id}]->()
  USING INDEX relation:RELATES(id)
REMOVE relation.wordy
