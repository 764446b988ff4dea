// Which documents a worker has no claim to any more: they were cancelled, deleted, replaced or claimed by another.
// mode: read
// params: rows LIST<MAP>
// returns: id
CYPHER 25
UNWIND $rows AS row
OPTIONAL MATCH (document:Document {id: row.id})
WITH row, document
WHERE document IS NULL OR document.status <> 'processing' OR coalesce(document.lease_token, '') <> row.token
RETURN row.id AS id
