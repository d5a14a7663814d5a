"""Messages that people write: put behind what is there, and into the delivery lane; drafts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations.model import Reply, preview
from frontdesk.db.pool import Connection

APPEND = """
INSERT INTO messages (
    domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
    structured, part, person_id, status, status_rank, trace_id, queued_at, reply_to, scheduled_at
)
SELECT $1, $2, $3 + m.ord, m.message_id, $4, 'human', m.kind, m.source, m.content, m.structured,
    m.part, $5, $14, CASE $14::text WHEN 'queued' THEN 1 ELSE 0 END, m.trace_id,
    CASE $14::text WHEN 'queued' THEN now() END, m.reply_to, $15
FROM unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::smallint[],
    $12::uuid[], $13::text[])
    WITH ORDINALITY
    AS m (message_id, kind, source, content, structured, part, trace_id, reply_to, ord)
"""

WAKE = """
UPDATE conversations SET last_seq = last_seq + $3, last_message = $4, last_sender = 'human',
    last_active = now(),
    delivery_wanted = delivery_wanted + $3,
    delivery_at = CASE delivery WHEN 'idle' THEN now() ELSE delivery_at END,
    delivery_attempts = CASE delivery WHEN 'idle' THEN 0 ELSE delivery_attempts END,
    delivery = CASE delivery WHEN 'idle' THEN 'queued' ELSE delivery END
WHERE domain_id = $1 AND conversation_id = $2
"""


async def lock(
    connection: Connection, domain_id: UUID, conversation_id: UUID
) -> asyncpg.Record | None:
    """The conversation's row, locked, with the kind and the carrier of its channel."""
    return await connection.fetchrow(
        "SELECT v.last_seq, v.delivery, v.channel_id, v.address, v.last_inbound_at, v.blocked,"
        " h.kind, h.carrier, h.state, h.state_reason,"
        " EXISTS (SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id"
        f"  AND o.channel_id IN (v.channel_id, '{ALL_CHANNELS}')"
        "  AND o.contact_id = v.contact_id) AS opted_out"
        " FROM conversations v JOIN channels h USING (domain_id, channel_id)"
        " WHERE v.domain_id = $1 AND v.conversation_id = $2 FOR UPDATE OF v",
        domain_id,
        conversation_id,
    )


async def append(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    place: asyncpg.Record,
    parts: Sequence[Reply],
    person_id: UUID | None,
) -> bool:
    """Stores the messages; True when the lane was idle and now needs a job."""
    await _insert(connection, domain_id, conversation_id, place, parts, person_id, "queued")
    last = preview(parts[-1].content, parts[-1].kind)
    await connection.execute(WAKE, domain_id, conversation_id, len(parts), last)
    return place["delivery"] == "idle"


async def add_draft(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    place: asyncpg.Record,
    draft: Reply,
    person_id: UUID | None,
    send_at: datetime | None,
) -> None:
    """Stores a message that is not to be sent yet."""
    status = "draft" if send_at is None else "scheduled"
    await _insert(
        connection, domain_id, conversation_id, place, [draft], person_id, status, send_at
    )
    await connection.execute(
        "UPDATE conversations SET last_seq = last_seq + 1"
        " WHERE domain_id = $1 AND conversation_id = $2",
        domain_id,
        conversation_id,
    )


async def _insert(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    place: asyncpg.Record,
    parts: Sequence[Reply],
    person_id: UUID | None,
    status: str,
    send_at: datetime | None = None,
) -> None:
    await connection.execute(
        APPEND,
        domain_id,
        conversation_id,
        place["last_seq"],
        place["channel_id"],
        person_id,
        [part.message_id for part in parts],
        [part.kind for part in parts],
        [part.source for part in parts],
        [part.content for part in parts],
        [part.structured for part in parts],
        [part.part for part in parts],
        [part.trace_id for part in parts],
        [part.reply_to for part in parts],
        status,
        send_at,
    )


async def message(
    connection: Connection, domain_id: UUID, message_id: UUID
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT conversation_id, message_id, sender, kind, source, content, structured, status,"
        " person_id, carrier_id, reply_to, scheduled_at, queued_at, error, error_code"
        " FROM messages WHERE domain_id = $1 AND message_id = $2",
        domain_id,
        message_id,
    )


