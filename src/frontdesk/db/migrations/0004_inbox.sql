-- What people do in the inbox: status, assignees, teams, labels, priorities, what each has read,
-- notes with mentions, canned replies, views; notes, attributes, merges and blocks of contacts.
-- conversations has no foreign key and no trigger: each would cost every message. Who is removed
-- leaves its conversations by triggers on people and teams instead.

ALTER TABLE conversations RENAME COLUMN unread TO inbound_count;  -- a person's unread is this minus what they read
ALTER TABLE conversations
    ADD COLUMN last_sender text CHECK (last_sender IN ('user', 'assistant', 'human', 'system')),
    ADD COLUMN mode_changed_at timestamptz,
    ADD COLUMN mode_changed_by uuid,       -- null: the assistant, or a customer's command
    ADD COLUMN snoozed_until timestamptz,  -- null while snoozed: until the customer writes
    ADD COLUMN assignee_id uuid,
    ADD COLUMN team_id uuid,
    ADD COLUMN priority text NOT NULL DEFAULT 'normal'
        CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    ADD COLUMN blocked boolean NOT NULL DEFAULT false;  -- its contact is: kept by a trigger

-- For lists in the order of activity. None names a column that each message changes: active_step
-- moves once in 5 s at most, the others when people act. Those that begin with domain_id are
-- partial, so that only queries which repeat the condition can choose them.
CREATE INDEX conversations_by_channel ON conversations (channel_id, status, active_step DESC);
CREATE INDEX conversations_unassigned ON conversations (domain_id, active_step DESC)
    WHERE status = 'open' AND assignee_id IS NULL;
CREATE INDEX conversations_by_assignee ON conversations (assignee_id, status, active_step DESC)
    WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_by_team ON conversations (team_id, status, active_step DESC)
    WHERE team_id IS NOT NULL;
CREATE INDEX conversations_needing_people ON conversations (domain_id, active_step DESC)
    WHERE needs_people;
CREATE INDEX conversations_of_people ON conversations (domain_id, status, active_step DESC)
    WHERE mode = 'manual';
CREATE INDEX conversations_by_priority ON conversations (priority, domain_id, status, active_step DESC)
    WHERE priority <> 'normal';
CREATE INDEX conversations_blocked ON conversations (domain_id, active_step DESC) WHERE blocked;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until)
    WHERE status = 'snoozed' AND snoozed_until IS NOT NULL;

ALTER TABLE messages
    ADD COLUMN scheduled_at timestamptz,
    ADD COLUMN edited_at timestamptz;
CREATE INDEX messages_scheduled ON messages (scheduled_at) WHERE status = 'scheduled';
-- A customer's reaction is a message that names its target as the carrier does.
CREATE INDEX messages_reacting ON messages (reply_to, channel_id) WHERE kind = 'reaction';

ALTER TABLE media ALTER COLUMN conversation_id DROP NOT NULL;  -- null: a canned reply's file

ALTER TABLE contacts
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN blocked_at timestamptz,
    ADD COLUMN merged_into uuid,           -- the contact that stands for the person; itself never merged
    ADD COLUMN named_by_people boolean NOT NULL DEFAULT false,  -- then the carrier's name changes nothing
    -- What lists look up by its beginning. Columns, because row-level security lets an index answer
    -- no condition that calls lower().
    ADD COLUMN name_key text COLLATE "C"
        GENERATED ALWAYS AS (lower(left(display_name, 80))) STORED,
    ADD COLUMN email_key text COLLATE "C" GENERATED ALWAYS AS (lower(left(email, 80))) STORED;
CREATE INDEX contacts_by_name ON contacts (domain_id, name_key) WHERE name_key IS NOT NULL;
CREATE INDEX contacts_by_email ON contacts (domain_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX contacts_blocked ON contacts (blocked_at) WHERE blocked_at IS NOT NULL;

CREATE TABLE contact_notes (
    domain_id uuid NOT NULL REFERENCES domains,
    note_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    person_id uuid,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, note_id),
    FOREIGN KEY (domain_id, contact_id) REFERENCES contacts ON DELETE CASCADE
);
CREATE INDEX contact_notes_by_contact ON contact_notes (contact_id, created_at, domain_id);

