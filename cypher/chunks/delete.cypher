// Deletes chunks with all that they say, the model's replies that no other chunk rests on, and those that summaries
// were made of; what rests on the chunks must be refreshed in the same transaction.
// mode: write
// params: ids LIST<STRING>
// returns: nothing
CYPHER 25
UNWIND $ids AS id
MATCH (chunk:Chunk {id: id})
OPTIONAL MATCH (chunk)-[:EXTRACTED_BY]->(call:ModelCall)
CALL (chunk) {
  MATCH (chunk)-[:SUMMARIZED_BY]->(:ModelCall)<-[:RESTS_ON]-*(told:ModelCall)
  WITH DISTINCT told
  DETACH DELETE told
}
DETACH DELETE chunk
WITH DISTINCT call WHERE call IS NOT NULL
SET call.lock = true
REMOVE call.lock  // the lock itself holds until the transaction ends
WITH call WHERE NOT EXISTS { (call)<-[:EXTRACTED_BY]-() }
DELETE call
