// Which workers hold documents.
// mode: read
// params: none
// returns: owner
CYPHER 25
MATCH (document:Document)
WHERE document.status = 'processing' AND document.workspace IS NOT NULL
RETURN DISTINCT document.lease_owner AS owner
