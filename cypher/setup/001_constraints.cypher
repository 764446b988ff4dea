// Identity: what is unique, and the range indexes that come with it.
CREATE CONSTRAINT schema_version IF NOT EXISTS FOR (version:SchemaVersion) REQUIRE version.version IS UNIQUE;
CREATE CONSTRAINT setting_key IF NOT EXISTS FOR (setting:Setting) REQUIRE setting.key IS UNIQUE;
CREATE CONSTRAINT workspace_name IF NOT EXISTS FOR (workspace:Workspace) REQUIRE workspace.name IS UNIQUE;
CREATE CONSTRAINT document_id IF NOT EXISTS FOR (document:Document) REQUIRE document.id IS UNIQUE;
CREATE CONSTRAINT document_source IF NOT EXISTS FOR (document:Document) REQUIRE (document.workspace, document.source) IS UNIQUE;
CREATE CONSTRAINT chunk_id IF NOT EXISTS FOR (chunk:Chunk) REQUIRE chunk.id IS UNIQUE;
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (entity:Entity) REQUIRE entity.id IS UNIQUE;
CREATE CONSTRAINT entity_key IF NOT EXISTS FOR (entity:Entity) REQUIRE (entity.workspace, entity.key) IS UNIQUE;
CREATE CONSTRAINT relation_id IF NOT EXISTS FOR ()-[relation:RELATES]-() REQUIRE relation.id IS UNIQUE;
CREATE CONSTRAINT query_id IF NOT EXISTS FOR (query:Query) REQUIRE query.id IS UNIQUE;
CREATE CONSTRAINT model_call_key IF NOT EXISTS FOR (call:ModelCall) REQUIRE (call.workspace, call.key) IS UNIQUE;
