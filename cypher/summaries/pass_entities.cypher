// Takes the mark off entities that need no summary.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id})
REMOVE entity.wordy
