-- Files of conversations. `files` are bytes and what is known of them, once per domain; `media` are
-- their places in conversations. A row of `media` is there before its bytes are, so that what a
-- crash leaves in the store has a row that names it.

CREATE TABLE files (
    domain_id uuid NOT NULL REFERENCES domains,
    checksum bytea NOT NULL,               -- SHA-256
    key text NOT NULL,                     -- in the store: the path of whichever file came first
    size bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('image', 'audio', 'video', 'document', 'sticker')),
    content_type text NOT NULL,
    understood_at timestamptz,             -- null: nobody has looked into it yet
    width integer,
    height integer,
    duration double precision,             -- seconds
    pages integer,
    peaks smallint[],
    transcript text,
    language text,
    description text,
    text text,
    error text,
    renditions jsonb NOT NULL DEFAULT '[]', -- [{name, key, content_type, size}]
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple', left(
        coalesce(transcript, '') || ' ' || coalesce(description, '') || ' ' || coalesce(text, ''),
        100000
    ))) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, checksum)
);
CREATE INDEX files_unseen ON files (created_at) WHERE understood_at IS NULL;
CREATE INDEX files_search ON files USING gin (search);

CREATE TABLE media (
    domain_id uuid NOT NULL REFERENCES domains,
    media_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,                       -- null: uploaded, in no message yet
    person_id uuid,                        -- who uploaded it; null: a customer's
    place smallint NOT NULL DEFAULT 0,     -- among the message's files
    state text NOT NULL
        CHECK (state IN ('uploading', 'pending', 'stored', 'failed', 'deleted')),
    kind text NOT NULL CHECK (kind IN ('image', 'audio', 'video', 'document', 'sticker')),
    content_type text NOT NULL,
    filename text NOT NULL,
    path text NOT NULL,                    -- conversation-media/{user}/{agent}/{chat}/{name}
    checksum bytea,
    source_url text,                       -- where the carrier has it
    error text,                            -- why it could not be had
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, media_id),
    FOREIGN KEY (domain_id, checksum) REFERENCES files
);
CREATE UNIQUE INDEX media_by_id ON media (media_id, domain_id);
CREATE UNIQUE INDEX media_by_path ON media (path, domain_id);
CREATE INDEX media_by_message ON media (message_id, domain_id) WHERE message_id IS NOT NULL;
CREATE INDEX media_by_conversation ON media (conversation_id, created_at DESC, domain_id);
CREATE INDEX media_by_checksum ON media (checksum, domain_id) WHERE checksum IS NOT NULL;
CREATE INDEX media_by_age ON media (created_at) WHERE state <> 'deleted';
CREATE INDEX media_unfinished ON media (updated_at) WHERE state IN ('uploading', 'pending');

-- Objects that nothing names any more, until the store has deleted them.
CREATE TABLE media_garbage (
    domain_id uuid NOT NULL REFERENCES domains,
    key text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, key)
);

-- What retention deleted, a row each time it deleted something.
CREATE TABLE retention_reports (
    domain_id uuid NOT NULL REFERENCES domains,
    report_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    media_before timestamptz,              -- files older than this went; null: they are kept
    transcripts_before timestamptz,
    media_deleted bigint NOT NULL DEFAULT 0,
    bytes_deleted bigint NOT NULL DEFAULT 0,
    transcripts_deleted bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (domain_id, report_id)
);

ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_stage_check;
ALTER TABLE dead_letters ADD CONSTRAINT dead_letters_stage_check
    CHECK (stage IN ('ingest', 'turn', 'deliver', 'media'));

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['files', 'media', 'media_garbage', 'retention_reports'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY own_domain ON %I TO frontdesk_tenant'
            ' USING (domain_id = current_setting(''frontdesk.domain_id'')::uuid)',
            tenant_table
        );
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO frontdesk_tenant', tenant_table);
    END LOOP;
END
$$;
