// Gives the right to write summaries back.
// mode: write
// params: owner STRING
// returns: nothing
CYPHER 25
MATCH (setting:Setting {key: 'summaries_lock', owner: $owner})
REMOVE setting.until
