"""Threads: a conversation's messages as people see them, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from frontdesk.conversations._store.lists import READ
from frontdesk.db.pool import Connection

QUOTED = 200

# A reply names the carrier's id of what it replies to; here it is our own when we have that. A
# customer's reaction stands on its target, which shows the last one; an empty one takes it back.
MESSAGE = f"""
SELECT m.message_id, m.conversation_id, m.seq, m.content, m.sender, m.kind, m.source, m.structured,
    m.status, m.error_code, m.error, m.thinking, m.trace_id, m.created_at, m.updated_at,
    m.scheduled_at, m.edited_at, coalesce(quote.message_id::text, m.reply_to) AS reply_to,
    to_json(quote) AS quote, to_json(person) AS person,
    CASE WHEN m.kind = 'note' THEN ARRAY(
        SELECT n.person_id::text FROM mentions n
        WHERE n.domain_id = m.domain_id AND n.message_id = m.message_id ORDER BY 1
    ) END AS mentions,
    (
        SELECT e.content FROM messages e WHERE e.kind = 'reaction' AND e.reply_to = m.carrier_id
        AND e.channel_id = m.channel_id AND e.domain_id = m.domain_id ORDER BY e.seq DESC LIMIT 1
    ) AS user_reaction,
    (
        SELECT r.emoji FROM reactions r
        WHERE r.domain_id = m.domain_id AND r.message_id = m.message_id
    ) AS human_reaction
FROM {{source}}
LEFT JOIN LATERAL (
    SELECT q.message_id, q.sender, q.kind, left(q.content, {QUOTED}) AS preview FROM messages q
    WHERE q.domain_id = m.domain_id AND q.channel_id = m.channel_id AND q.carrier_id = m.reply_to
    LIMIT 1
) quote ON true
LEFT JOIN LATERAL (
    SELECT p.person_id, p.name, p.email FROM people p
    WHERE p.domain_id = m.domain_id AND p.person_id = m.person_id LIMIT 1
) person ON true
"""

SHOWN = """(m.kind <> 'reaction' OR NOT EXISTS (
    SELECT FROM messages t WHERE t.domain_id = m.domain_id AND t.channel_id = m.channel_id
    AND t.carrier_id = m.reply_to
))"""

PAGE = """(
    SELECT m.* FROM messages m WHERE m.domain_id = $1 AND m.conversation_id = $2
    AND m.seq {than} $3 AND {shown} ORDER BY m.seq {order} LIMIT $4
) m"""

BEFORE = (
    MESSAGE.format(source=PAGE.format(than="<", shown=SHOWN, order="DESC")) + " ORDER BY m.seq DESC"
)
AFTER = MESSAGE.format(source=PAGE.format(than=">", shown=SHOWN, order="ASC")) + " ORDER BY m.seq"
BY_ID = (
    MESSAGE.format(
        source="""unnest($2::uuid[]) AS k (message_id) CROSS JOIN LATERAL (
    SELECT * FROM messages m WHERE m.domain_id = $1 AND m.message_id = k.message_id LIMIT 1
) m"""
    )
    + " ORDER BY m.conversation_id, m.seq"
)

READER = f"""
SELECT v.last_seq, v.inbound_seq, v.inbound_count, coalesce(r.seq, CASE
        WHEN v.last_inbound_at IS NULL OR v.last_inbound_at <= p.created_at THEN v.last_seq
        WHEN v.created_at >= p.created_at THEN 0 ELSE v.inbound_seq - 1 END) AS read_seq
FROM conversations v {READ.format(viewer="$3::uuid")}
WHERE v.domain_id = $1 AND v.conversation_id = $2
"""

# Messages are numbered in the order in which they came, so a moment is found by halving.
AT = """
WITH RECURSIVE step AS (
    SELECT 0::bigint AS low, v.last_seq AS high, NULL::bigint AS found FROM conversations v
    WHERE v.domain_id = $1 AND v.conversation_id = $2
    UNION ALL
    SELECT CASE WHEN m.created_at < $3 THEN m.seq ELSE s.low END,
        CASE WHEN m.created_at < $3 THEN s.high ELSE (s.low + s.high) / 2 END,
        CASE WHEN m.created_at >= $3 THEN m.seq ELSE s.found END
    FROM step s
    LEFT JOIN LATERAL (
        SELECT m.seq, m.created_at FROM messages m WHERE m.domain_id = $1
        AND m.conversation_id = $2 AND m.seq > (s.low + s.high) / 2 ORDER BY m.seq LIMIT 1
    ) m ON true
    WHERE s.low < s.high
)
SELECT found FROM step ORDER BY high - low LIMIT 1
"""


async def before(
    connection: Connection, domain_id: UUID, conversation_id: UUID, seq: int, most: int
) -> list[asyncpg.Record]:
    """The latest messages below a number, newest first."""
    return await connection.fetch(BEFORE, domain_id, conversation_id, seq, most)


async def after(
    connection: Connection, domain_id: UUID, conversation_id: UUID, seq: int, most: int
) -> list[asyncpg.Record]:
    """The first messages above a number, oldest first."""
    return await connection.fetch(AFTER, domain_id, conversation_id, seq, most)


async def by_id(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> list[asyncpg.Record]:
    return await connection.fetch(BY_ID, domain_id, message_ids)


async def reader(
    connection: Connection, domain_id: UUID, conversation_id: UUID, viewer: UUID
) -> asyncpg.Record | None:
    """How long the thread is, and how far its viewer has read; None when there is none."""
    return await connection.fetchrow(READER, domain_id, conversation_id, viewer)


async def first_inbound(
    connection: Connection, domain_id: UUID, conversation_id: UUID, after: int
) -> UUID | None:
    return await connection.fetchval(
        "SELECT message_id FROM messages WHERE domain_id = $1 AND conversation_id = $2"
        " AND seq > $3 AND sender = 'user' ORDER BY seq LIMIT 1",
        domain_id,
        conversation_id,
        after,
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


async def seq_at(
    connection: Connection, domain_id: UUID, conversation_id: UUID, moment: datetime
) -> int | None:
    """The number of the first message from then; None when there is none."""
    return await connection.fetchval(AT, domain_id, conversation_id, moment)
