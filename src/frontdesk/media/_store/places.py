"""Files' places in conversations: found, expected, filled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.media.model import Expected, File, Media

OWN = """m.domain_id, m.media_id, m.conversation_id, m.message_id, m.person_id, m.place, m.state,
    m.kind, m.content_type, m.filename, m.path, m.checksum, m.source_url,
    coalesce(m.error, f.error) AS error, m.attempts, m.created_at, m.updated_at, f.key, f.size,
    f.understood_at, f.width, f.height, f.duration, f.pages, f.peaks, f.transcript, f.language,
    f.description, f.text, coalesce(f.renditions, '[]') AS renditions"""

# LATERAL with a LIMIT, so that no plan reads a domain's files whole.
MEDIA = f"""
SELECT {OWN} FROM media m LEFT JOIN LATERAL (
    SELECT * FROM files f WHERE f.domain_id = m.domain_id AND f.checksum = m.checksum LIMIT 1
) f ON true
"""

# The conversation is the message's: a message that was here already brings no files again.
EXPECT = """
WITH expected AS (
    INSERT INTO media (
        domain_id, media_id, conversation_id, message_id, place, state, kind, content_type,
        filename, path, source_url
    )
    SELECT e.domain_id, e.media_id, m.conversation_id, e.message_id, e.place, 'pending', e.kind,
        e.content_type, '', 'conversation-media/' || m.conversation_id || '/' || e.media_id,
        e.source_url
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[], $6::text[],
        $7::text[]) AS e (domain_id, media_id, message_id, place, kind, content_type, source_url)
    CROSS JOIN LATERAL (
        SELECT conversation_id FROM messages m
        WHERE m.domain_id = e.domain_id AND m.message_id = e.message_id LIMIT 1
    ) m
    RETURNING domain_id, media_id
)
INSERT INTO queue.pgqueuer (priority, entrypoint, payload, status)
SELECT 0, 'media', uuid_send(domain_id) || uuid_send(media_id), 'queued' FROM expected
"""


def _media(row: Row) -> Media:
    return Media(**dict(row))


# Finding ----------------------------------------------------------------------------------------


async def owner(
    connection: Connection, domain_ids: Sequence[UUID] | None, media_id: UUID
) -> UUID | None:
    """Which of the domains has it; of all domains for None."""
    return await connection.fetchval(
        "SELECT domain_id FROM media"
        " WHERE media_id = $1 AND ($2::uuid[] IS NULL OR domain_id = ANY($2))",
        media_id,
        domain_ids,
    )


async def by_path(
    connection: Connection, domain_ids: Sequence[UUID], path: str
) -> tuple[UUID, UUID] | None:
    row = await connection.fetchrow(
        "SELECT domain_id, media_id FROM media WHERE path = $1 AND domain_id = ANY($2)",
        path,
        domain_ids,
    )
    return row and (row[0], row[1])


async def get(connection: Connection, domain_id: UUID, media_id: UUID) -> Media | None:
    row = await connection.fetchrow(
        MEDIA + " WHERE m.domain_id = $1 AND m.media_id = $2", domain_id, media_id
    )
    return row and _media(row)


async def of_messages(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> list[Media]:
    rows = await connection.fetch(
        MEDIA + " WHERE m.domain_id = $1 AND m.message_id = ANY($2::uuid[])"
        " ORDER BY m.message_id, m.place",
        domain_id,
        message_ids,
    )
    return [_media(row) for row in rows]


async def unsettled(connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]) -> bool:
    """Whether something of the messages' files is still to be found out."""
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM media m WHERE m.domain_id = $1 AND m.message_id = ANY($2)"
        " AND (m.state = 'pending' OR m.state = 'stored' AND (SELECT f.understood_at FROM files f"
        "  WHERE f.domain_id = m.domain_id AND f.checksum = m.checksum LIMIT 1) IS NULL))",
        domain_id,
        message_ids,
    )
    return bool(found)