async def sent_state(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> Sequence[asyncpg.Record]:
    """How far the messages got, in their order in the thread."""
    return await connection.fetch(
        "SELECT message_id, status, carrier_id, error, error_code FROM messages"
        " WHERE domain_id = $1 AND message_id = ANY($2::uuid[]) ORDER BY seq",
        domain_id,
        message_ids,
    )


async def of_trace(connection: Connection, domain_id: UUID, message_id: UUID) -> list[UUID]:
    """The messages that were sent together with this one, itself included."""
    rows = await connection.fetch(
        "SELECT o.message_id FROM messages m JOIN messages o ON o.domain_id = m.domain_id"
        " AND o.conversation_id = m.conversation_id AND o.trace_id = m.trace_id"
        " AND o.seq >= m.seq AND o.seq < m.seq + 100"
        " WHERE m.domain_id = $1 AND m.message_id = $2 ORDER BY o.seq",
        domain_id,
        message_id,
    )
    return [row["message_id"] for row in rows]


async def change_draft(
    connection: Connection,
    domain_id: UUID,
    message_id: UUID,
    content: str,
    structured: dict[str, Any] | None,
    kind: str,
    send_at: datetime | None,
) -> bool:
    done = await connection.execute(
        "UPDATE messages SET content = $3, structured = $4, kind = $5, scheduled_at = $6,"
        " status = CASE WHEN $6::timestamptz IS NULL THEN 'draft' ELSE 'scheduled' END,"
        " updated_at = now()"
        " WHERE domain_id = $1 AND message_id = $2 AND status IN ('draft', 'scheduled')",
        domain_id,
        message_id,
        content,
        structured,
        kind,
        send_at,
    )
    return done == "UPDATE 1"


async def drop_draft(connection: Connection, domain_id: UUID, message_id: UUID) -> bool:
    """Also one that could not be sent at its time. False when there is none any more."""
    done = await connection.execute(
        "DELETE FROM messages WHERE domain_id = $1 AND message_id = $2 AND (status IN"
        " ('draft', 'scheduled') OR status = 'failed' AND queued_at IS NULL)",
        domain_id,
        message_id,
    )
    return done == "DELETE 1"


async def due(connection: Connection, most: int) -> list[tuple[UUID, UUID]]:
    """Messages whose time has come, of any domain: the domain and the message of each."""
    rows = await connection.fetch(
        "SELECT domain_id, message_id FROM messages WHERE status = 'scheduled'"
        " AND scheduled_at <= now() ORDER BY scheduled_at LIMIT $1",
        most,
    )
    return [(row["domain_id"], row["message_id"]) for row in rows]


async def claim_due(connection: Connection, domain_id: UUID, message_id: UUID) -> bool:
    """Locks the conversation of a message whose time has come; False when another one has."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM messages m JOIN conversations v"
            " ON v.domain_id = m.domain_id AND v.conversation_id = m.conversation_id"
            " WHERE m.domain_id = $1 AND m.message_id = $2 AND m.status = 'scheduled'"
            " AND m.scheduled_at <= now() FOR UPDATE OF v SKIP LOCKED",
            domain_id,
            message_id,
        )
    )


async def fail_due(
    connection: Connection, domain_id: UUID, message_id: UUID, reason: str
) -> UUID | None:
    """Marks a scheduled message as failed, at the thread's end; its conversation."""
    return await connection.fetchval(
        """
        WITH v AS (
            UPDATE conversations c SET last_seq = c.last_seq + 1, needs_people = true,
                needs_people_reason = 'a scheduled message was not sent: ' || $3
            FROM messages m WHERE m.domain_id = $1 AND m.message_id = $2
            AND m.status = 'scheduled' AND c.domain_id = $1
            AND c.conversation_id = m.conversation_id
            RETURNING c.conversation_id, c.last_seq
        )
        UPDATE messages m SET seq = v.last_seq, status = 'failed', status_rank = 4, error = $3,
            error_code = 'not_sent', failed_at = now(), updated_at = now()
        FROM v WHERE m.domain_id = $1 AND m.message_id = $2 AND m.status = 'scheduled'
        RETURNING m.conversation_id
        """,
        domain_id,
        message_id,
        reason,
    )
