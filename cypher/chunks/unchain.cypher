// Takes a document's chunks out of their chain, before they are chained anew.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH (chunk:Chunk {id: id})-[next:NEXT]->()
DELETE next
