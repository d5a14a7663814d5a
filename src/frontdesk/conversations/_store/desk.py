"""What people change of a conversation, and the events that tell of it in the thread."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.conversations.model import TAKEN_OVER
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id

EVENTS = """
WITH v AS (
    UPDATE conversations SET last_seq = last_seq + cardinality($3::uuid[])
    WHERE domain_id = $1 AND conversation_id = $2 RETURNING last_seq, channel_id
)
INSERT INTO messages (
    domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
    structured, status, status_rank, trace_id
)
SELECT $1, $2, v.last_seq - cardinality($3::uuid[]) + e.ord, e.message_id, v.channel_id, 'system',
    'event', 'system', '', e.structured, 'noted', 9, e.message_id
FROM v CROSS JOIN unnest($3::uuid[], $4::jsonb[]) WITH ORDINALITY AS e (message_id, structured, ord)
"""

# What is being handed to the carrier at this moment is locked, and goes.
SILENCE = """
UPDATE messages SET status = 'canceled', status_rank = 4, error = $3, updated_at = now()
WHERE domain_id = $1 AND conversation_id = $2 AND seq = ANY(ARRAY(
    SELECT m.seq FROM messages m WHERE m.domain_id = $1 AND m.conversation_id = $2
    AND m.status IN ('queued', 'sending') AND m.status = 'queued' AND m.sender = 'assistant'
    FOR UPDATE SKIP LOCKED
))
RETURNING message_id
"""

TOOK_OVER = """
UPDATE conversations SET mode = 'manual',
    mode_changed_at = CASE mode WHEN 'manual' THEN mode_changed_at ELSE now() END,
    mode_changed_by = CASE mode WHEN 'manual' THEN mode_changed_by ELSE $3 END,
    needs_people = false, needs_people_reason = NULL,
    assignee_id = coalesce(assignee_id, $4)
WHERE domain_id = $1 AND conversation_id = $2
"""

COLUMNS = frozenset(
    (
        "mode", "mode_changed_by", "status", "snoozed_until", "assignee_id",
        "team_id", "priority", "needs_people", "needs_people_reason",
    )
)  # fmt: skip


async def lock(
    connection: Connection, domain_id: UUID, conversation_id: UUID
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT mode, status, snoozed_until, assignee_id, team_id, priority, needs_people"
        " FROM conversations WHERE domain_id = $1 AND conversation_id = $2 FOR UPDATE",
        domain_id,
        conversation_id,
    )


async def change(
    connection: Connection, domain_id: UUID, conversation_id: UUID, values: Mapping[str, Any]
) -> None:
    """Sets columns of a conversation; the names are this module's own."""
    if unknown := values.keys() - COLUMNS:
        raise ValueError(f"not columns that people change: {sorted(unknown)}")
    assigned = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 3))
    if "mode" in values:
        assigned += ", mode_changed_at = now()"
    await connection.execute(
        f"UPDATE conversations SET {assigned} WHERE domain_id = $1 AND conversation_id = $2",
        domain_id,
        conversation_id,
        *values.values(),
    )


async def take_over(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    person_id: UUID | None,
    assignee_id: UUID | None,
) -> None:
    """The conversation is people's from now on, and the assignee's if it was nobody's."""
    await connection.execute(TOOK_OVER, domain_id, conversation_id, person_id, assignee_id)


async def silence(connection: Connection, domain_id: UUID, conversation_id: UUID) -> list[UUID]:
    """Cancels the assistant's answers that the carrier does not have yet; which."""
    rows = await connection.fetch(SILENCE, domain_id, conversation_id, TAKEN_OVER)
    return [row["message_id"] for row in rows]


async def add_events(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    events: Sequence[dict[str, Any]],
) -> list[UUID]:
    """Puts events behind the thread's messages; their ids."""
    ids = [new_id() for _ in events]
    if ids:
        await connection.execute(EVENTS, domain_id, conversation_id, ids, list(events))
    return ids


async def person(
    connection: Connection, domain_id: UUID, person_id: UUID | None
) -> asyncpg.Record | None:
    """Who it is and with which role; None for nobody, and for people of other domains."""
    if person_id is None:
        return None
    return await connection.fetchrow(
        "SELECT person_id, name, email, role FROM people WHERE domain_id = $1 AND person_id = $2",
        domain_id,
        person_id,
    )


