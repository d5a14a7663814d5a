"""Who is meant by an address on a channel, and the messages that are put into their threads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from frontdesk.channels.model import ChannelRow
from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations.model import preview
from frontdesk.db.pool import Connection
from frontdesk.outreach.judging import NOBODY, Place
from frontdesk.ports import MessageKind

# The exact address wins, then its other spellings.
# A contact has few conversations, a channel all of them: `IS NOT DISTINCT FROM` keeps a plan that
# is made on empty tables from the index of channels.
FOUND = f"""
SELECT i.ord, c.contact_id, c.address, c.display_name IS NOT NULL AS named,
    c.email IS NOT NULL AS has_email, c.language, c.blocked_at IS NOT NULL AS blocked,
    c.contact_id IS NOT NULL AND EXISTS (
        SELECT FROM opt_outs o WHERE o.domain_id = $1 AND o.contact_id = c.contact_id
        AND o.channel_id IN (i.channel_id, '{ALL_CHANNELS}')
    ) AS opted_out,
    v.conversation_id, v.address AS conversation_address, v.assistant_id, v.last_inbound_at
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS i (channel_id, address, second, third, ord)
CROSS JOIN LATERAL (
    SELECT c.* FROM contacts c
    WHERE c.domain_id = $1 AND c.address IN (i.address, i.second, i.third)
    ORDER BY c.address <> i.address, c.address <> i.second LIMIT 1
) c
LEFT JOIN LATERAL (
    SELECT v.* FROM conversations v
    WHERE v.domain_id = $1 AND v.contact_id = c.contact_id
    AND v.channel_id IS NOT DISTINCT FROM i.channel_id LIMIT 1
) v ON true
"""

NEW_CONTACTS = """
INSERT INTO contacts AS c (domain_id, contact_id, address, display_name, email)
SELECT $1, contact_id, address, name, email
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS n (contact_id, address, name, email)
ORDER BY contact_id
ON CONFLICT (address, domain_id) DO UPDATE SET address = EXCLUDED.address
RETURNING contact_id, address
"""

KNOWN_CONTACTS = """
UPDATE contacts c SET display_name = coalesce(c.display_name, n.name),
    email = coalesce(c.email, n.email)
FROM unnest($2::uuid[], $3::text[], $4::text[]) AS n (contact_id, name, email)
WHERE c.domain_id = $1 AND c.contact_id = n.contact_id
"""

# Conversations are locked in the order in which intake locks them. An idle lane is opened and gets
# its job here, in the transaction that has the messages.
APPEND = """
WITH input AS MATERIALIZED (
    SELECT *, count(*) OVER of_conversation AS number,
        row_number() OVER (of_conversation ORDER BY ord) AS position,
        row_number() OVER (of_conversation ORDER BY ord DESC) AS from_newest
    FROM unnest(
        $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[],
        $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::smallint[], $15::uuid[],
        $16::text[]
    ) WITH ORDINALITY AS m (
        contact_id, channel_id, conversation_id, address, assistant_id, state, message_id, kind,
        source, content, structured, part, trace_id, preview, ord
    )
    WINDOW of_conversation AS (PARTITION BY contact_id, channel_id)
), conversation AS (
    INSERT INTO conversations AS v (
        domain_id, conversation_id, channel_id, contact_id, address, assistant_id, status,
        last_seq, last_message, last_sender, delivery, delivery_wanted, delivery_token, delivery_at
    )
    SELECT $1, conversation_id, channel_id, contact_id, address, assistant_id, state, number,
        preview, 'assistant', 'queued', number, $2, now()
    FROM input WHERE from_newest = 1 ORDER BY contact_id, channel_id
    ON CONFLICT (contact_id, channel_id, domain_id) DO UPDATE SET
        last_seq = v.last_seq + EXCLUDED.last_seq,
        last_message = EXCLUDED.last_message,
        last_sender = 'assistant',
        last_active = now(),
        assistant_id = coalesce(EXCLUDED.assistant_id, v.assistant_id),
        delivery_wanted = v.delivery_wanted + EXCLUDED.delivery_wanted,
        delivery_token = CASE v.delivery WHEN 'idle' THEN $2 ELSE v.delivery_token END,
        delivery_at = CASE v.delivery WHEN 'idle' THEN now() ELSE v.delivery_at END,
        delivery_attempts = CASE v.delivery WHEN 'idle' THEN 0 ELSE v.delivery_attempts END,
        delivery = CASE v.delivery WHEN 'idle' THEN 'queued' ELSE v.delivery END
    RETURNING conversation_id, contact_id, channel_id, last_seq,
        delivery = 'queued' AND delivery_token = $2 AS opened
), message AS (
    INSERT INTO messages (
        domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
        structured, part, status, status_rank, trace_id, queued_at
    )
    SELECT $1, v.conversation_id, v.last_seq - i.number + i.position, i.message_id, i.channel_id,
        'assistant', i.kind, i.source, i.content, i.structured, i.part, 'queued', 1, i.trace_id,
        now()
    FROM input i
    JOIN conversation v ON v.contact_id = i.contact_id AND v.channel_id = i.channel_id
    RETURNING message_id, conversation_id
), job AS (
    SELECT count(enqueue('deliver', $1, conversation_id, interval '0') IS NULL) AS jobs
    FROM conversation WHERE opened
)
SELECT m.message_id, m.conversation_id FROM message m CROSS JOIN job
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A message as it goes into a thread."""

    contact_id: UUID
    channel_id: UUID
    conversation_id: UUID
    """Of the conversation that is begun, where there is none."""
    address: str
    assistant_id: str | None
    state: str
    """Of a conversation that is begun."""
    message_id: UUID
    kind: MessageKind
    source: str
    content: str
    structured: dict[str, Any] | None
    part: int
    trace_id: UUID


@dataclass(frozen=True, slots=True)
class Newcomer:
    contact_id: UUID
    address: str
    name: str | None
    email: str | None


async def channels(connection: Connection, domain_id: UUID) -> list[ChannelRow]:
    """The domain's channels, the first one first."""
    rows = await connection.fetch(
        "SELECT domain_id, channel_id, kind, carrier, address, state, state_reason, rate,"
        " caught_up_to FROM channels WHERE domain_id = $1 AND state <> 'removed'"
        " ORDER BY state <> 'active', created_at, channel_id",
        domain_id,
    )
    return [ChannelRow(*row.values()) for row in rows]


