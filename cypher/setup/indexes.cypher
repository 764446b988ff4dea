// The search indexes of this database and whether they are ready.
// mode: read
// params: none
// returns: name, type, state, progress
CYPHER 25
SHOW INDEXES YIELD name, type, state, populationPercent
WHERE type <> 'LOOKUP'
RETURN name, type, state, populationPercent AS progress ORDER BY name
