-- Tenants, people, channels, contacts, conversations, messages.
-- Every tenant table has domain_id first in its primary key and somewhere in its unique keys, so
-- that rows are isolated by policy and the tables distribute by domain as they stand.
-- Other indexes of large tables do not begin with domain_id: a plan made while a table is empty,
-- when all indexes look alike, would read a whole domain where the primary key finds one row.

CREATE TABLE domains (
    domain_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    display_name text NOT NULL,
    default_assistant_id text,
    assistants_version bigint NOT NULL DEFAULT 0,  -- goes up when one of its assistants changes
    settings jsonb NOT NULL DEFAULT '{}',
    technical bytea,                       -- technical_json, encrypted
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE people (
    domain_id uuid NOT NULL REFERENCES domains,
    person_id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL DEFAULT '',
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'agent', 'viewer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, person_id),
    UNIQUE (domain_id, email)
);

CREATE TABLE api_tokens (
    domain_id uuid NOT NULL REFERENCES domains,
    token_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL,             -- SHA-256 of the token, which has 256 random bits
    name text NOT NULL DEFAULT '',
    purpose text NOT NULL DEFAULT 'api' CHECK (purpose IN ('api', 'sign_in', 'session')),
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    PRIMARY KEY (domain_id, token_id),
    FOREIGN KEY (domain_id, person_id) REFERENCES people ON DELETE CASCADE
);
CREATE INDEX api_tokens_by_hash ON api_tokens (token_hash);

CREATE TABLE audit_log (
    domain_id uuid NOT NULL REFERENCES domains,
    entry_id uuid NOT NULL,
    person_id uuid,
    action text NOT NULL,
    target text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, entry_id)
);

CREATE TABLE channels (
    domain_id uuid NOT NULL REFERENCES domains,
    channel_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('wmsg', 'wvoice', 'sms', 'phone')),
    carrier text NOT NULL,
    address text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped', 'removed')),
    state_reason text,
    rate double precision NOT NULL DEFAULT 80,
    rate_reserved_until timestamptz NOT NULL DEFAULT '-infinity',  -- GCRA theoretical arrival time
    caught_up_to timestamptz,              -- inbound messages before this moment are all here
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, channel_id)
);
-- Who owns an address is a question across domains: it is what routes a webhook to its domain.
CREATE UNIQUE INDEX channels_by_address ON channels (kind, address) WHERE state <> 'removed';

CREATE TABLE contacts (
    domain_id uuid NOT NULL REFERENCES domains,
    contact_id uuid NOT NULL,
    address text NOT NULL,                 -- E.164, or a business-scoped user id
    external_user_id text,
    display_name text,
    email text,
    language text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, contact_id),
    UNIQUE (address, domain_id)
);
CREATE UNIQUE INDEX contacts_by_user_id ON contacts (external_user_id, domain_id)
    WHERE external_user_id IS NOT NULL;

CREATE TABLE opt_outs (
    domain_id uuid NOT NULL REFERENCES domains,
    channel_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    reason text NOT NULL,                  -- the keyword, or the carrier's code
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, channel_id, contact_id)
);

CREATE TABLE conversations (
    domain_id uuid NOT NULL REFERENCES domains,
    conversation_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    address text NOT NULL,                 -- the contact's, as this channel spells it
    assistant_id text,                     -- null: the domain's default
    mode text NOT NULL DEFAULT 'assistant' CHECK (mode IN ('assistant', 'manual')),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'snoozed', 'closed')),
    needs_people boolean NOT NULL DEFAULT false,
    needs_people_reason text,
    language text,
    context_seq bigint NOT NULL DEFAULT 0, -- the assistant sees what came after this (/reset)
    last_seq bigint NOT NULL DEFAULT 0,    -- the newest message's number in this conversation
    inbound_seq bigint NOT NULL DEFAULT 0, -- the newest inbound message's number
    turned_seq bigint NOT NULL DEFAULT 0,  -- inbound messages up to this were given to a turn
    unread integer NOT NULL DEFAULT 0,
    last_message text NOT NULL DEFAULT '',
    last_active timestamptz NOT NULL DEFAULT now(),
    -- What the list is sorted by first, in steps of 5 s: an index on last_active itself would make
    -- every message rewrite the row's entry in each index, which costs more than the message.
    active_step timestamptz NOT NULL
        GENERATED ALWAYS AS (date_bin('5 seconds', last_active, '2000-01-01Z')) STORED,
    last_inbound_at timestamptz,           -- opens the carrier's 24-hour window
    -- The two lanes. A lane that is not idle has exactly one job. `…_job` is the queue's id of the
    -- job that runs it, `…_token` fences a worker that was given up for dead.
    turn text NOT NULL DEFAULT 'idle' CHECK (turn IN ('idle', 'queued', 'running')),
    turn_job bigint,
    turn_token uuid,
    turn_attempts integer NOT NULL DEFAULT 0,
    turn_at timestamptz,
    delivery text NOT NULL DEFAULT 'idle' CHECK (delivery IN ('idle', 'queued', 'running')),
    delivery_job bigint,
    delivery_token uuid,
    delivery_attempts integer NOT NULL DEFAULT 0,
    delivery_wanted bigint NOT NULL DEFAULT 0, -- goes up with every message that is to be sent
    delivery_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, conversation_id),
    UNIQUE (contact_id, channel_id, domain_id)
) WITH (fillfactor = 70);
-- Partial so that only queries which repeat the condition, true of every row, can choose it.
CREATE INDEX conversations_by_activity ON conversations (domain_id, active_step DESC)
    WHERE created_at > '-infinity';
