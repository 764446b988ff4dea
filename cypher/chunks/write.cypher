// Writes chunks of documents, and chains them in order.
// mode: write
// params: workspace STRING, scope STRING, rows LIST<MAP>
// returns: nothing
CYPHER 25
UNWIND $rows AS row
MATCH (document:Document {id: row.document_id})
MERGE (chunk:Chunk {id: row.id})
  ON CREATE SET chunk.workspace = $workspace, chunk.scope = $scope, chunk.document_id = row.document_id,
    chunk.text = row.text, chunk.tokens = row.tokens, chunk.embedding = toFloatList(row.embedding),
    chunk.revision = document.revision + 1
SET chunk.position = row.position, chunk.page = row.page, chunk.section = row.section,
  chunk.start = row.start, chunk.end = row.end, chunk.page_starts = row.page_starts, chunk.problem = row.problem
MERGE (document)-[:HAS_CHUNK]->(chunk)
WITH row, chunk WHERE row.previous IS NOT NULL
MATCH (previous:Chunk {id: row.previous})
MERGE (previous)-[:NEXT]->(chunk)
