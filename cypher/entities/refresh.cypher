// Computes entities anew from their mentions, deletes those that nothing mentions any more, and tells which need a new vector.
// mode: write
// params: rows LIST<MAP>, most INTEGER
// returns: id, name, description
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
SET entity.lock = true
WITH entity, row, COUNT { (entity)<-[:MENTIONS]-() } AS mentions
CALL (entity, mentions) {
  WHEN mentions = 0 THEN {
    RETURN [] AS names, null AS type, [] AS descriptions
  }
  WHEN mentions = 1 THEN {
    MATCH (entity)<-[mention:MENTIONS]-()
    RETURN [mention.name] AS names, mention.type AS type, [mention.description] AS descriptions
  }
  ELSE {
    MATCH (entity)<-[mention:MENTIONS]-()
    WITH collect(mention.name) AS names, collect(mention.type) AS types, collect(DISTINCT mention.description) AS descriptions
    RETURN COLLECT {
        UNWIND names AS name WITH name, count(*) AS votes
        RETURN name ORDER BY votes DESC, name LIMIT $most
      } AS names,
      head(COLLECT {
        UNWIND types AS type WITH type, count(*) AS votes
        RETURN type ORDER BY votes DESC, type LIMIT 1
      }) AS type,
      COLLECT {
        UNWIND descriptions AS description WITH description WHERE description <> ''
        RETURN description ORDER BY size(description) DESC, description LIMIT $most
      } AS descriptions
  }
}
WITH entity, row, mentions, names, type,
  reduce(text = '', part IN descriptions | text + CASE text WHEN '' THEN '' ELSE '\n' END + part) AS description
CALL (entity, row, mentions, names, type, description) {
  WHEN mentions = 0 THEN {
    DETACH DELETE entity
  }
  ELSE {
    CALL (entity, row, names, description) {
      WITH * WHERE entity.embedding IS NULL OR entity.description <> description OR entity.name <> names[0]
      CALL (entity, row, names, description) {
        WHEN row.description = description AND row.words = names[0] THEN {
          SET entity.embedding = toFloatList(row.embedding)
          REMOVE entity.stale
        }
        ELSE {
          SET entity.stale = true
        }
      }
    }
    SET entity.name = names[0], entity.aliases = names[1..], entity.description = description, entity.mention_count = mentions
    REMOVE entity.lock
    WITH entity, type WHERE entity.type IS NULL OR entity.type <> type
    CALL (entity) {
      WITH entity WHERE entity.type IS NOT NULL
      REMOVE entity:$(entity.type)
    }
    SET entity.type = type
    SET entity:$(type)
  }
}
WITH entity, CASE WHEN mentions > 0 THEN entity.stale END AS stale WHERE stale
RETURN entity.id AS id, entity.name AS name, entity.description AS description
