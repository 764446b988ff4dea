// Records that a schema file has been applied.
// mode: write
// params: version INTEGER
// returns: nothing
CYPHER 25
MERGE (schema:SchemaVersion {version: $version})
ON CREATE SET schema.applied_at = datetime()