CREATE TABLE labels (
    domain_id uuid NOT NULL REFERENCES domains,
    label_id uuid NOT NULL,
    name text NOT NULL,
    color text NOT NULL DEFAULT 'slate',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, label_id)
);
CREATE UNIQUE INDEX labels_by_name ON labels (lower(name), domain_id);

CREATE TABLE conversation_labels (
    domain_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    label_id uuid NOT NULL,
    PRIMARY KEY (domain_id, conversation_id, label_id),
    FOREIGN KEY (domain_id, label_id) REFERENCES labels ON DELETE CASCADE
);
CREATE INDEX conversation_labels_by_label
    ON conversation_labels (label_id, conversation_id, domain_id);

CREATE TABLE teams (
    domain_id uuid NOT NULL REFERENCES domains,
    team_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, team_id)
);
CREATE UNIQUE INDEX teams_by_name ON teams (lower(name), domain_id);

CREATE TABLE team_members (
    domain_id uuid NOT NULL,
    team_id uuid NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (domain_id, team_id, person_id),
    FOREIGN KEY (domain_id, team_id) REFERENCES teams ON DELETE CASCADE,
    FOREIGN KEY (domain_id, person_id) REFERENCES people ON DELETE CASCADE
);

CREATE TABLE canned_replies (
    domain_id uuid NOT NULL REFERENCES domains,
    canned_reply_id uuid NOT NULL,
    shortcut text NOT NULL,                -- without the slash
    title text NOT NULL DEFAULT '',
    content text NOT NULL DEFAULT '',
    media_ids uuid[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, canned_reply_id)
);
CREATE UNIQUE INDEX canned_replies_by_shortcut ON canned_replies (lower(shortcut), domain_id);

CREATE TABLE views (
    domain_id uuid NOT NULL,
    view_id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    filters jsonb NOT NULL DEFAULT '{}',   -- the query of the list
    shared boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, view_id),
    FOREIGN KEY (domain_id, person_id) REFERENCES people ON DELETE CASCADE
);

-- How far a person has read: the number of the newest message, and how many inbound ones that is.
-- Without a row, what came before the person did counts as read and all since as unread.
CREATE TABLE conversation_reads (
    domain_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    seq bigint NOT NULL,
    inbound_count integer NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, conversation_id, person_id),
    FOREIGN KEY (domain_id, person_id) REFERENCES people ON DELETE CASCADE
);

CREATE TABLE mentions (
    domain_id uuid NOT NULL,
    message_id uuid NOT NULL,
    person_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seen_at timestamptz,
    PRIMARY KEY (domain_id, message_id, person_id),
    FOREIGN KEY (domain_id, person_id) REFERENCES people ON DELETE CASCADE
);
CREATE INDEX mentions_by_person ON mentions (person_id, message_id DESC, domain_id);
CREATE INDEX mentions_unseen ON mentions (person_id, conversation_id, domain_id)
    WHERE seen_at IS NULL;

-- What the business's people put on messages; a customer's reactions are messages of kind
-- 'reaction'. A message has one of the business, as customers see it.
CREATE TABLE reactions (
    domain_id uuid NOT NULL REFERENCES domains,
    message_id uuid NOT NULL,              -- the target
    person_id uuid,
    emoji text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, message_id)
);

CREATE FUNCTION forget_assignee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations SET assignee_id = NULL
    WHERE domain_id = OLD.domain_id AND assignee_id = OLD.person_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_assignee AFTER DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION forget_assignee();

CREATE FUNCTION forget_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations SET team_id = NULL
    WHERE domain_id = OLD.domain_id AND team_id = OLD.team_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_team AFTER DELETE ON teams
    FOR EACH ROW EXECUTE FUNCTION forget_team();

-- A block is looked at with every inbound message and for every row of a list: there it is a
-- column of the conversation.
CREATE FUNCTION block_conversations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations SET blocked = NEW.blocked_at IS NOT NULL
    WHERE domain_id = NEW.domain_id AND contact_id = NEW.contact_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER block_conversations AFTER UPDATE OF blocked_at ON contacts
    FOR EACH ROW WHEN ((OLD.blocked_at IS NULL) <> (NEW.blocked_at IS NULL))
    EXECUTE FUNCTION block_conversations();

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'contact_notes', 'labels', 'conversation_labels', 'teams', 'team_members',
        'canned_replies', 'views', 'conversation_reads', 'mentions', 'reactions'
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
