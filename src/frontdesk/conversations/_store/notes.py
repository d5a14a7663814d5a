"""Notes: messages among people that no customer and no assistant sees; reactions of people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection

# Neither the list's line nor its order changes: nothing was said to the customer.
ADD = """
WITH v AS (
    UPDATE conversations SET last_seq = last_seq + 1
    WHERE domain_id = $1 AND conversation_id = $2 RETURNING last_seq, channel_id
)
INSERT INTO messages (
    domain_id, conversation_id, seq, message_id, channel_id, sender, kind, source, content,
    structured, person_id, status, status_rank, trace_id
)
SELECT $1, $2, v.last_seq, $3, v.channel_id, 'human', 'note', 'note', $4, $5, $6, 'noted', 9, $3
FROM v
RETURNING message_id
"""


async def add(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    message_id: UUID,
    content: str,
    structured: dict[str, Any] | None,
    person_id: UUID,
) -> bool:
    """False when there is no such conversation."""
    found = await connection.fetchval(
        ADD, domain_id, conversation_id, message_id, content, structured, person_id
    )
    return found is not None


async def hold(connection: Connection, domain_id: UUID, conversation_id: UUID) -> None:
    """Lets nobody else write into the conversation before the commit."""
    await connection.execute(
        "SELECT FROM conversations WHERE domain_id = $1 AND conversation_id = $2 FOR UPDATE",
        domain_id,
        conversation_id,
    )


async def lock(connection: Connection, domain_id: UUID, message_id: UUID) -> asyncpg.Record | None:
    """A note, locked; None for what is no note."""
    return await connection.fetchrow(
        "SELECT conversation_id, content, structured, person_id FROM messages"
        " WHERE domain_id = $1 AND message_id = $2 AND kind = 'note' FOR UPDATE",
        domain_id,
        message_id,
    )


async def change(
    connection: Connection,
    domain_id: UUID,
    message_id: UUID,
    content: str,
    structured: dict[str, Any] | None,
) -> None:
    await connection.execute(
        "UPDATE messages SET content = $3, structured = $4, edited_at = now(), updated_at = now()"
        " WHERE domain_id = $1 AND message_id = $2 AND kind = 'note'",
        domain_id,
        message_id,
        content,
        structured,
    )


async def drop(connection: Connection, domain_id: UUID, message_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM mentions WHERE domain_id = $1 AND message_id = $2", domain_id, message_id
    )
    await connection.execute(
        "DELETE FROM messages WHERE domain_id = $1 AND message_id = $2 AND kind = 'note'",
        domain_id,
        message_id,
    )


async def mention(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    message_id: UUID,
    person_ids: Sequence[UUID],
    author: UUID,
) -> None:
    """Whom the note mentions from now on. Who was mentioned before is not told again."""
    await connection.execute(
        "DELETE FROM mentions WHERE domain_id = $1 AND message_id = $2"
        " AND person_id <> ALL($3::uuid[])",
        domain_id,
        message_id,
        person_ids,
    )
    await connection.execute(
        "INSERT INTO mentions (domain_id, message_id, person_id, conversation_id, seen_at)"
        " SELECT $1, $2, p, $4, CASE WHEN p = $5 THEN now() END FROM unnest($3::uuid[]) AS p"
        " ON CONFLICT DO NOTHING",
        domain_id,
        message_id,
        person_ids,
        conversation_id,
        author,
    )


async def react(
    connection: Connection, domain_id: UUID, message_id: UUID, person_id: UUID, emoji: str | None
) -> None:
    """The business's reaction to a message; None takes it back."""
    if emoji is None:
        await connection.execute(
            "DELETE FROM reactions WHERE domain_id = $1 AND message_id = $2", domain_id, message_id
        )
        return
    await connection.execute(
        "INSERT INTO reactions (domain_id, message_id, person_id, emoji) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (domain_id, message_id) DO UPDATE"
        " SET person_id = EXCLUDED.person_id, emoji = EXCLUDED.emoji, at = now()",
        domain_id,
        message_id,
        person_id,
        emoji,
    )
