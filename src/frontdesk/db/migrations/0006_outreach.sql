-- Outreach: templates, credit, opt-outs with their history, campaigns and their recipients,
-- follow-ups, mailboxes.

-- What a carrier approved for use outside its window, and texts of one's own for channels without.
CREATE TABLE templates (
    domain_id uuid NOT NULL REFERENCES domains,
    template_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    carrier_id text,                       -- Twilio's HX…, Meta's id; null: not handed in yet
    name text NOT NULL,
    language text NOT NULL,
    category text NOT NULL CHECK (category IN ('marketing', 'utility', 'authentication')),
    status text NOT NULL
        CHECK (status IN ('draft', 'pending', 'approved', 'rejected', 'paused', 'disabled')),
    status_reason text,
    header jsonb,                          -- {"kind": "text", "text"} or {"kind": "image", "url"}
    body text NOT NULL,
    footer text,
    buttons jsonb NOT NULL DEFAULT '[]',   -- [{"kind": "reply" | "url" | "phone", "text", …}]
    variables jsonb NOT NULL DEFAULT '[]', -- [{"name": "1", "sample": "Ana"}]
    synced_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, template_id),
    UNIQUE (channel_id, name, language, domain_id)
);

-- A domain without a row here sends freely; its first top-up makes one. `balance` is the sum of
-- the ledger, kept so that a send is refused or paid for by one row's change.
CREATE TABLE credit_accounts (
    domain_id uuid PRIMARY KEY REFERENCES domains,
    balance numeric(18, 4) NOT NULL DEFAULT 0 CHECK (balance >= 0),
    low_balance numeric(18, 4),            -- people are told when the balance falls below
    low_told_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A null matches everything; the row with the most columns set that match is the price.
CREATE TABLE prices (
    domain_id uuid NOT NULL REFERENCES domains,
    price_id uuid NOT NULL,
    channel text CHECK (channel IN ('wmsg', 'wvoice', 'sms', 'phone', 'model')),
    direction text CHECK (direction IN ('in', 'out')),
    call_type text,
    category text,                         -- of the template, or the model's name
    country text,                          -- ISO 3166-1 alpha-2, of the customer's number
    unit text NOT NULL CHECK (unit IN ('message', 'minute', 'thousand_tokens')),
    price numeric(12, 4) NOT NULL CHECK (price >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, price_id),
    UNIQUE NULLS NOT DISTINCT (domain_id, channel, direction, call_type, category, country, unit)
);

-- Only added to. A charge's key is what it is for, so that nothing is paid for twice.
CREATE TABLE ledger (
    domain_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    charge_key text NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('top_up', 'adjustment', 'hold', 'settlement', 'charge', 'refund')),
    amount numeric(18, 4) NOT NULL,        -- credits: what comes in is positive
    channel text,
    direction text,
    call_type text,
    category text,
    country text,
    quantity numeric(18, 4) NOT NULL DEFAULT 1,
    message_id uuid,
    conversation_id uuid,
    outreach_id uuid,
    campaign_id uuid,
    person_id uuid,
    reason text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, entry_id)
);
CREATE UNIQUE INDEX ledger_by_key ON ledger (charge_key, domain_id);
CREATE INDEX ledger_of_outreach ON ledger (outreach_id, domain_id) INCLUDE (amount)
    WHERE outreach_id IS NOT NULL;
CREATE INDEX ledger_of_campaigns ON ledger (campaign_id, domain_id) INCLUDE (amount)
    WHERE campaign_id IS NOT NULL;
CREATE INDEX ledger_by_time ON ledger (domain_id, at DESC) WHERE at > '-infinity';

