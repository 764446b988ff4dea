// Computes relations anew: what a person has set, else what chunks state of them, in the words of their summary as long as all
// that it covers is there. Deletes those that nothing states any more and that no person has made, and tells which need a new
// vector. Of descriptions the longest are shown, as many as there is room for; what has grown long is marked, for a summary.
// mode: write
// params: rows LIST<MAP>, most INTEGER, told INTEGER, room INTEGER, long INTEGER
// returns: id, source, target, keywords, description
CYPHER 25
UNWIND $rows AS row
MATCH ()-[relation:RELATES {id: row.id}]->()
  USING INDEX relation:RELATES(id)
SET relation.lock = true
CALL (relation) {
  MATCH ()-[statement:STATES {relation_id: relation.id}]->()
    USING INDEX statement:STATES(relation_id)
  RETURN count(statement) AS evidence
}
CALL (relation, evidence) {
  WHEN evidence = 0 THEN {
    RETURN 0.0 AS weight, [] AS descriptions, [] AS keywords, 0 AS size, false AS covered
  }
  WHEN relation.summary_id IS NOT NULL THEN {
    MATCH ()-[statement:STATES {relation_id: relation.id}]->()
      USING INDEX statement:STATES(relation_id)
    WITH relation, sum(statement.weight) AS weight, collect(statement.keywords) AS keywords,
      collect(DISTINCT statement.description) AS all,
      collect(DISTINCT CASE WHEN statement.summary = relation.summary_id THEN null ELSE statement.description END) AS others,
      count(CASE WHEN statement.summary = relation.summary_id THEN 1 END) = relation.summary_covers AS covered
    WITH relation, weight, keywords, covered, CASE WHEN covered THEN others ELSE all END AS rest
    RETURN weight,
      COLLECT {
        UNWIND rest AS part WITH part WHERE part <> ''
        RETURN part ORDER BY size(part) DESC, part LIMIT $told
      } AS descriptions,
      COLLECT {
        UNWIND keywords AS list UNWIND list AS keyword
        WITH keyword, count(*) AS times
        RETURN keyword ORDER BY times DESC, keyword LIMIT $most
      } AS keywords,
      CASE WHEN size(rest) > $told THEN $long + 1 ELSE reduce(sum = 0, part IN rest | sum + size(part)) END AS size, covered
  }
  WHEN evidence = 1 THEN {
    MATCH ()-[statement:STATES {relation_id: relation.id}]->()
      USING INDEX statement:STATES(relation_id)
    RETURN statement.weight AS weight, [statement.description] AS descriptions, statement.keywords[..$most] AS keywords,
      0 AS size, false AS covered
  }
  ELSE {
    MATCH ()-[statement:STATES {relation_id: relation.id}]->()
      USING INDEX statement:STATES(relation_id)
    WITH sum(statement.weight) AS weight, collect(DISTINCT statement.description) AS descriptions,
      collect(statement.keywords) AS keywords
    RETURN weight,
      COLLECT {
        UNWIND descriptions AS part WITH part WHERE part <> ''
        RETURN part ORDER BY size(part) DESC, part LIMIT $told
      } AS descriptions,
      COLLECT {
        UNWIND keywords AS list UNWIND list AS keyword
        WITH keyword, count(*) AS times
        RETURN keyword ORDER BY times DESC, keyword LIMIT $most
      } AS keywords,
      CASE WHEN size(descriptions) > $told THEN $long + 1 ELSE reduce(sum = 0, part IN descriptions | sum + size(part)) END AS size,
      false AS covered
  }
}
CALL (relation, covered) {
  WITH relation WHERE NOT covered AND relation.summary_id IS NOT NULL
  REMOVE relation.summary, relation.summary_id, relation.summary_call, relation.summary_covers
}
WITH relation, row, evidence, evidence = 0 AND relation.manual IS NULL AS gone,
  size > $long AND relation.edited_description IS NULL AND (row.grown OR relation.wordy) AS wordy,
  // a relation that a person has made counts as one statement
  coalesce(relation.edited_weight, weight + CASE WHEN relation.manual THEN 1.0 ELSE 0.0 END) AS weight,
  coalesce(relation.edited_description,
    reduce(text = CASE WHEN covered THEN relation.summary END, part IN [reduce(text = '', part IN descriptions |
      CASE WHEN text = '' THEN part WHEN size(text) + size(part) < $room THEN text + '\n' + part ELSE text END
    )] | CASE WHEN text IS NULL THEN part WHEN part = '' THEN text ELSE text + '\n' + part END)) AS description,
  coalesce(relation.edited_keywords,
    reduce(text = '', part IN keywords | text + CASE text WHEN '' THEN '' ELSE ', ' END + part)) AS keywords
CALL (relation, row, evidence, wordy, gone, weight, description, keywords) {
  WHEN gone THEN {
    DELETE relation
  }
  ELSE {
    CALL (relation, row, description, keywords) {
      WITH * WHERE relation.embedding IS NULL OR relation.description <> description OR relation.keywords <> keywords
      CALL (relation, row, description, keywords) {
        WHEN row.description = description AND row.words = keywords THEN {
          SET relation.embedding = toFloatList(row.embedding)
          REMOVE relation.stale
        }
        ELSE {
          SET relation.stale = true
        }
      }
    }
    SET relation.description = description, relation.keywords = keywords, relation.weight = weight,
      relation.evidence_count = evidence, relation.wordy = CASE WHEN wordy THEN true END
    REMOVE relation.lock
  }
}
WITH relation, CASE WHEN NOT gone THEN relation.stale END AS stale WHERE stale
RETURN relation.id AS id, startNode(relation).name AS source, endNode(relation).name AS target,
  relation.keywords AS keywords, relation.description AS description
