// Claims waiting documents, and those whose lease ran out, for one worker, as many as have the given bytes together.
// The server's clock decides. A document that has more by itself is claimed alone, if that is allowed.
// mode: write
// params: owner STRING, limit INTEGER, seconds INTEGER, bytes INTEGER, alone BOOLEAN
// returns: id, workspace, title, source, media_type, sha256, bytes, revision, attempts, token
CYPHER 25
CALL () {
  MATCH (document:Document)
  WHERE document.status = 'pending' AND document.workspace IS NOT NULL
  RETURN document ORDER BY document.created_at, document.source LIMIT $limit
  UNION
  MATCH (document:Document)
  WHERE document.status = 'processing' AND document.workspace IS NOT NULL AND document.lease_until < datetime.realtime()
  RETURN document ORDER BY document.created_at, document.source LIMIT $limit
}
WITH document ORDER BY document.created_at, document.source LIMIT $limit
WITH collect(document) AS waiting
WITH waiting, reduce(sums = [0], document IN waiting | sums + (last(sums) + document.bytes)) AS sums
UNWIND range(0, size(waiting) - 1) AS place
WITH waiting[place] AS document, place WHERE sums[place + 1] <= $bytes OR (place = 0 AND $alone)
WITH document ORDER BY document.id
SET document.lock = true
REMOVE document.lock  // the lock itself holds until the transaction ends
WITH document
WHERE document.status = 'pending' OR (document.status = 'processing' AND document.lease_until < datetime.realtime())
SET document.status = 'processing', document.step = 'read', document.error = null,
  document.lease_owner = $owner, document.lease_token = randomUUID(),
  document.lease_until = datetime.realtime() + duration({seconds: $seconds}),
  document.attempts = document.attempts + 1, document.updated_at = datetime()
RETURN document.id AS id, document.workspace AS workspace, document.title AS title, document.source AS source,
  document.media_type AS media_type, document.sha256 AS sha256, document.bytes AS bytes,
  document.revision AS revision,
  document.attempts AS attempts, document.lease_token AS token
