"""What programs read: whose a conversation is, sessions, a message's timeline."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection

SESSIONS = """
SELECT v.conversation_id, coalesce(v.assistant_id, d.default_assistant_id) AS assistant_id,
    v.address, v.last_active, v.created_at, c.display_name, c.email, h.kind AS channel
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
WHERE v.domain_id = ANY($1::uuid[]) AND ($2::text IS NULL OR v.address = $2)
ORDER BY v.last_active DESC LIMIT $3
"""


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


async def channel_of_message(
    connection: Connection, domain_id: UUID, message_id: UUID
) -> asyncpg.Record | None:
    """What the message is, where, and over which kind of channel of which carrier."""
    return await connection.fetchrow(
        "SELECT m.conversation_id, m.kind AS message_kind, h.kind, h.carrier FROM messages m"
        " CROSS JOIN LATERAL (SELECT * FROM channels h WHERE h.domain_id = m.domain_id"
        "  AND h.channel_id = m.channel_id LIMIT 1) h"
        " WHERE m.domain_id = $1 AND m.message_id = $2",
        domain_id,
        message_id,
    )


async def sessions(
    connection: Connection, domain_ids: Sequence[UUID], address: str | None, most: int
) -> Sequence[asyncpg.Record]:
    return await connection.fetch(SESSIONS, domain_ids, address, most)


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
