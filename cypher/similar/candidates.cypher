// Entities whose name may mean the same as that of others: of the same form, initials of it, near in meaning, or with like words;
// `words` are confined to the workspace. What was compared before is left out.
// mode: read
// params: workspace STRING, rows LIST<MAP>, limit INTEGER
// returns: owner, id, key, name, mention_count, touched, near
CYPHER 25
UNWIND $rows AS row
MATCH (entity:Entity {id: row.id})
CALL (row, entity) {
  MATCH (other:Entity {workspace: $workspace, form: entity.form})
    USING INDEX other:Entity(workspace, form)
  RETURN other
  UNION
  MATCH (other:Entity {workspace: $workspace, key: entity.initials})
    USING INDEX other:Entity(workspace, key)
  RETURN other
  UNION
  MATCH (other:Entity {workspace: $workspace, initials: entity.key})
    USING INDEX other:Entity(workspace, initials)
  RETURN other LIMIT $limit
  UNION
  WITH row, entity WHERE entity.embedding IS NOT NULL
  MATCH (other:Entity)
    SEARCH other IN (VECTOR INDEX entity_embedding FOR entity.embedding WHERE other.workspace = $workspace LIMIT $limit)
  RETURN other
  UNION
  MATCH (other:Entity) SEARCH other IN (FULLTEXT INDEX entity_name FOR row.words LIMIT $limit)
  RETURN other
}
WITH DISTINCT entity, other
WHERE other <> entity AND other.workspace = $workspace AND NOT EXISTS { (entity)-[:SIMILAR]-(other) }
RETURN entity.id AS owner, other.id AS id, other.key AS key, other.name AS name, other.mention_count AS mention_count,
  other.manual IS NOT NULL OR other.edited_at IS NOT NULL AS touched,
  coalesce(2 * vector.similarity.cosine(entity.embedding, other.embedding) - 1, 0.0) AS near
ORDER BY owner, id
