// Vector indexes with the properties that a search may filter by, and full-text indexes with the workspace's scope token.
CREATE VECTOR INDEX chunk_embedding IF NOT EXISTS FOR (chunk:Chunk) ON chunk.embedding
WITH [chunk.workspace, chunk.document_id, chunk.revision] OPTIONS $vector_options;
CREATE VECTOR INDEX entity_embedding IF NOT EXISTS FOR (entity:Entity) ON entity.embedding
WITH [entity.workspace, entity.type] OPTIONS $vector_options;
CREATE VECTOR INDEX relation_embedding IF NOT EXISTS FOR ()-[relation:RELATES]-() ON relation.embedding
WITH [relation.workspace, relation.source_id, relation.target_id] OPTIONS $vector_options;
CREATE FULLTEXT INDEX chunk_text IF NOT EXISTS FOR (chunk:Chunk) ON EACH [chunk.text, chunk.section, chunk.scope]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};
CREATE FULLTEXT INDEX entity_name IF NOT EXISTS FOR (entity:Entity) ON EACH [entity.name, entity.aliases, entity.scope]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};
