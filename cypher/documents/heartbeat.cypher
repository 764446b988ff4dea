// Keeps the leases of documents in work alive and tells at which step each is.
// mode: write
// params: rows LIST<MAP>, seconds INTEGER
// returns: id
CYPHER 25
UNWIND $rows AS row
MATCH (document:Document {id: row.id})
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document, row
WHERE document.lease_token = row.token AND document.status = 'processing'
SET document.lease_until = datetime.realtime() + duration({seconds: $seconds}), document.step = row.step
RETURN document.id AS id
