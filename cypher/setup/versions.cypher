// Which schema files this graph has.
// mode: read
// params: none
// returns: version
CYPHER 25
MATCH (schema:SchemaVersion)
RETURN schema.version AS version ORDER BY version
