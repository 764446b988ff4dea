// Deletes chunks with all that they say; what rests on them must be refreshed in the same transaction.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH (chunk:Chunk {id: id})
DETACH DELETE chunk
