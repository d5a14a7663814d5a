"""Taking in messages: one statement for any number of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from frontdesk.conversations.model import Arrival, preview
from frontdesk.db.pool import Connection, to_json

# Look-ups are LATERAL with a LIMIT so that a cached plan reads indexes however large the tables
# are. Rows are locked in the order of their keys, so that two nodes cannot deadlock.
RECORD = """
WITH input AS MATERIALIZED (
    SELECT * FROM unnest(
        $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::timestamptz[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
        $16::timestamptz[], $17::uuid[], $18::uuid[], $19::uuid[], $20::uuid[], $21::text[]
    ) WITH ORDINALITY AS t (
        domain_id, channel_id, carrier_id, body, received_at, address, contact_address,
        external_user_id, profile_name, kind, source, content, structured, reply_to,
        sent_at, message_id, trace_id, contact_id, conversation_id, preview, ord
    )
), receipt AS (
    INSERT INTO receipts (domain_id, channel_id, carrier_id, body, received_at)
    SELECT domain_id, channel_id, carrier_id, body, received_at FROM input
    ORDER BY domain_id, channel_id, carrier_id
    ON CONFLICT DO NOTHING
    RETURNING domain_id, channel_id, carrier_id
), fresh AS MATERIALIZED (
    SELECT i.*, known.contact_id AS known_contact_id, known.display_name AS known_name
    FROM input i
    JOIN receipt r USING (domain_id, channel_id, carrier_id)
    LEFT JOIN LATERAL (
        SELECT c.contact_id, c.display_name FROM contacts c
        WHERE c.domain_id = i.domain_id AND c.address = i.contact_address LIMIT 1
    ) known ON true
), new_contact AS (
    INSERT INTO contacts (domain_id, contact_id, address, external_user_id, display_name)
    SELECT DISTINCT ON (domain_id, contact_address)
        domain_id, contact_id, contact_address, external_user_id, profile_name
    FROM fresh WHERE known_contact_id IS NULL
    ORDER BY domain_id, contact_address, ord
    ON CONFLICT (domain_id, address) DO NOTHING
    RETURNING domain_id, contact_id, address
), renamed AS (
    UPDATE contacts c
    SET display_name = coalesce(f.profile_name, c.display_name),
        external_user_id = coalesce(c.external_user_id, f.external_user_id)
    FROM (
        SELECT DISTINCT ON (known_contact_id) * FROM fresh
        WHERE known_contact_id IS NOT NULL
        AND (profile_name IS DISTINCT FROM known_name AND profile_name IS NOT NULL
             OR external_user_id IS NOT NULL)
        ORDER BY known_contact_id, ord DESC
    ) f
    WHERE c.domain_id = f.domain_id AND c.contact_id = f.known_contact_id
), placed AS MATERIALIZED (
    SELECT f.*, coalesce(f.known_contact_id, n.contact_id) AS owner_id,
        row_number() OVER per_conversation AS position,
        count(*) OVER whole_conversation AS arrivals,
        last_value(f.preview) OVER whole_conversation AS newest,
        last_value(f.address) OVER whole_conversation AS newest_address
    FROM fresh f
    LEFT JOIN new_contact n ON n.domain_id = f.domain_id AND n.address = f.contact_address
    WINDOW per_conversation AS (
        PARTITION BY f.domain_id, f.channel_id, coalesce(f.known_contact_id, n.contact_id)
        ORDER BY f.ord
    ), whole_conversation AS (
        PARTITION BY f.domain_id, f.channel_id, coalesce(f.known_contact_id, n.contact_id)
        ORDER BY f.ord ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
), conversation AS (
    INSERT INTO conversations AS c (
        domain_id, conversation_id, channel_id, contact_id, address, last_seq, inbound_seq,
        unread, last_message, last_active, last_inbound_at, turn, turn_token, turn_at
    )
    SELECT domain_id, conversation_id, channel_id, owner_id, newest_address, arrivals, arrivals,
        arrivals, newest, now(), coalesce(sent_at, now()), 'queued', $1, now()
    FROM placed WHERE position = 1 AND owner_id IS NOT NULL
    ORDER BY domain_id, channel_id, owner_id
    ON CONFLICT (domain_id, channel_id, contact_id) DO UPDATE SET
        address = EXCLUDED.address,
        last_seq = c.last_seq + EXCLUDED.last_seq,
        inbound_seq = c.last_seq + EXCLUDED.last_seq,
        unread = c.unread + EXCLUDED.unread,
        last_message = EXCLUDED.last_message,
        last_active = EXCLUDED.last_active,
        last_inbound_at = greatest(c.last_inbound_at, EXCLUDED.last_inbound_at),
        status = 'open',
        turn = CASE c.turn WHEN 'idle' THEN 'queued' ELSE c.turn END,
        turn_token = CASE c.turn WHEN 'idle' THEN EXCLUDED.turn_token ELSE c.turn_token END,
        turn_attempts = CASE c.turn WHEN 'idle' THEN 0 ELSE c.turn_attempts END,
        turn_at = CASE c.turn WHEN 'idle' THEN now() ELSE c.turn_at END
    RETURNING domain_id, conversation_id, channel_id, contact_id, last_seq,
        turn = 'queued' AND turn_token = $1 AS woken
), message AS (
    INSERT INTO messages (
        domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
        structured, reply_to, status, status_rank, carrier_id, trace_id, sent_at_carrier,
        received_at
    )
    SELECT p.domain_id, c.conversation_id, c.last_seq - p.arrivals + p.position, p.message_id,
        p.channel_id, 'user', p.kind, p.source, p.content, p.structured::jsonb, p.reply_to,
        'received', 9, p.carrier_id, p.trace_id, p.sent_at, p.received_at
    FROM placed p
    JOIN conversation c ON c.domain_id = p.domain_id AND c.channel_id = p.channel_id
        AND c.contact_id = p.owner_id
    RETURNING 1
), job AS (
    INSERT INTO queue.pgqueuer (priority, entrypoint, payload, status)
    SELECT 0, 'turn', uuid_send(domain_id) || uuid_send(conversation_id), 'queued'
    FROM conversation WHERE woken
)
SELECT (SELECT count(*) FROM receipt) AS taken, (SELECT count(*) FROM message) AS stored
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many of the batch were new, and how many of those have a message."""

    taken: int
    stored: int


async def record(connection: Connection, batch: UUID, arrivals: Sequence[Arrival]) -> Taken:
    """Stores the messages that are new; each carrier id may stand in the batch once."""
    row = await connection.fetchrow(
        RECORD,
        batch,
        [a.domain_id for a in arrivals],
        [a.channel_id for a in arrivals],
        [a.carrier_id for a in arrivals],
        [a.body for a in arrivals],
        [a.received_at for a in arrivals],
        [a.address for a in arrivals],
        [a.contact_address for a in arrivals],
        [a.external_user_id for a in arrivals],
        [a.profile_name for a in arrivals],
        [a.kind for a in arrivals],
        [a.source for a in arrivals],
        [a.text for a in arrivals],
        [a.structured and to_json(a.structured) for a in arrivals],
        [a.reply_to for a in arrivals],
        [a.sent_at for a in arrivals],
        [a.message_id for a in arrivals],
        [a.trace_id for a in arrivals],
        [a.contact_id for a in arrivals],
        [a.conversation_id for a in arrivals],
        [preview(a.text, a.kind) for a in arrivals],
    )
    assert row is not None
    return Taken(row["taken"], row["stored"])


async def known(
    connection: Connection, domain_id: UUID, channel_id: UUID, ids: list[str]
) -> set[str]:
    """Which of the carrier's ids are here already."""
    rows = await connection.fetch(
        "SELECT carrier_id FROM receipts"
        " WHERE domain_id = $1 AND channel_id = $2 AND carrier_id = ANY($3)",
        domain_id,
        channel_id,
        ids,
    )
    return {row["carrier_id"] for row in rows}
