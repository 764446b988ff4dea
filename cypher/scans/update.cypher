// Records how far a scan is.
// mode: write
// params: workspace STRING, id STRING, row MAP
// returns: id
CYPHER 25
MATCH (:Workspace {name: $workspace})-[:RAN]->(job:Job {id: $id, kind: 'scan'})
SET job += $row
SET job.updated_at = datetime.realtime(), job.version = job.version + 1
RETURN job.id AS id
