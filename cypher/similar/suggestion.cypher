// A suggestion that waits for a person, by its id.
// mode: read
// params: workspace STRING, id STRING
// returns: id, score, reason, first, second
CYPHER 25
MATCH (one:Entity)-[similar:SIMILAR {id: $id}]->(two:Entity)
WHERE similar.workspace = $workspace AND similar.status = 'open'
RETURN similar.id AS id, similar.score AS score, similar.reason AS reason,
  one {.id, .name, .type, .description, .aliases, .mention_count} AS first,
  two {.id, .name, .type, .description, .aliases, .mention_count} AS second
