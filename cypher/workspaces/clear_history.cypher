// Deletes what a workspace remembers: questions with their answers, replies of models, runs of the pipeline, and scans;
// and with them the other names of entities.
// mode: batched
// params: workspace STRING
// returns: count
CYPHER 25
CALL () {
  MATCH (item:Query {workspace: $workspace}) WHERE item.created_at IS NOT NULL RETURN item
  UNION ALL
  MATCH (item:Alias {workspace: $workspace}) WHERE item.key IS NOT NULL RETURN item
  UNION ALL
  MATCH (item:ModelCall {workspace: $workspace}) WHERE item.key IS NOT NULL RETURN item
  UNION ALL
  MATCH (item:Job {workspace: $workspace}) WHERE item.started_at IS NOT NULL RETURN item
  UNION ALL
  MATCH (:Workspace {name: $workspace})-[:RAN]->(item:Job) RETURN item
}
CALL (item) {
  DETACH DELETE item
} IN TRANSACTIONS OF 500 ROWS
RETURN count(*) AS count
