"""Taking in messages: one statement for any number of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from frontdesk.conversations.model import Arrival
from frontdesk.db.pool import Connection

# Look-ups are subqueries with a LIMIT, so that a cached plan reads indexes however large the
# tables are; OFFSET 0 makes what they look for plain columns, or the plan would read a domain's
# contacts. Rows are locked in the order of their keys, so that two nodes rarely deadlock. A message
# that another node stores at the same moment violates messages_by_carrier_id: then the batch runs
# again and finds it.
RECORD = """
WITH input AS MATERIALIZED (
    SELECT i.*, k.known_id, coalesce(k.blocked, false) AS blocked
    FROM (
        SELECT t.*, coalesce(extras->>'contact_address', address) AS contact_address,
            extras->>'external_user_id' AS external_user_id, extras->>'reply_to' AS reply_to,
            (extras->>'sent_at')::timestamptz AS sent_at, extras->'structured' AS structured
        FROM unnest(
            $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::jsonb[], $11::timestamptz[], $12::uuid[]
        ) WITH ORDINALITY AS t (
            domain_id, channel_id, carrier_id, address, profile_name, kind, source, content,
            extras, received_at, message_id, ord
        )
        OFFSET 0
    ) i
    LEFT JOIN LATERAL (
        SELECT c.contact_id AS known_id, c.blocked_at IS NOT NULL AS blocked FROM contacts c
        WHERE c.domain_id = i.domain_id AND c.address = i.contact_address LIMIT 1
    ) k ON true
    WHERE (
        SELECT 1 FROM messages m WHERE m.domain_id = i.domain_id AND m.channel_id = i.channel_id
        AND m.carrier_id = i.carrier_id LIMIT 1
    ) IS NULL
), contact AS (
    INSERT INTO contacts AS c (domain_id, contact_id, address, external_user_id, display_name)
    SELECT DISTINCT ON (domain_id, contact_address)
        domain_id, message_id, contact_address, external_user_id, profile_name
    FROM input WHERE known_id IS NULL
    ORDER BY domain_id, contact_address, ord
    ON CONFLICT (domain_id, address) DO NOTHING
    RETURNING domain_id, contact_id, address
), renamed AS (
    UPDATE contacts c
    SET display_name = CASE
            WHEN c.named_by_people THEN c.display_name
            ELSE coalesce(i.profile_name, c.display_name)
        END,
        external_user_id = coalesce(c.external_user_id, i.external_user_id)
    FROM input i
    WHERE c.domain_id = i.domain_id AND c.contact_id = i.known_id
    AND (i.profile_name <> coalesce(c.display_name, '') AND NOT c.named_by_people
        OR i.external_user_id IS NOT NULL AND c.external_user_id IS NULL)
), placed AS MATERIALIZED (
    SELECT i.*, coalesce(i.known_id, c.contact_id) AS contact_id,
        row_number() OVER of_conversation AS position,
        row_number() OVER newest_first AS from_newest
    FROM input i
    LEFT JOIN contact c ON c.domain_id = i.domain_id AND c.address = i.contact_address
    WINDOW of_conversation AS (
        PARTITION BY i.domain_id, i.channel_id, coalesce(i.known_id, c.contact_id) ORDER BY i.ord
    ), newest_first AS (
        PARTITION BY i.domain_id, i.channel_id, coalesce(i.known_id, c.contact_id)
        ORDER BY i.ord DESC
    )
), conversation AS (
    INSERT INTO conversations AS v (
        domain_id, conversation_id, channel_id, contact_id, address, last_seq, inbound_seq,
        inbound_count, last_sender, blocked, last_message, last_active, last_inbound_at, turn,
        turn_token, turn_at
    )
    SELECT domain_id, message_id, channel_id, contact_id, address, position, position, position,
        'user', blocked,
        CASE content WHEN '' THEN '[' || kind || ']'
            ELSE left(translate(content, E'\\n\\r\\t', '   '), 200) END,
        now(), coalesce(sent_at, now()), 'queued', $1, now()
    FROM placed WHERE from_newest = 1 AND contact_id IS NOT NULL
    ORDER BY domain_id, contact_id, channel_id
    ON CONFLICT (domain_id, contact_id, channel_id) DO UPDATE SET
        address = EXCLUDED.address,
        last_seq = v.last_seq + EXCLUDED.last_seq,
        inbound_seq = v.last_seq + EXCLUDED.last_seq,
        inbound_count = v.inbound_count + EXCLUDED.inbound_count,
        last_sender = 'user',
        last_message = EXCLUDED.last_message,
        last_active = EXCLUDED.last_active,
        last_inbound_at = greatest(v.last_inbound_at, EXCLUDED.last_inbound_at),
        status = CASE WHEN v.blocked THEN v.status ELSE 'open' END,
        snoozed_until = CASE WHEN v.blocked THEN v.snoozed_until END,
        turn = CASE v.turn WHEN 'idle' THEN 'queued' ELSE v.turn END,
        turn_token = CASE v.turn WHEN 'idle' THEN EXCLUDED.turn_token ELSE v.turn_token END,
        turn_attempts = CASE v.turn WHEN 'idle' THEN 0 ELSE v.turn_attempts END,
        turn_at = CASE v.turn WHEN 'idle' THEN now() ELSE v.turn_at END
    RETURNING domain_id, conversation_id, channel_id, contact_id, last_seq,
        turn = 'queued' AND turn_token = $1 AS woken
), message AS (
    INSERT INTO messages (
        domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
        structured, reply_to, status, status_rank, carrier_id, trace_id, sent_at_carrier,
        received_at
    )
    SELECT p.domain_id, v.conversation_id, v.last_seq - p.from_newest + 1, p.message_id,
        p.channel_id, 'user', p.kind, p.source, p.content, p.structured, p.reply_to,
        'received', 9, p.carrier_id, p.message_id, p.sent_at, p.received_at
    FROM placed p
    JOIN conversation v ON v.domain_id = p.domain_id AND v.channel_id = p.channel_id
        AND v.contact_id = p.contact_id
    RETURNING message_id, conversation_id
), receipt AS (
    INSERT INTO receipts (domain_id, message_id, body)
    SELECT domain_id, message_id, body
    FROM unnest($2::uuid[], $12::uuid[], $13::bytea[]) AS r (domain_id, message_id, body)
    JOIN input USING (domain_id, message_id)
), job AS (
    INSERT INTO queue.pgqueuer (priority, entrypoint, payload, status)
    SELECT 0, 'turn', uuid_send(domain_id) || uuid_send(conversation_id), 'queued'
    FROM conversation WHERE woken
)
SELECT (SELECT count(*) FROM input) AS taken, count(*) AS stored,
    array_agg(message_id) AS message_ids, array_agg(conversation_id) AS conversation_ids