-- Channel 00000000-… in opt_outs is all of the domain's channels.
-- Who stopped, who came back, when, how and where: only added to.
CREATE TABLE opt_out_log (
    domain_id uuid NOT NULL REFERENCES domains,
    entry_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    channel_id uuid,                       -- null: all channels
    address text NOT NULL,
    action text NOT NULL CHECK (action IN ('stopped', 'asked', 'resumed')),
    via text NOT NULL CHECK (via IN ('customer', 'carrier', 'person', 'import')),
    reason text NOT NULL DEFAULT '',
    person_id uuid,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, entry_id)
);
CREATE INDEX opt_outs_by_time ON opt_outs (domain_id, at, contact_id, channel_id)
    WHERE at > '-infinity';
CREATE INDEX opt_out_log_by_contact ON opt_out_log (contact_id, at DESC, domain_id);
CREATE INDEX opt_out_log_by_time ON opt_out_log (domain_id, at DESC) WHERE at > '-infinity';

-- Whom to write to: a rule that is evaluated when it is used, or a list of contacts.
CREATE TABLE segments (
    domain_id uuid NOT NULL REFERENCES domains,
    segment_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('rule', 'list')),
    rule jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, segment_id),
    UNIQUE (domain_id, name)
);
CREATE TABLE segment_members (
    domain_id uuid NOT NULL,
    segment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, segment_id, contact_id),
    FOREIGN KEY (domain_id, segment_id) REFERENCES segments ON DELETE CASCADE,
    FOREIGN KEY (domain_id, contact_id) REFERENCES contacts ON DELETE CASCADE
);

CREATE TABLE campaigns (
    domain_id uuid NOT NULL REFERENCES domains,
    campaign_id uuid NOT NULL,             -- also the batch_id of a bulk upload
    name text NOT NULL,
    source text NOT NULL CHECK (source IN ('csv', 'segment', 'email', 'repeat')),
    status text NOT NULL CHECK (status IN (
        'importing', 'ready', 'scheduled', 'running', 'paused', 'done', 'canceled', 'failed')),
    status_reason text,
    channel text NOT NULL CHECK (channel IN ('wmsg', 'sms', 'phone', 'wvoice')),
    channel_id uuid,                       -- null: the domain's first channel of that kind
    call_type text NOT NULL DEFAULT 'informational',
    instruction text,
    template_id uuid,
    variables jsonb NOT NULL DEFAULT '{}', -- template variable → {"column": name} or {"value": text}
    assistant_id text,
    segment_id uuid,
    repeat_id uuid,
    rate double precision,                 -- messages per second; null: the channel's
    quiet_hours jsonb,                     -- {"from": "21:00", "to": "08:00"}, the recipient's time
    follow_up jsonb,                       -- {"after_hours": 24, "template_id", "variables"}
    start_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    filename text,
    file_key text,                         -- where the store of files has the upload
    file_bytes bigint,
    file_read bigint NOT NULL DEFAULT 0,   -- bytes of it that are imported
    lines_read bigint NOT NULL DEFAULT 0,
    checksum bytea,                        -- SHA-256 of the upload
    columns text[] NOT NULL DEFAULT '{}',
    mapping jsonb NOT NULL DEFAULT '{}',   -- our field → the file's column
    started_by_hand boolean NOT NULL DEFAULT true, -- false: runs as soon as it is imported
    job_token uuid,                        -- fences the import
    job_at timestamptz,
    sent_until timestamptz NOT NULL DEFAULT '-infinity', -- pacing: when its rate allows the next
    person_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, campaign_id)
);
CREATE INDEX campaigns_at_work ON campaigns (status, start_at, domain_id)
    WHERE status IN ('importing', 'scheduled', 'running');
CREATE INDEX campaigns_by_checksum ON campaigns (checksum, domain_id) WHERE checksum IS NOT NULL;

