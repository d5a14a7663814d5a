"""Dead letters: what could not be done, kept with its reason until it is replayed."""

from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id


async def write(
    connection: Connection,
    domain_id: UUID,
    stage: str,
    reason: str,
    *,
    channel_id: UUID | None = None,
    conversation_id: UUID | None = None,
    message_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    await connection.execute(
        "INSERT INTO dead_letters"
        " (domain_id, letter_id, stage, reason, channel_id, conversation_id, message_id, payload)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        domain_id,
        new_id(),
        stage,
        reason,
        channel_id,
        conversation_id,
        message_id,
        payload or {},
    )


async def unread(connection: Connection, domain_id: UUID, most: int) -> list[asyncpg.Record]:
    """The letters that nobody has replayed, newest first."""
    return await connection.fetch(
        "SELECT letter_id, stage, reason, channel_id, conversation_id, message_id, payload, at"
        " FROM dead_letters WHERE domain_id = $1 AND replayed_at IS NULL"
        " ORDER BY at DESC, letter_id DESC LIMIT $2",
        domain_id,
        most,
    )


async def take(connection: Connection, domain_id: UUID, letter_id: UUID) -> asyncpg.Record | None:
    """Marks a letter as replayed and returns it; None when it was replayed before."""
    return await connection.fetchrow(
        "UPDATE dead_letters SET replayed_at = now()"
        " WHERE domain_id = $1 AND letter_id = $2 AND replayed_at IS NULL"
        " RETURNING letter_id, stage, reason, channel_id, conversation_id, message_id, payload, at",
        domain_id,
        letter_id,
    )


async def resend(connection: Connection, domain_id: UUID, message_id: UUID) -> UUID | None:
    """Puts a failed message back in its lane; returns the conversation whose lane was idle.

    It counts how often: each time is paid for anew.
    """
    return await connection.fetchval(
        """
        WITH message AS (
            UPDATE messages SET status = 'queued', status_rank = 1, queued_at = now(),
                sending_at = NULL, failed_at = NULL, carrier_id = NULL, error_code = NULL,
                error = NULL, updated_at = now(),
                structured = coalesce(structured, '{}') || jsonb_build_object(
                    'resent', coalesce((structured ->> 'resent')::int, 0) + 1
                )
            WHERE domain_id = $1 AND message_id = $2 AND status = 'failed' AND sender <> 'user'
            RETURNING conversation_id
        ), lane AS (
            SELECT v.conversation_id, v.delivery FROM conversations v
            JOIN message m ON m.conversation_id = v.conversation_id
            WHERE v.domain_id = $1 FOR UPDATE OF v
        ), wanted AS (
            UPDATE conversations v SET delivery_wanted = v.delivery_wanted + 1,
                delivery_at = now(),
                delivery_attempts =
                    CASE l.delivery WHEN 'idle' THEN 0 ELSE v.delivery_attempts END,
                delivery = CASE l.delivery WHEN 'idle' THEN 'queued' ELSE v.delivery END
            FROM lane l WHERE v.domain_id = $1 AND v.conversation_id = l.conversation_id
        )
        SELECT conversation_id FROM lane WHERE delivery = 'idle'
        """,
        domain_id,
        message_id,
    )


async def answer_again(connection: Connection, domain_id: UUID, message_id: UUID) -> UUID | None:
    """Makes the messages from this one on wait for a turn; returns the conversation if idle."""
    return await connection.fetchval(
        """
        WITH message AS (
            SELECT conversation_id, seq FROM messages
            WHERE domain_id = $1 AND message_id = $2 AND sender = 'user'
        )
        UPDATE conversations v SET turned_seq = least(v.turned_seq, m.seq - 1),
            turn = 'queued', turn_attempts = 0, turn_at = now()
        FROM message m
        WHERE v.domain_id = $1 AND v.conversation_id = m.conversation_id AND v.turn = 'idle'
        RETURNING v.conversation_id
        """,
        domain_id,
        message_id,
    )