async def found(
    connection: Connection, domain_id: UUID, wanted: Sequence[tuple[UUID, tuple[str, ...]]]
) -> list[Place]:
    """For each channel and spellings of an address, the likeliest first, who is meant."""
    if not wanted:
        return []
    rows = await connection.fetch(
        FOUND,
        domain_id,
        [channel_id for channel_id, _ in wanted],
        [spellings[0] for _, spellings in wanted],
        [spellings[1] if len(spellings) > 1 else None for _, spellings in wanted],
        [spellings[2] if len(spellings) > 2 else None for _, spellings in wanted],
    )
    by_place = {row["ord"]: row for row in rows}
    places: list[Place] = []
    for number in range(1, len(wanted) + 1):
        row = by_place.get(number)
        places.append(NOBODY if row is None else Place(*list(row.values())[1:]))
    return places


async def of_conversations(
    connection: Connection, domain_id: UUID, conversation_ids: Sequence[UUID]
) -> dict[UUID, tuple[UUID, Place]]:
    """The channel and the person of each conversation."""
    rows = await connection.fetch(
        "SELECT v.conversation_id, v.channel_id, c.contact_id, c.address,"
        " c.display_name IS NOT NULL AS named, c.email IS NOT NULL AS has_email, c.language,"
        " v.blocked, EXISTS (SELECT FROM opt_outs o WHERE o.domain_id = $1"
        f"  AND o.contact_id = c.contact_id AND o.channel_id IN (v.channel_id, '{ALL_CHANNELS}')"
        " ) AS opted_out, v.conversation_id, v.address AS conversation_address, v.assistant_id,"
        " v.last_inbound_at"
        " FROM unnest($2::uuid[]) AS i (conversation_id)"
        " CROSS JOIN LATERAL (SELECT v.* FROM conversations v WHERE v.domain_id = $1"
        "  AND v.conversation_id = i.conversation_id LIMIT 1) v"
        " CROSS JOIN LATERAL (SELECT c.* FROM contacts c WHERE c.domain_id = $1"
        "  AND c.contact_id = v.contact_id LIMIT 1) c",
        domain_id,
        list(conversation_ids),
    )
    return {row[0]: (row[1], Place(*list(row.values())[2:])) for row in rows}


async def add_contacts(
    connection: Connection, domain_id: UUID, newcomers: Sequence[Newcomer]
) -> dict[str, UUID]:
    """Makes contacts that are not there yet; their ids by address."""
    if not newcomers:
        return {}
    rows = await connection.fetch(
        NEW_CONTACTS,
        domain_id,
        [each.contact_id for each in newcomers],
        [each.address for each in newcomers],
        [each.name for each in newcomers],
        [each.email for each in newcomers],
    )
    return {row["address"]: row["contact_id"] for row in rows}


async def describe_contacts(
    connection: Connection, domain_id: UUID, known: Sequence[tuple[UUID, str | None, str | None]]
) -> None:
    """Fills in the names and e-mail addresses that contacts lack."""
    if known:
        await connection.execute(
            KNOWN_CONTACTS,
            domain_id,
            [each[0] for each in known],
            [each[1] for each in known],
            [each[2] for each in known],
        )


async def append(
    connection: Connection, domain_id: UUID, batch: UUID, parts: Sequence[Part]
) -> dict[UUID, UUID]:
    """Puts the messages at the end of their threads and on their way; conversations by message."""
    if not parts:
        return {}
    rows = await connection.fetch(
        APPEND,
        domain_id,
        batch,
        [each.contact_id for each in parts],
        [each.channel_id for each in parts],
        [each.conversation_id for each in parts],
        [each.address for each in parts],
        [each.assistant_id for each in parts],
        [each.state for each in parts],
        [each.message_id for each in parts],
        [each.kind for each in parts],
        [each.source for each in parts],
        [each.content for each in parts],
        [each.structured for each in parts],
        [each.part for each in parts],
        [each.trace_id for each in parts],
        [preview(each.content, each.kind) for each in parts],
    )
    return {row["message_id"]: row["conversation_id"] for row in rows}


async def backlog(connection: Connection, domain_id: UUID, channel_id: UUID, most: int) -> int:
    """How many messages wait for a channel, counted up to `most`."""
    return (
        await connection.fetchval(
            "SELECT count(*) FROM (SELECT FROM messages WHERE status IN ('queued', 'sending')"
            " AND channel_id = $2 AND domain_id = $1 LIMIT $3) waiting",
            domain_id,
            channel_id,
            most,
        )
        or 0
    )


async def has_assistant(connection: Connection, domain_id: UUID, assistant_id: str) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT true FROM assistants WHERE domain_id = $1 AND assistant_id = $2",
            domain_id,
            assistant_id,
        )
    )


async def has_segment(connection: Connection, domain_id: UUID, segment_id: UUID) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT true FROM segments WHERE domain_id = $1 AND segment_id = $2",
            domain_id,
            segment_id,
        )
    )
