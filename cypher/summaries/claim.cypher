// Takes, or keeps, the right to write summaries, unless another process holds it.
// mode: write
// params: owner STRING, seconds INTEGER
// returns: taken
CYPHER 25
MERGE (setting:Setting {key: 'summaries_lock'})
SET setting.lock = true
WITH setting, datetime.realtime() AS now
WITH setting, now, setting.until IS NULL OR setting.until < now OR setting.owner = $owner AS taken
SET setting.owner = CASE WHEN taken THEN $owner ELSE setting.owner END,
    setting.until = CASE WHEN taken THEN now + duration({seconds: $seconds}) ELSE setting.until END
REMOVE setting.lock
RETURN taken
