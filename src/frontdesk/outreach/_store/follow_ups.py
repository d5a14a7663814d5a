"""Rows of what is sent when nobody answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection, Row

# An answer ends it at once for whoever looks, though its row is only changed when it is due.
SHOWN = """
SELECT f.domain_id, f.follow_up_id, f.conversation_id, f.outreach_id, f.after, f.due_at,
    f.template_id, f.variables, f.content,
    CASE WHEN f.status = 'waiting' AND v.last_inbound_at > f.after THEN 'answered'
        ELSE f.status END AS status,
    f.reason, f.message_id, f.person_id, f.created_at
FROM follow_ups f
LEFT JOIN LATERAL (
    SELECT last_inbound_at FROM conversations v
    WHERE v.domain_id = f.domain_id AND v.conversation_id = f.conversation_id LIMIT 1
) v ON true
"""

DUE = """
SELECT f.domain_id, f.follow_up_id, f.conversation_id, f.outreach_id, f.after, f.due_at,
    f.template_id, f.variables, f.content, f.status, f.reason, f.message_id, f.person_id,
    f.created_at, (
        SELECT m.status FROM outreach o, messages m
        WHERE o.domain_id = f.domain_id AND o.outreach_id = f.outreach_id
        AND m.domain_id = o.domain_id AND m.message_id = o.message_id LIMIT 1
    ) AS first_status
FROM follow_ups f
WHERE f.domain_id = $1 AND f.status = 'waiting' AND f.due_at <= $2
ORDER BY f.due_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    domain_id: UUID
    follow_up_id: UUID
    conversation_id: UUID
    outreach_id: UUID | None
    after: datetime
    due_at: datetime
    template_id: UUID | None
    variables: dict[str, Any]
    content: str | None
    status: str
    reason: str | None
    message_id: UUID | None
    person_id: UUID | None
    created_at: datetime
    first_status: str | None = None
    """Of the message that it follows, where outreach sent that one."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a follow-up came to."""

    follow_up_id: UUID
    status: str
    due_at: datetime
    reason: str | None = None
    message_id: UUID | None = None


def _read(row: Row) -> FollowUpRow:
    return FollowUpRow(*row.values())


async def insert(connection: Connection, rows: Sequence[FollowUpRow]) -> None:
    """Leaves what is there as it is."""
    if not rows:
        return
    await connection.execute(
        "INSERT INTO follow_ups (domain_id, follow_up_id, conversation_id, outreach_id, after,"
        " due_at, template_id, variables, content, status, message_id, person_id)"
        " SELECT $1, f.id, f.conversation_id, f.outreach_id, f.after, f.due_at, f.template_id,"
        " f.variables, f.content, 'waiting', f.message_id, f.person_id FROM unnest($2::uuid[],"
        " $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::uuid[], $8::jsonb[],"
        " $9::text[], $10::uuid[], $11::uuid[]) AS f (id, conversation_id, outreach_id, after,"
        " due_at, template_id, variables, content, message_id, person_id) ON CONFLICT DO NOTHING",
        rows[0].domain_id,
        [each.follow_up_id for each in rows],
        [each.conversation_id for each in rows],
        [each.outreach_id for each in rows],
        [each.after for each in rows],
        [each.due_at for each in rows],
        [each.template_id for each in rows],
        [each.variables for each in rows],
        [each.content for each in rows],
        [each.message_id for each in rows],
        [each.person_id for each in rows],
    )


async def due(
    connection: Connection, domain_id: UUID, now: datetime, most: int
) -> list[FollowUpRow]:
    """Those whose time has come, locked."""
    return [_read(row) for row in await connection.fetch(DUE, domain_id, now, most)]


async def end(connection: Connection, domain_id: UUID, ended: Sequence[Ended]) -> None:
    """`waiting` is no end: then only its time has changed."""
    if not ended:
        return
    await connection.execute(
        "UPDATE follow_ups f SET status = e.status, due_at = e.due_at, reason = e.reason,"
        " message_id = coalesce(e.message_id, f.message_id), updated_at = now()"
        " FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[])"
        " AS e (follow_up_id, status, due_at, reason, message_id)"
        " WHERE f.domain_id = $1 AND f.follow_up_id = e.follow_up_id AND f.status = 'waiting'",
        domain_id,
        [each.follow_up_id for each in ended],
        [each.status for each in ended],
        [each.due_at for each in ended],
        [each.reason for each in ended],
        [each.message_id for each in ended],
    )


async def of_conversation(
    connection: Connection, domain_id: UUID, conversation_id: UUID, most: int
) -> list[FollowUpRow]:
    rows = await connection.fetch(
        f"{SHOWN} WHERE f.domain_id = $1 AND f.conversation_id = $2"
        " ORDER BY f.due_at DESC LIMIT $3",
        domain_id,
        conversation_id,
        most,
    )
    return [_read(row) for row in rows]


async def one(connection: Connection, domain_id: UUID, follow_up_id: UUID) -> FollowUpRow | None:
    row = await connection.fetchrow(
        f"{SHOWN} WHERE f.domain_id = $1 AND f.follow_up_id = $2", domain_id, follow_up_id
    )
    return row and _read(row)


async def cancel(connection: Connection, domain_id: UUID, follow_up_id: UUID) -> bool:
    done = await connection.execute(
        "UPDATE follow_ups SET status = 'canceled', updated_at = now()"
        " WHERE domain_id = $1 AND follow_up_id = $2 AND status = 'waiting'",
        domain_id,
        follow_up_id,
    )
    return done == "UPDATE 1"
