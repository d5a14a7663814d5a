-- Domains take turns with what assistants write: each one's oldest, however many another has.
CREATE INDEX outreach_written ON outreach (domain_id, job_at) WHERE status = 'writing';
