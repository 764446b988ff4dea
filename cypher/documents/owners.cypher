// Which workers hold documents.
// mode: read
// params: none
// returns: owner
CYPHER 25
MATCH (document:Document)
WHERE document.status = 'processing' AND document.workspace IS NOT NULL
// The owner is read once: another transaction may finish the document meanwhile, and take its owner away.
WITH DISTINCT document.lease_owner AS owner
WHERE owner IS NOT NULL
RETURN owner
