// Puts back what workers that are no longer alive had claimed.
// mode: write
// params: owners LIST<STRING>
// returns: id
CYPHER 25
MATCH (document:Document)
WHERE document.status = 'processing' AND document.workspace IS NOT NULL AND document.lease_owner IN $owners
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document
WHERE document.status = 'processing' AND document.lease_owner IN $owners
SET document.status = 'pending', document.step = null
REMOVE document.lease_owner, document.lease_token, document.lease_until
RETURN document.id AS id
