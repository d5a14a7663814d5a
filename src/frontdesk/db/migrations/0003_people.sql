-- People sign in: passwords, sessions that tell where they are, invitations, and limits on guessing.

ALTER TABLE people
    ADD COLUMN password_hash text,         -- Argon2; null: none was set
    ADD COLUMN signed_in_at timestamptz;   -- the last time; null: never
UPDATE people SET signed_in_at = (
    SELECT max(at) FROM audit_log
    WHERE audit_log.domain_id = people.domain_id AND audit_log.person_id = people.person_id
    AND action = 'sign_in'
);
CREATE INDEX people_by_email ON people (email, domain_id);
CREATE INDEX people_by_person ON people (person_id, domain_id);

ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_purpose_check;
ALTER TABLE api_tokens
    ADD CONSTRAINT api_tokens_purpose_check
        CHECK (purpose IN ('api', 'sign_in', 'session', 'invitation')),
    -- Of sessions: how they began, and in which browser.
    ADD COLUMN began_by text CHECK (began_by IN ('password', 'link', 'invitation', 'oidc')),
    ADD COLUMN user_agent text NOT NULL DEFAULT '',
    ADD COLUMN address text NOT NULL DEFAULT '';
UPDATE api_tokens SET last_used_at = now(), began_by = 'link' WHERE purpose = 'session';
CREATE INDEX api_tokens_by_person ON api_tokens (person_id, domain_id);

-- What the log tells outlives the people that it tells of.
ALTER TABLE audit_log
    ADD COLUMN person_name text,
    ADD COLUMN person_email text;
UPDATE audit_log SET person_name = people.name, person_email = people.email FROM people
WHERE people.domain_id = audit_log.domain_id AND people.person_id = audit_log.person_id;

-- Attempts to sign in belong to no domain: who asks is not known yet. `until` is the theoretical
-- arrival time of GCRA, a sliding window in one row a key.
CREATE SCHEMA sign_in;
CREATE TABLE sign_in.attempts (
    key bytea PRIMARY KEY,                 -- a keyed hash of the e-mail or the address
    until timestamptz NOT NULL
);
CREATE INDEX attempts_by_time ON sign_in.attempts (until);
