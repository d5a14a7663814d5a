"""Messages that people write: put behind what is there, and into the delivery lane."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from frontdesk.conversations.model import Reply, preview
from frontdesk.db.pool import Connection

APPEND = """
INSERT INTO messages (
    domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
    part, person_id, status, status_rank, trace_id, queued_at
)
SELECT $1, $2, $3 + m.ord, m.message_id, $4, 'human', 'text', m.source, m.content,
    m.part, $5, 'queued', 1, m.trace_id, now()
FROM unnest($6::uuid[], $7::text[], $8::text[], $9::smallint[], $10::uuid[])
    WITH ORDINALITY AS m (message_id, source, content, part, trace_id, ord)
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
        "SELECT v.last_seq, v.delivery, v.channel_id, h.kind, h.carrier"
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
    await connection.execute(
        APPEND,
        domain_id,
        conversation_id,
        place["last_seq"],
        place["channel_id"],
        person_id,
        [part.message_id for part in parts],
        [part.source for part in parts],
        [part.content for part in parts],
        [part.part for part in parts],
        [part.trace_id for part in parts],
    )
    last = preview(parts[-1].content, "text")
    await connection.execute(WAKE, domain_id, conversation_id, len(parts), last)
    return place["delivery"] == "idle"
