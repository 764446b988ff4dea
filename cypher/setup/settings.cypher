// What this database has recorded for good: the embedding model above all.
// mode: read
// params: none
// returns: key, value
CYPHER 25
MATCH (setting:Setting)
WHERE setting.value IS NOT NULL
RETURN setting.key AS key, toString(setting.value) AS value ORDER BY key
