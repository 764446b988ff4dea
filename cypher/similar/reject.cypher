// Notes that two entities are not the same, so that it is not suggested again.
// mode: write
// params: workspace STRING, id STRING
// returns: id
CYPHER 25
MATCH ()-[similar:SIMILAR {id: $id}]->()
WHERE similar.workspace = $workspace AND similar.status = 'open'
SET similar.status = 'rejected'
RETURN similar.id AS id
