// Takes the right to change the schema, unless another process holds it.
// mode: write
// params: owner STRING
// returns: taken
CYPHER 25
MERGE (setting:Setting {key: 'schema_lock'})
SET setting.lock = true
WITH setting, datetime.realtime() AS now
WITH setting, now, setting.until IS NULL OR setting.until < now OR setting.value = $owner AS taken
SET setting.value = CASE WHEN taken THEN $owner ELSE setting.value END,
    setting.until = CASE WHEN taken THEN now + duration({seconds: 60}) ELSE setting.until END
RETURN taken
