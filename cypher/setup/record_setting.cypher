// Records a setting for good, unless it is recorded already, and tells what is in force.
// mode: write
// params: key STRING, value STRING
// returns: key, value
CYPHER 25
MERGE (setting:Setting {key: $key})
ON CREATE SET setting.value = $value
RETURN setting.key AS key, toString(setting.value) AS value
