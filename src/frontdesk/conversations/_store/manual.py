"""Messages that people write: put behind what is there, and into the delivery lane; drafts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.conversations.model import Reply, preview
from frontdesk.db.pool import Connection

APPEND = """
INSERT INTO messages (
    domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
    structured, part, person_id, status, status_rank, trace_id, queued_at
)
SELECT $1, $2, $3 + m.ord, m.message_id, $4, 'human', m.kind, m.source, m.content, m.structured,
    m.part, $5, $13, CASE $13::text WHEN 'draft' THEN 0 ELSE 1 END, m.trace_id,
    CASE $13::text WHEN 'draft' THEN NULL ELSE now() END
FROM unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::smallint[],
    $12::uuid[])
    WITH ORDINALITY AS m (message_id, kind, source, content, structured, part, trace_id, ord)
"""

WAKE = """
UPDATE conversations SET last_seq = last_seq + $3, last_message = $4, last_active = now(),
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
        "SELECT v.last_seq, v.delivery, v.channel_id, v.mode, v.last_inbound_at, h.kind, h.carrier,"
        " h.state, h.state_reason, EXISTS (SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id"
        "  AND o.channel_id = v.channel_id AND o.contact_id = v.contact_id) AS opted_out"
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
) -> None:
    """Stores a message that is not to be sent yet."""
    await _insert(connection, domain_id, conversation_id, place, [draft], person_id, "draft")
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
        status,
    )


async def people_answer(connection: Connection, domain_id: UUID, conversation_id: UUID) -> None:
    """The conversation is people's from now on."""
    await connection.execute(
        "UPDATE conversations SET mode = 'manual' WHERE domain_id = $1 AND conversation_id = $2"
        " AND mode <> 'manual'",
        domain_id,
        conversation_id,
    )


async def message(
    connection: Connection, domain_id: UUID, message_id: UUID
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT conversation_id, message_id, sender, content, structured, status, person_id,"
        " carrier_id, error, error_code FROM messages WHERE domain_id = $1 AND message_id = $2",
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
) -> bool:
    done = await connection.execute(
        "UPDATE messages SET content = $3, structured = $4, kind = $5, updated_at = now()"
        " WHERE domain_id = $1 AND message_id = $2 AND status = 'draft'",
        domain_id,
        message_id,
        content,
        structured,
        kind,
    )
    return done == "UPDATE 1"


async def drop_draft(connection: Connection, domain_id: UUID, message_id: UUID) -> bool:
    """False when there is no such draft any more."""
    done = await connection.execute(
        "DELETE FROM messages WHERE domain_id = $1 AND message_id = $2 AND status = 'draft'",
        domain_id,
        message_id,
    )
    return done == "DELETE 1"
