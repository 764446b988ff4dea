// Marks claimed documents as failed, or puts them back to be tried again, with the reason.
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
SET document.status = row.status, document.error = row.error, document.updated_at = datetime(),
  document.attempts = CASE row.status WHEN 'pending' THEN document.attempts - 1 ELSE document.attempts END
REMOVE document.lease_owner, document.lease_token, document.lease_until
RETURN document.id AS id
