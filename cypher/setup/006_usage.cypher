// What model calls took, by workspace, day, model and kind of call.
CREATE CONSTRAINT usage_key IF NOT EXISTS FOR (usage:Usage) REQUIRE (usage.workspace, usage.day, usage.model, usage.kind) IS UNIQUE;
