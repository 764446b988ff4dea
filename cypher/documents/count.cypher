// How many documents of a workspace a filter lets through.
// mode: read
// params: workspace STRING, statuses LIST<STRING>?, types LIST<STRING>?, ids LIST<STRING>?, search STRING?, created_after DATETIME?, created_before DATETIME?, metadata LIST<MAP>?
// returns: count
CYPHER 25
MATCH (document:Document {workspace: $workspace})
WHERE document.created_at IS NOT NULL
  AND ($statuses IS NULL OR document.status IN $statuses)
  AND ($types IS NULL OR document.media_type IN $types)
  AND ($ids IS NULL OR document.id IN $ids)
  AND ($search IS NULL OR toLower(document.title) CONTAINS toLower($search)
    OR toLower(document.source) CONTAINS toLower($search))
  AND ($created_after IS NULL OR document.created_at > $created_after)
  AND ($created_before IS NULL OR document.created_at < $created_before)
  AND ($metadata IS NULL OR all(pair IN $metadata WHERE document[pair.key] = pair.value))
WITH count(document) AS count WHERE count > 0
RETURN count