async def listed(
    connection: Connection, domain_id: UUID, media_ids: Sequence[UUID]
) -> dict[UUID, Media]:
    rows = await connection.fetch(
        MEDIA + " WHERE m.domain_id = $1 AND m.media_id = ANY($2::uuid[])", domain_id, media_ids
    )
    return {row["media_id"]: _media(row) for row in rows}


async def gallery(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    before: tuple[datetime, UUID] | None,
    most: int,
) -> list[Media]:
    moment, media_id = before or (None, None)
    rows = await connection.fetch(
        MEDIA + " WHERE m.domain_id = $1 AND m.conversation_id = $2"
        " AND m.state IN ('pending', 'stored', 'failed')"
        " AND ($3::timestamptz IS NULL OR (m.created_at, m.media_id) < ($3, $4::uuid))"
        " ORDER BY m.created_at DESC, m.media_id DESC LIMIT $5",
        domain_id,
        conversation_id,
        moment,
        media_id,
        most,
    )
    return [_media(row) for row in rows]


# Coming in --------------------------------------------------------------------------------------


async def expect(connection: Connection, files: Sequence[Expected]) -> None:
    """Notes customers' files whose messages are being stored, with the jobs that get them."""
    await connection.execute(
        EXPECT,
        [file.domain_id for file in files],
        [file.media_id for file in files],
        [file.message_id for file in files],
        [file.place for file in files],
        [file.kind for file in files],
        [file.content_type for file in files],
        [file.source_url for file in files],
    )


async def reserve(connection: Connection, media: Media) -> bool:
    """Notes an upload that begins. False when its path is taken, or about to be cleared."""
    done = await connection.execute(
        "INSERT INTO media (domain_id, media_id, conversation_id, person_id, state, kind,"
        " content_type, filename, path)"
        " SELECT $1::uuid, $2, $3, $4, $5, $6, $7, $8, $9::text WHERE NOT EXISTS"
        "  (SELECT FROM media_garbage g WHERE g.domain_id = $1::uuid AND g.key = $9::text)"
        " ON CONFLICT (path, domain_id) DO NOTHING",
        media.domain_id,
        media.media_id,
        media.conversation_id,
        media.person_id,
        media.state,
        media.kind,
        media.content_type,
        media.filename,
        media.path,
    )
    return done == "INSERT 0 1"


async def move(connection: Connection, domain_id: UUID, media_id: UUID, path: str) -> None:
    """Gives an upload another place. Raises asyncpg.UniqueViolationError when it is taken."""
    await connection.execute(
        "UPDATE media SET path = $3 WHERE domain_id = $1 AND media_id = $2 AND state = 'uploading'",
        domain_id,
        media_id,
        path,
    )


async def uploading(connection: Connection, domain_id: UUID, media_id: UUID) -> str | None:
    """Where the bytes of an upload that has not ended may be."""
    return await connection.fetchval(
        "SELECT path FROM media WHERE domain_id = $1 AND media_id = $2 AND state = 'uploading'",
        domain_id,
        media_id,
    )


async def forget(connection: Connection, domain_id: UUID, media_id: UUID) -> None:
    """Drops an upload that came to nothing."""
    await connection.execute(
        "DELETE FROM media WHERE domain_id = $1 AND media_id = $2 AND state = 'uploading'",
        domain_id,
        media_id,
    )


async def place(
    connection: Connection, domain_id: UUID, media_id: UUID, file: File, filename: str, path: str
) -> bool:
    """The bytes are here. False when the file was deleted meanwhile."""
    done = await connection.execute(
        "UPDATE media SET state = 'stored', checksum = $3, kind = $4, content_type = $5,"
        " filename = $6, path = $7, error = NULL, updated_at = now()"
        " WHERE domain_id = $1 AND media_id = $2 AND state <> 'deleted'",
        domain_id,
        media_id,
        file.checksum,
        file.kind,
        file.content_type,
        filename,
        path,
    )
    return done == "UPDATE 1"