-- One row for each conversation that is to be started: by /start, or as a campaign's recipient.
CREATE TABLE outreach (
    domain_id uuid NOT NULL,
    outreach_id uuid NOT NULL,             -- the call_id
    campaign_id uuid,
    line bigint,                           -- of the campaign's file, or its place in the audience
    source text NOT NULL CHECK (source IN ('api', 'campaign', 'email', 'inbox')),
    channel text NOT NULL,
    channel_id uuid,
    address text NOT NULL,                 -- E.164; as it was given when it is no number
    spellings text[],                      -- of a campaign's number that has several, the plain first
    name text,
    email text,
    call_type text NOT NULL,
    instruction text,
    template_id uuid,
    variables jsonb NOT NULL DEFAULT '{}',
    assistant_id text,
    follow_up jsonb,                       -- {"after_hours", "template_id", "variables"}
    media_ids uuid[] NOT NULL DEFAULT '{}', -- files that go with the first message
    idempotency_key text,
    -- waiting: due at `due_at`. writing: the assistant writes. sent: its message is in the thread,
    -- whose status says the rest. skipped: never to be sent. failed: could not be.
    status text NOT NULL
        CHECK (status IN ('waiting', 'writing', 'sent', 'skipped', 'failed', 'canceled')),
    reason_code text,
    reason text,
    due_at timestamptz NOT NULL DEFAULT '-infinity',
    attempts integer NOT NULL DEFAULT 0,
    job_token uuid,
    job_at timestamptz,
    contact_id uuid,
    conversation_id uuid,
    message_id uuid,                       -- chosen before it is written: the charge's key
    person_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, outreach_id)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX outreach_by_line ON outreach (campaign_id, line, domain_id)
    WHERE campaign_id IS NOT NULL;
CREATE UNIQUE INDEX outreach_by_key ON outreach (idempotency_key, domain_id)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX outreach_of_campaigns ON outreach (campaign_id, due_at, line, domain_id)
    WHERE status = 'waiting' AND campaign_id IS NOT NULL;
CREATE INDEX outreach_alone ON outreach (due_at, domain_id)
    WHERE status = 'waiting' AND campaign_id IS NULL;
CREATE INDEX outreach_at_work ON outreach (job_at, domain_id) WHERE status = 'writing';
CREATE INDEX outreach_by_conversation ON outreach (conversation_id, domain_id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX outreach_by_time ON outreach (domain_id, created_at DESC)
    WHERE created_at > '-infinity';

-- "If no answer in 24 hours, send this."
CREATE TABLE follow_ups (
    domain_id uuid NOT NULL,
    follow_up_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    outreach_id uuid,
    after timestamptz NOT NULL,            -- an answer since then ends it
    due_at timestamptz NOT NULL,
    template_id uuid,
    variables jsonb NOT NULL DEFAULT '{}',
    content text,
    status text NOT NULL CHECK (status IN ('waiting', 'sent', 'answered', 'canceled', 'failed')),
    reason text,
    message_id uuid,
    person_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, follow_up_id)
);
CREATE INDEX follow_ups_due ON follow_ups (due_at, domain_id) WHERE status = 'waiting';
CREATE INDEX follow_ups_of ON follow_ups (conversation_id, domain_id) WHERE status = 'waiting';

-- A campaign that comes again: each time a new one to a segment.
CREATE TABLE repeats (
    domain_id uuid NOT NULL REFERENCES domains,
    repeat_id uuid NOT NULL,
    name text NOT NULL,
    segment_id uuid NOT NULL,
    plan jsonb NOT NULL,                   -- the campaign's fields
    rule jsonb NOT NULL,                   -- {"every": "day" | "week" | "month", "on", "at", "timezone"}
    next_at timestamptz,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped')),
    person_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, repeat_id)
);
CREATE INDEX repeats_due ON repeats (next_at, domain_id) WHERE state = 'active';

