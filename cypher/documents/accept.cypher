// Locks the documents that a writer is about to commit, and drops those whose lease it has lost.
// mode: write
// params: rows LIST<MAP>
// returns: id
CYPHER 25
UNWIND $rows AS row
MATCH (document:Document {id: row.id})
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document, row
WHERE document.lease_token = row.token AND document.status = 'processing'
RETURN document.id AS id