async def not_had(
    connection: Connection, domain_id: UUID, media_id: UUID, error: str, *, final: bool
) -> None:
    await connection.execute(
        "UPDATE media SET error = $3, state = CASE WHEN $4 THEN 'failed' ELSE state END,"
        " attempts = attempts + 1, updated_at = now()"
        " WHERE domain_id = $1 AND media_id = $2 AND state = 'pending'",
        domain_id,
        media_id,
        error,
        final,
    )


async def try_again(connection: Connection, domain_id: UUID, message_id: UUID) -> list[UUID]:
    """Makes the message's failed files wait once more; their ids."""
    rows = await connection.fetch(
        "UPDATE media SET state = 'pending', attempts = 0, updated_at = now()"
        " WHERE domain_id = $1 AND message_id = $2 AND state = 'failed' RETURNING media_id",
        domain_id,
        message_id,
    )
    return [row["media_id"] for row in rows]


async def copy(
    connection: Connection, media: Media, media_id: UUID, conversation_id: UUID, path: str
) -> None:
    """The same file once more, to be sent in another message."""
    await connection.execute(
        "INSERT INTO media (domain_id, media_id, conversation_id, person_id, state, kind,"
        " content_type, filename, path, checksum)"
        " SELECT domain_id, $3, $4, person_id, state, kind, content_type, filename, $5, checksum"
        " FROM media WHERE domain_id = $1 AND media_id = $2 AND state = 'stored'",
        media.domain_id,
        media.media_id,
        media_id,
        conversation_id,
        path,
    )


async def attach(
    connection: Connection, domain_id: UUID, media_ids: Sequence[UUID], message_id: UUID
) -> int:
    """Makes the files that no message has this one's own, in this order; how many."""
    done = await connection.execute(
        "UPDATE media m SET message_id = $3, place = i.ord - 1, updated_at = now()"
        " FROM unnest($2::uuid[]) WITH ORDINALITY AS i (media_id, ord)"
        " WHERE m.domain_id = $1 AND m.media_id = i.media_id AND m.message_id IS NULL"
        " AND m.state = 'stored'",
        domain_id,
        media_ids,
        message_id,
    )
    return int(done.rpartition(" ")[2])


async def adopt(
    connection: Connection,
    domain_id: UUID,
    adopted: Sequence[tuple[UUID, UUID, UUID, int]],
) -> None:
    """Gives files that are in no conversation one, with a message, and a place among its files."""
    await connection.execute(
        "UPDATE media m SET conversation_id = i.conversation_id, message_id = i.message_id,"
        " place = i.place, updated_at = now()"
        " FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[])"
        " AS i (media_id, conversation_id, message_id, place)"
        " WHERE m.domain_id = $1 AND m.media_id = i.media_id AND m.message_id IS NULL"
        " AND m.conversation_id IS NULL AND m.state = 'stored'",
        domain_id,
        *([each[field] for each in adopted] for field in range(4)),
    )


async def detach(connection: Connection, domain_id: UUID, message_id: UUID) -> None:
    await connection.execute(
        "UPDATE media SET message_id = NULL, updated_at = now()"
        " WHERE domain_id = $1 AND message_id = $2",
        domain_id,
        message_id,
    )


async def stranded(
    connection: Connection, older_than: timedelta, most: int
) -> list[tuple[UUID, UUID]]:
    """Files at the carrier, or here and not looked into, whose job is lost; domain, id."""
    rows = await connection.fetch(
        """
        UPDATE media SET updated_at = now()
        WHERE (domain_id, media_id) IN (
            SELECT domain_id, media_id FROM media
            WHERE state = 'pending' AND updated_at < now() - $1::interval
            ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) OR (domain_id, media_id) IN (
            SELECT m.domain_id, m.media_id FROM files f CROSS JOIN LATERAL (
                SELECT * FROM media m
                WHERE m.domain_id = f.domain_id AND m.checksum = f.checksum LIMIT 1
            ) m
            WHERE f.understood_at IS NULL AND f.created_at < now() - $1::interval
            AND m.updated_at < now() - $1::interval
            ORDER BY f.created_at LIMIT $2
        )
        RETURNING domain_id, media_id
        """,
        older_than,
        most,
    )
    return [tuple(row.values()) for row in rows]