CREATE TABLE email_pull_configs (
    domain_id uuid NOT NULL REFERENCES domains,
    config_id uuid NOT NULL,
    name text NOT NULL,
    host text NOT NULL,
    port integer NOT NULL,
    security text NOT NULL CHECK (security IN ('tls', 'starttls', 'none')),
    username text NOT NULL,
    password bytea NOT NULL,               -- encrypted
    folder text NOT NULL DEFAULT 'INBOX',
    search text NOT NULL DEFAULT 'UNSEEN', -- IMAP's own search keys
    default_channel text NOT NULL CHECK (default_channel IN ('wmsg', 'sms', 'phone', 'wvoice')),
    channel_id uuid,
    call_type text NOT NULL DEFAULT 'informational',
    instruction text,
    template_id uuid,
    variables jsonb NOT NULL DEFAULT '{}',
    assistant_id text,
    phone_rules jsonb NOT NULL DEFAULT '[]', -- patterns that find the number in a message
    ask_assistant boolean NOT NULL DEFAULT false, -- where no rule finds it
    mark_seen boolean NOT NULL DEFAULT true, -- what was taken over is marked as read
    every_minutes integer NOT NULL DEFAULT 5 CHECK (every_minutes BETWEEN 1 AND 10080),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped')),
    uid_validity bigint,
    last_uid bigint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    pulled_at timestamptz,
    failures integer NOT NULL DEFAULT 0,   -- in a row: each makes the pause longer
    error text,
    job_token uuid,
    job_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, config_id)
);
CREATE INDEX email_pull_due ON email_pull_configs (next_at, domain_id) WHERE state = 'active';

CREATE TABLE pulled_emails (
    domain_id uuid NOT NULL,
    email_id uuid NOT NULL,
    config_id uuid NOT NULL,
    message_key text NOT NULL,             -- the Message-ID, or a hash of one without
    sender text NOT NULL DEFAULT '',
    subject text NOT NULL DEFAULT '',
    -- waiting: a person asked for another try
    status text NOT NULL CHECK (status IN ('waiting', 'done', 'ignored', 'failed')),
    reason text,
    outreach_id uuid,
    uid_validity bigint,                   -- where it was in the mailbox
    uid bigint,
    sent_at timestamptz,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, email_id),
    FOREIGN KEY (domain_id, config_id) REFERENCES email_pull_configs ON DELETE CASCADE
);
CREATE UNIQUE INDEX pulled_emails_once ON pulled_emails (config_id, message_key, domain_id);
CREATE INDEX pulled_emails_by_time ON pulled_emails (config_id, email_id DESC, domain_id);
CREATE INDEX pulled_emails_again ON pulled_emails (config_id, email_id, domain_id)
    WHERE status = 'waiting';

-- What was tried, on any channel, with what came of it and what it cost.
CREATE VIEW call_logs WITH (security_invoker = true) AS
SELECT o.domain_id, o.outreach_id AS call_id, o.campaign_id,
    o.channel::varchar(20) AS channel, 'out'::text AS direction, o.call_type, o.source,
    o.address AS phone_number, o.name, o.email, o.instruction,
    CASE WHEN o.status = 'sent' THEN coalesce(m.status, 'sent') ELSE o.status END AS status,
    coalesce(m.error, o.reason) AS reason,
    NULL::integer AS duration, NULL::text AS recording, NULL::text AS transcript,
    (
        SELECT -sum(l.amount) FROM ledger l
        WHERE l.domain_id = o.domain_id AND l.outreach_id = o.outreach_id
    ) AS cost,
    v.last_inbound_at > m.sent_at AS answered,
    o.contact_id, o.conversation_id, o.message_id, o.created_at, o.updated_at
FROM outreach o
LEFT JOIN LATERAL (
    SELECT status, error, sent_at FROM messages m
    WHERE m.message_id = o.message_id AND m.domain_id = o.domain_id LIMIT 1
) m ON true
LEFT JOIN LATERAL (
    SELECT last_inbound_at FROM conversations v
    WHERE v.domain_id = o.domain_id AND v.conversation_id = o.conversation_id LIMIT 1
) v ON true;
GRANT SELECT ON call_logs TO frontdesk_tenant;

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'templates', 'credit_accounts', 'prices', 'ledger', 'opt_out_log', 'segments',
        'segment_members', 'campaigns', 'outreach', 'follow_ups', 'repeats',
        'email_pull_configs', 'pulled_emails'
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
