// Gives the right to change the schema back.
// mode: write
// params: owner STRING
// returns: nothing
CYPHER 25
MATCH (setting:Setting {key: 'schema_lock', value: $owner})
REMOVE setting.until
