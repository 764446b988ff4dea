// Runs of the pipeline, and the documents that are to go by themselves.
CREATE CONSTRAINT job_id IF NOT EXISTS FOR (job:Job) REQUIRE job.id IS UNIQUE;
CREATE INDEX job_workspace IF NOT EXISTS FOR (job:Job) ON (job.workspace, job.started_at);
CREATE INDEX job_status IF NOT EXISTS FOR (job:Job) ON (job.status, job.workspace);
CREATE INDEX document_expiry IF NOT EXISTS FOR (document:Document) ON (document.expires_at);
