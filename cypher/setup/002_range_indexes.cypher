// Look-ups that are not by identity.
CREATE INDEX document_status IF NOT EXISTS FOR (document:Document) ON (document.status, document.workspace);
CREATE INDEX document_workspace IF NOT EXISTS FOR (document:Document) ON (document.workspace, document.created_at);
CREATE INDEX document_track IF NOT EXISTS FOR (document:Document) ON (document.track_id);
CREATE INDEX chunk_document IF NOT EXISTS FOR (chunk:Chunk) ON (chunk.document_id);
CREATE INDEX entity_mentions IF NOT EXISTS FOR (entity:Entity) ON (entity.workspace, entity.mention_count);
CREATE INDEX entity_stale IF NOT EXISTS FOR (entity:Entity) ON (entity.stale, entity.workspace);
CREATE INDEX relation_stale IF NOT EXISTS FOR ()-[relation:RELATES]-() ON (relation.stale, relation.workspace);
CREATE INDEX states_relation IF NOT EXISTS FOR ()-[statement:STATES]-() ON (statement.relation_id);
CREATE INDEX query_workspace IF NOT EXISTS FOR (query:Query) ON (query.workspace, query.created_at);