FROM message
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many of the batch were new, how many of those have a message, and in which
    conversations these are."""

    taken: int
    stored: int
    conversations: Mapping[UUID, UUID]
    """By message."""


async def record(connection: Connection, batch: UUID, arrivals: Sequence[Arrival]) -> Taken:
    """Stores the messages that are new; each carrier id may stand in the batch once."""
    row = await connection.fetchrow(
        RECORD,
        batch,
        [a.domain_id for a in arrivals],
        [a.channel_id for a in arrivals],
        [a.carrier_id for a in arrivals],
        [a.address for a in arrivals],
        [a.profile_name for a in arrivals],
        [a.kind for a in arrivals],
        [a.source for a in arrivals],
        [a.text for a in arrivals],
        [_extras(a) for a in arrivals],
        [a.received_at for a in arrivals],
        [a.message_id for a in arrivals],
        [a.body for a in arrivals],
    )
    assert row is not None
    pairs = zip(row["message_ids"] or (), row["conversation_ids"] or (), strict=True)
    places: dict[UUID, UUID] = dict(pairs)
    await _name(connection, [a for a in arrivals if a.profile_name and a.message_id not in places])
    return Taken(row["taken"], row["stored"], places)


async def _name(connection: Connection, repeated: Sequence[Arrival]) -> None:
    """A message that was found in the carrier's list comes once more with its webhook, which alone
    knows who wrote it."""
    for arrival in repeated:
        await connection.execute(
            "UPDATE contacts SET display_name = $3"
            " WHERE domain_id = $1 AND address = $2 AND display_name IS NULL",
            arrival.domain_id,
            arrival.contact_address,
            arrival.profile_name,
        )


def _extras(arrival: Arrival) -> dict[str, Any] | None:
    """What few messages have, in one column: each array costs every message."""
    extras: dict[str, Any] = {}
    if arrival.contact_address != arrival.address:
        extras["contact_address"] = arrival.contact_address
    if arrival.external_user_id is not None:
        extras["external_user_id"] = arrival.external_user_id
    if arrival.reply_to is not None:
        extras["reply_to"] = arrival.reply_to
    if arrival.sent_at is not None:
        extras["sent_at"] = arrival.sent_at.isoformat()
    if arrival.structured is not None:
        extras["structured"] = arrival.structured
    return extras or None


async def known(
    connection: Connection, domain_id: UUID, channel_id: UUID, ids: list[str]
) -> set[str]:
    """Which of the carrier's ids are here already."""
    rows = await connection.fetch(
        "SELECT carrier_id FROM messages"
        " WHERE domain_id = $1 AND channel_id = $2 AND carrier_id = ANY($3)",
        domain_id,
        channel_id,
        ids,
    )
    return {row["carrier_id"] for row in rows}
