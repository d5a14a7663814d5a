"""What people and clients read: lists, threads, sessions, a message's timeline."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection

LISTED = """
SELECT v.conversation_id, coalesce(v.assistant_id, d.default_assistant_id) AS assistant_id, v.mode,
    v.status, v.needs_people, v.needs_people_reason, v.last_message, v.last_active, v.unread,
    v.address, v.created_at, c.display_name, c.email, v.channel_id, h.kind AS channel, h.carrier
FROM conversations v
CROSS JOIN LATERAL (
    SELECT * FROM contacts c
    WHERE c.domain_id = v.domain_id AND c.contact_id = v.contact_id LIMIT 1
) c
CROSS JOIN LATERAL (
    SELECT * FROM channels h
    WHERE h.domain_id = v.domain_id AND h.channel_id = v.channel_id LIMIT 1
) h
JOIN domains d ON d.domain_id = v.domain_id
"""

PAGE = (
    LISTED
    + """
WHERE v.domain_id = $1 AND v.created_at > '-infinity'
AND ($2::text IS NULL OR v.status = $2)
AND ($3::timestamptz IS NULL OR v.active_step <= $3
    AND (v.last_active, v.conversation_id) < ($3, $4::uuid))
AND ($5::text IS NULL OR c.display_name ILIKE $5 OR v.address LIKE $5 OR v.last_message ILIKE $5
    OR EXISTS (
        SELECT FROM media m JOIN files f ON f.domain_id = m.domain_id AND f.checksum = m.checksum
        WHERE m.domain_id = v.domain_id AND m.conversation_id = v.conversation_id
        AND m.state = 'stored' AND f.search @@ plainto_tsquery('simple', $7)
    ))
ORDER BY v.active_step DESC, v.last_active DESC, v.conversation_id DESC LIMIT $6
"""
)

# A reply names the carrier's id of what it replies to; here it is our own when we have that.
MESSAGE = """
SELECT message_id, conversation_id, seq, content, sender, kind, source, structured, status,
    error_code, error, thinking, trace_id, created_at, updated_at,
    CASE WHEN m.reply_to IS NOT NULL THEN coalesce((
        SELECT q.message_id::text FROM messages q WHERE q.domain_id = m.domain_id
        AND q.channel_id = m.channel_id AND q.carrier_id = m.reply_to LIMIT 1
    ), m.reply_to) END AS reply_to
FROM messages m
"""


async def page(
    connection: Connection,
    domain_id: UUID,
    *,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    text: str | None,
    most: int,
) -> Sequence[asyncpg.Record]:
    pattern = None
    if text:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
    moment, row_id = before or (None, None)
    return await connection.fetch(
        PAGE, domain_id, status, moment, row_id, pattern, most, text or ""
    )


async def conversation(
    connection: Connection, domain_id: UUID, conversation_id: UUID
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        LISTED + " WHERE v.domain_id = $1 AND v.conversation_id = $2", domain_id, conversation_id
    )


async def owner(
    connection: Connection, domain_ids: Sequence[UUID], conversation_id: UUID
) -> UUID | None:
    """Which of the domains has the conversation."""
    return await connection.fetchval(
        "SELECT domain_id FROM conversations"
        " WHERE domain_id = ANY($1::uuid[]) AND conversation_id = $2",
        domain_ids,
        conversation_id,
    )


async def owner_of_message(
    connection: Connection, domain_ids: Sequence[UUID], message_id: UUID
) -> UUID | None:
    return await connection.fetchval(
        "SELECT domain_id FROM messages WHERE domain_id = ANY($1::uuid[]) AND message_id = $2",
        domain_ids,
        message_id,
    )


async def thread(
    connection: Connection, domain_id: UUID, conversation_id: UUID, before: int | None, most: int
) -> Sequence[asyncpg.Record]:
    """The latest messages before a number, newest first."""
    return await connection.fetch(
        MESSAGE
        + " WHERE domain_id = $1 AND conversation_id = $2 AND ($3::bigint IS NULL OR seq < $3)"
        " ORDER BY seq DESC LIMIT $4",
        domain_id,
        conversation_id,
        before,
        most,
    )


async def seq_of(
    connection: Connection, domain_id: UUID, conversation_id: UUID, message_id: UUID
) -> int | None:
    return await connection.fetchval(
        "SELECT seq FROM messages"
        " WHERE domain_id = $1 AND message_id = $2 AND conversation_id = $3",
        domain_id,
        message_id,
        conversation_id,
    )


async def sessions(
    connection: Connection, domain_ids: Sequence[UUID], address: str | None, most: int
) -> Sequence[asyncpg.Record]:
    return await connection.fetch(
        LISTED + " WHERE v.domain_id = ANY($1::uuid[]) AND ($2::text IS NULL OR v.address = $2)"
        " ORDER BY v.last_active DESC LIMIT $3",
        domain_ids,
        address,
        most,
    )


async def timeline(
    connection: Connection, domain_id: UUID, message_id: UUID
) -> asyncpg.Record | None:
    """The message's own moments, and of what it answers or is answered by."""
    return await connection.fetchrow(
        "SELECT m.*, q.message_id AS question_id, q.received_at AS question_received_at,"
        " q.created_at AS question_created_at, q.picked_up_at AS question_picked_up_at,"
        " q.answered_at AS question_answered_at,"
        " ARRAY(SELECT a.message_id FROM messages a WHERE a.domain_id = m.domain_id"
        "  AND a.conversation_id = m.conversation_id AND a.answers_seq >= m.seq"
        "  AND a.trace_id = m.trace_id AND a.sender <> 'user' AND m.sender = 'user' ORDER BY a.seq"
        " ) AS answers"
        " FROM messages m LEFT JOIN messages q ON q.domain_id = m.domain_id"
        " AND q.conversation_id = m.conversation_id AND q.seq = m.answers_seq"
        " WHERE m.domain_id = $1 AND m.message_id = $2",
        domain_id,
        message_id,
    )


async def set_mode(
    connection: Connection, domain_id: UUID, conversation_id: UUID, mode: str
) -> bool:
    """Handing back also means that people have looked. False when there is no such row."""
    return (
        await connection.execute(
            "UPDATE conversations SET mode = $3, needs_people = needs_people AND $3 = 'manual',"
            " needs_people_reason = CASE WHEN $3 = 'manual' THEN needs_people_reason END"
            " WHERE domain_id = $1 AND conversation_id = $2",
            domain_id,
            conversation_id,
            mode,
        )
        == "UPDATE 1"
    )
