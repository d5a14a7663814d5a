"""The SQL of canned replies, and of the files that they come with."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.inbox.model import CannedReply

REPLY = "canned_reply_id, shortcut, title, content, media_ids"


async def all_of(connection: Connection, domain_id: UUID) -> list[CannedReply]:
    rows = await connection.fetch(
        f"SELECT {REPLY} FROM canned_replies WHERE domain_id = $1 ORDER BY shortcut", domain_id
    )
    return [CannedReply(**dict(row)) for row in rows]


async def one(connection: Connection, domain_id: UUID, reply_id: UUID) -> CannedReply | None:
    row = await connection.fetchrow(
        f"SELECT {REPLY} FROM canned_replies WHERE domain_id = $1 AND canned_reply_id = $2"
        " FOR UPDATE",
        domain_id,
        reply_id,
    )
    return row and CannedReply(**dict(row))


async def count(connection: Connection, domain_id: UUID) -> int:
    found = await connection.fetchval(
        "SELECT count(*) FROM canned_replies WHERE domain_id = $1", domain_id
    )
    return int(found or 0)


async def insert(connection: Connection, domain_id: UUID, reply: CannedReply) -> None:
    await connection.execute(
        f"INSERT INTO canned_replies (domain_id, {REPLY}) VALUES ($1, $2, $3, $4, $5, $6)",
        domain_id,
        reply.canned_reply_id,
        reply.shortcut,
        reply.title,
        reply.content,
        reply.media_ids,
    )


async def update(connection: Connection, domain_id: UUID, reply: CannedReply) -> None:
    await connection.execute(
        "UPDATE canned_replies SET shortcut = $3, title = $4, content = $5, media_ids = $6,"
        " updated_at = now() WHERE domain_id = $1 AND canned_reply_id = $2",
        domain_id,
        reply.canned_reply_id,
        reply.shortcut,
        reply.title,
        reply.content,
        reply.media_ids,
    )


async def delete(connection: Connection, domain_id: UUID, reply_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM canned_replies WHERE domain_id = $1 AND canned_reply_id = $2",
        domain_id,
        reply_id,
    )


async def unused_files(
    connection: Connection, domain_id: UUID, older_than: timedelta
) -> Sequence[UUID]:
    """The library's files that no canned reply has, or that were uploaded so long ago for one
    that nobody saved."""
    rows = await connection.fetch(
        "SELECT media_id FROM media m WHERE m.domain_id = $1 AND m.conversation_id IS NULL"
        " AND m.state = 'stored' AND m.created_at < now() - $2::interval"
        " AND NOT EXISTS (SELECT FROM canned_replies r WHERE r.domain_id = $1"
        "  AND m.media_id = ANY (r.media_ids)) LIMIT 100",
        domain_id,
        older_than,
    )
    return [row["media_id"] for row in rows]