-- No index names a lane's columns: they change with every message, and a row whose indexed columns
-- stay is updated in place.

CREATE TABLE messages (
    domain_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    message_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    sender text NOT NULL CHECK (sender IN ('user', 'assistant', 'human', 'system')),
    kind text NOT NULL,
    source text NOT NULL,
    content text NOT NULL,
    structured jsonb,                      -- what is not text: media, location, button, …
    thinking text,
    person_id uuid,
    reply_to text,                         -- the carrier's id of the message replied to
    answers_seq bigint,                    -- outbound: the newest inbound message it answers
    part smallint NOT NULL DEFAULT 0,
    status text NOT NULL,
    status_rank smallint NOT NULL,
    carrier_id text,
    carrier_status text,
    error_code text,
    error text,
    attempts integer NOT NULL DEFAULT 0,
    trace_id uuid NOT NULL,
    sent_at_carrier timestamptz,           -- inbound: when the customer sent it, if known
    received_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    picked_up_at timestamptz,
    answered_at timestamptz,
    queued_at timestamptz,
    sending_at timestamptz,
    sent_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    failed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- No foreign key: its check would lock the conversation's row once more for each message.
    PRIMARY KEY (domain_id, conversation_id, seq)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX messages_by_id ON messages (message_id, domain_id);
CREATE UNIQUE INDEX messages_by_carrier_id ON messages (carrier_id, channel_id, domain_id)
    WHERE carrier_id IS NOT NULL;
CREATE INDEX messages_to_send ON messages (conversation_id, seq, domain_id)
    WHERE status IN ('queued', 'sending');

-- Raw webhooks of inbound messages, as they came: evidence, and what a replay reads.
CREATE TABLE receipts (
    domain_id uuid NOT NULL,
    message_id uuid NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (domain_id, message_id)
);

-- Statuses whose message is not known yet: applied when it is.
CREATE TABLE parked_statuses (
    domain_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    carrier_id text NOT NULL,
    status text NOT NULL,
    status_rank smallint NOT NULL,
    carrier_status text NOT NULL DEFAULT '',
    error_code text,
    error text,
    stops_contact boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL,
    PRIMARY KEY (domain_id, channel_id, carrier_id, status)
);

-- What could not be taken in, understood, answered or sent: seen, counted, replayable.
CREATE TABLE dead_letters (
    domain_id uuid NOT NULL,
    letter_id uuid NOT NULL,
    stage text NOT NULL CHECK (stage IN ('ingest', 'turn', 'deliver')),
    channel_id uuid,
    conversation_id uuid,
    message_id uuid,
    reason text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz,
    PRIMARY KEY (domain_id, letter_id)
);
CREATE INDEX dead_letters_open ON dead_letters (domain_id, at DESC) WHERE replayed_at IS NULL;

CREATE TABLE assistants (
    domain_id uuid NOT NULL REFERENCES domains,
    assistant_id text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    model text NOT NULL,
    instructions text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT 'en',
    base_url text,
    api_key bytea,                         -- encrypted
    options jsonb NOT NULL DEFAULT '{}',   -- time-out, limits, pause, history window
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, assistant_id)
);

ALTER TABLE domains ADD FOREIGN KEY (domain_id, default_assistant_id) REFERENCES assistants;

-- A turn learns with its claim whether the assistant that its worker remembers is still the one.
CREATE FUNCTION count_assistants_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE domains SET assistants_version = assistants_version + 1
    WHERE domain_id = coalesce(NEW.domain_id, OLD.domain_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER count_assistants_version AFTER INSERT OR UPDATE OR DELETE ON assistants
    FOR EACH ROW EXECUTE FUNCTION count_assistants_version();

CREATE TABLE documents (
    domain_id uuid NOT NULL REFERENCES domains,
    document_id uuid NOT NULL,
    name text NOT NULL,
    checksum bytea NOT NULL,
    size integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, document_id),
    UNIQUE (domain_id, name)
);

CREATE TABLE passages (
    domain_id uuid NOT NULL,
    document_id uuid NOT NULL,
    number integer NOT NULL,
    heading text NOT NULL DEFAULT '',
    content text NOT NULL,
    language regconfig NOT NULL,
    search tsvector NOT NULL,
    PRIMARY KEY (domain_id, document_id, number),
    FOREIGN KEY (domain_id, document_id) REFERENCES documents ON DELETE CASCADE
);
CREATE INDEX passages_search ON passages USING gin (search);

-- Tenant isolation: the role that `tenant_tx` takes sees its own domain's rows and no others.
DO $$
DECLARE
    tenant_table text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'frontdesk_tenant') THEN
        CREATE ROLE frontdesk_tenant NOLOGIN;
    END IF;
    EXECUTE format('GRANT frontdesk_tenant TO %I', current_user);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO frontdesk_tenant', current_schema());
    FOREACH tenant_table IN ARRAY ARRAY[
        'people', 'api_tokens', 'audit_log', 'channels', 'contacts', 'opt_outs', 'conversations',
        'messages', 'receipts', 'parked_statuses', 'dead_letters', 'assistants', 'documents',
        'passages', 'domains'
    ] LOOP
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
