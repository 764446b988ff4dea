// Other names of entities: a merged entity becomes one, a renamed one gets one. Names that may mean the same.
CREATE CONSTRAINT alias_key IF NOT EXISTS FOR (alias:Alias) REQUIRE (alias.workspace, alias.key) IS UNIQUE;
CREATE CONSTRAINT similar_id IF NOT EXISTS FOR ()-[similar:SIMILAR]-() REQUIRE similar.id IS UNIQUE;
CREATE INDEX similar_score IF NOT EXISTS FOR ()-[similar:SIMILAR]-() ON (similar.workspace, similar.status, similar.score);
CREATE INDEX relation_weight IF NOT EXISTS FOR ()-[relation:RELATES]-() ON (relation.workspace, relation.weight);
CREATE INDEX entity_form IF NOT EXISTS FOR (entity:Entity) ON (entity.workspace, entity.form);
CREATE INDEX entity_initials IF NOT EXISTS FOR (entity:Entity) ON (entity.workspace, entity.initials);