async def members(connection: Connection, domain_id: UUID, person_ids: Sequence[UUID]) -> set[UUID]:
    rows = await connection.fetch(
        "SELECT person_id FROM people WHERE domain_id = $1 AND person_id = ANY($2::uuid[])",
        domain_id,
        person_ids,
    )
    return {row["person_id"] for row in rows}


async def team(connection: Connection, domain_id: UUID, team_id: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT team_id, name FROM teams WHERE domain_id = $1 AND team_id = $2", domain_id, team_id
    )


async def set_labels(
    connection: Connection, domain_id: UUID, conversation_id: UUID, label_ids: Sequence[UUID]
) -> None:
    """The whole list. Raises ForeignKeyViolationError for a label that is not the domain's."""
    await connection.execute(
        "DELETE FROM conversation_labels WHERE domain_id = $1 AND conversation_id = $2"
        " AND label_id <> ALL($3::uuid[])",
        domain_id,
        conversation_id,
        label_ids,
    )
    await connection.execute(
        "INSERT INTO conversation_labels (domain_id, conversation_id, label_id)"
        " SELECT $1, $2, * FROM unnest($3::uuid[]) ON CONFLICT DO NOTHING",
        domain_id,
        conversation_id,
        label_ids,
    )


async def wake_snoozed(connection: Connection, most: int) -> list[tuple[UUID, UUID]]:
    """Opens what was snoozed until now, of any domain; the domain and the conversation of each."""
    rows = await connection.fetch(
        "UPDATE conversations v SET status = 'open', snoozed_until = NULL FROM ("
        "  SELECT domain_id, conversation_id FROM conversations"
        "  WHERE status = 'snoozed' AND snoozed_until IS NOT NULL AND snoozed_until <= now()"
        "  ORDER BY snoozed_until LIMIT $1 FOR UPDATE SKIP LOCKED"
        " ) due WHERE v.domain_id = due.domain_id AND v.conversation_id = due.conversation_id"
        " RETURNING v.domain_id, v.conversation_id",
        most,
    )
    return [(row["domain_id"], row["conversation_id"]) for row in rows]


# What people have read ---------------------------------------------------------------------------

READ = """
INSERT INTO conversation_reads AS r (domain_id, conversation_id, person_id, seq, inbound_count)
SELECT domain_id, conversation_id, $3, last_seq, inbound_count FROM conversations
WHERE domain_id = $1 AND conversation_id = $2
ON CONFLICT (domain_id, conversation_id, person_id) DO UPDATE
SET seq = EXCLUDED.seq, inbound_count = EXCLUDED.inbound_count, updated_at = now()
RETURNING inbound_count
"""

UNREAD = """
INSERT INTO conversation_reads AS r (domain_id, conversation_id, person_id, seq, inbound_count)
SELECT domain_id, conversation_id, $3, greatest(inbound_seq - 1, 0),
    greatest(inbound_count - 1, 0)
FROM conversations WHERE domain_id = $1 AND conversation_id = $2
ON CONFLICT (domain_id, conversation_id, person_id) DO UPDATE
SET seq = least(r.seq, EXCLUDED.seq),
    inbound_count = least(r.inbound_count, EXCLUDED.inbound_count), updated_at = now()
RETURNING inbound_count
"""


async def read(
    connection: Connection, domain_id: UUID, conversation_id: UUID, person_id: UUID
) -> int | None:
    """A person has read everything; how many inbound messages that is. None: no such thread."""
    count = await connection.fetchval(READ, domain_id, conversation_id, person_id)
    await connection.execute(
        "UPDATE mentions SET seen_at = now() WHERE domain_id = $1 AND person_id = $2"
        " AND conversation_id = $3 AND seen_at IS NULL",
        domain_id,
        person_id,
        conversation_id,
    )
    return count


async def unread(
    connection: Connection, domain_id: UUID, conversation_id: UUID, person_id: UUID
) -> int | None:
    """The last inbound message is unread again, with what was unread before."""
    return await connection.fetchval(UNREAD, domain_id, conversation_id, person_id)
