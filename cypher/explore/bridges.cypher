// Entities that connect documents: mentioned in more than one of them, those in most first.
// mode: read
// params: workspace STRING, limit INTEGER
// returns: name, type, documents, sources
CYPHER 25
MATCH (entity:Entity {workspace: $workspace})<-[:MENTIONS]-(:Chunk)<-[:HAS_CHUNK]-(document:Document)
WITH entity, collect(DISTINCT document.source) AS sources
WHERE size(sources) > 1
RETURN entity.name AS name, entity.type AS type, size(sources) AS documents, sources
ORDER BY documents DESC, name LIMIT $limit
