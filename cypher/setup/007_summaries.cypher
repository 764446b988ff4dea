// What is described at more length than is shown, and waits for a summary.
CREATE INDEX entity_wordy IF NOT EXISTS FOR (entity:Entity) ON (entity.wordy, entity.workspace);
CREATE INDEX relation_wordy IF NOT EXISTS FOR ()-[relation:RELATES]-() ON (relation.wordy, relation.workspace);
