// Computes entities anew: what a person has set, else what their mentions say, in the words of their summary as long as all
// that it covers is there. Deletes those that nothing mentions any more and that no person has made, and tells which need a
// new vector. Of descriptions the longest are shown, as many as there is room for; what has grown long is marked, for a summary.
// mode: write
// params: rows LIST<MAP>, most INTEGER, told INTEGER, room INTEGER, long INTEGER
// returns: id, name, description
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
SET entity.lock = true
WITH entity, row, COUNT { (entity)<-[:MENTIONS]-() } AS edges, COUNT { (entity)<-[:ALIAS_OF]-() } AS others
CALL (entity, edges) {
  WHEN edges = 0 THEN {
    RETURN [] AS names, null AS type, [] AS summary, [] AS descriptions, 0 AS size, 0 AS mentions, entity.manual IS NULL
      AND NOT EXISTS { (entity)<-[:ALIAS_OF]-+(:Alias {manual: true}) } AS gone
  }
  WHEN entity.summary_id IS NOT NULL THEN {
    MATCH (entity)<-[mention:MENTIONS]-(chunk)
    WITH entity, collect(mention.name) AS names, collect(mention.type) AS types, count(DISTINCT chunk) AS mentions,
      collect(DISTINCT mention.description) AS all,
      collect(DISTINCT CASE WHEN mention.summary = entity.summary_id THEN null ELSE mention.description END) AS rest,
      count(CASE WHEN mention.summary = entity.summary_id THEN 1 END) = entity.summary_covers AS covered
    WITH entity, names, types, mentions, CASE WHEN covered THEN rest ELSE all END AS rest,
      CASE WHEN covered THEN [entity.summary] ELSE [] END AS summary
    CALL (entity, summary) {
      WITH entity WHERE summary = []
      REMOVE entity.summary, entity.summary_id, entity.summary_call, entity.summary_covers
    }
    RETURN COLLECT {
        UNWIND names AS name WITH name, count(*) AS votes
        RETURN name ORDER BY votes DESC, name LIMIT $most
      } AS names,
      head(COLLECT {
        UNWIND types AS type WITH type, count(*) AS votes
        RETURN type ORDER BY votes DESC, type LIMIT 1
      }) AS type,
      summary,
      COLLECT {
        UNWIND rest AS description WITH description WHERE description <> ''
        RETURN description ORDER BY size(description) DESC, description LIMIT $told
      } AS descriptions,
      CASE WHEN size(rest) > $told THEN $long + 1 ELSE reduce(sum = 0, part IN rest | sum + size(part)) END AS size,
      mentions, false AS gone
  }
  WHEN edges = 1 THEN {
    MATCH (entity)<-[mention:MENTIONS]-()
    RETURN [mention.name] AS names, mention.type AS type, [] AS summary, [mention.description] AS descriptions, 0 AS size, 1 AS mentions,
      false AS gone
  }
  ELSE {
    MATCH (entity)<-[mention:MENTIONS]-(chunk)
    WITH collect(mention.name) AS names, collect(mention.type) AS types, collect(DISTINCT mention.description) AS descriptions,
      count(DISTINCT chunk) AS mentions
    RETURN COLLECT {
        UNWIND names AS name WITH name, count(*) AS votes
        RETURN name ORDER BY votes DESC, name LIMIT $most
      } AS names,
      head(COLLECT {
        UNWIND types AS type WITH type, count(*) AS votes
        RETURN type ORDER BY votes DESC, type LIMIT 1
      }) AS type,
      [] AS summary,
      COLLECT {
        UNWIND descriptions AS description WITH description WHERE description <> ''
        RETURN description ORDER BY size(description) DESC, description LIMIT $told
      } AS descriptions,
      CASE WHEN size(descriptions) > $told THEN $long + 1
        ELSE reduce(sum = 0, part IN descriptions | sum + size(part)) END AS size,
      mentions, false AS gone
  }
}
WITH entity, row, others, mentions, gone,
  size > $long AND entity.edited_description IS NULL AND (row.grown OR entity.wordy) AS wordy,
  coalesce(entity.edited_name, names[0], entity.made_name, entity.name) AS name, names,
  coalesce(entity.edited_type, type, 'Other') AS type,
  coalesce(entity.edited_description, reduce(text = head(summary), part IN [reduce(text = '', part IN descriptions |
    CASE WHEN text = '' THEN part WHEN size(text) + size(part) < $room THEN text + '\n' + part ELSE text END
  )] | CASE WHEN text IS NULL THEN part WHEN part = '' THEN text ELSE text + '\n' + part END)) AS description
CALL (entity, row, others, mentions, wordy, name, names, type, description, gone) {
  WHEN gone THEN {
    DETACH DELETE entity
  }
  ELSE {
    CALL (entity, row, name, description) {
      WITH * WHERE entity.embedding IS NULL OR entity.description <> description OR entity.name <> name
      CALL (entity, row, name, description) {
        WHEN row.description = description AND row.words = name THEN {
          SET entity.embedding = toFloatList(row.embedding)
          REMOVE entity.stale
        }
        ELSE {
          SET entity.stale = true
        }
      }
    }
    SET entity.name = name, entity.description = description, entity.mention_count = mentions,
      entity.wordy = CASE WHEN wordy THEN true END,
      entity.aliases = [other IN names WHERE other <> name][..$most - 1]
    REMOVE entity.lock
    CALL (entity, others, name, names) {
      WITH entity, name, names WHERE others > 0
      SET entity.aliases = (entity.aliases + COLLECT {
        MATCH (entity)<-[:ALIAS_OF]-+(alias:Alias) WHERE NOT alias.name IN names AND alias.name <> name
        RETURN DISTINCT alias.name ORDER BY alias.name
      })[..$most - 1]
    }
    WITH entity, type WHERE entity.type IS NULL OR entity.type <> type
    CALL (entity) {
      WITH entity WHERE entity.type IS NOT NULL
      REMOVE entity:$(entity.type)
    }
    SET entity.type = type
    SET entity:$(type)
  }
}
WITH entity, CASE WHEN NOT gone THEN entity.stale END AS stale WHERE stale
RETURN entity.id AS id, entity.name AS name, entity.description AS description
