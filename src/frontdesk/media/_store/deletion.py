"""What goes: places, bytes that no place is left of, texts that are too old."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.kernel.ids import new_id


async def delete(connection: Connection, domain_id: UUID, media_ids: Sequence[UUID]) -> int:
    """Marks the places as deleted, and drops the files that no place is left of.

    What the store is to delete is in `media_garbage` afterwards. Returns those files' bytes.
    """
    rows = await connection.fetch(
        "UPDATE media SET state = 'deleted', checksum = NULL, error = NULL, updated_at = now()"
        " FROM (SELECT media_id, checksum AS had FROM media"
        "  WHERE domain_id = $1 AND media_id = ANY($2::uuid[]) FOR UPDATE) AS old"
        " WHERE media.domain_id = $1 AND media.media_id = old.media_id RETURNING old.had",
        domain_id,
        media_ids,
    )
    checksums = sorted({row["had"] for row in rows if row["had"] is not None})
    # Locked before looking for other places: who adds one locks the file, too.
    await connection.execute(
        "SELECT FROM files WHERE domain_id = $1 AND checksum = ANY($2::bytea[])"
        " ORDER BY checksum FOR UPDATE",
        domain_id,
        checksums,
    )
    size = await connection.fetchval(
        """
        WITH gone AS (
            DELETE FROM files f WHERE f.domain_id = $1 AND f.checksum = ANY($2::bytea[])
            AND NOT EXISTS (
                SELECT FROM media m WHERE m.domain_id = $1 AND m.checksum = f.checksum
            )
            RETURNING key, size, renditions
        ), garbage AS (
            INSERT INTO media_garbage (domain_id, key)
            SELECT $1, key FROM gone
            UNION ALL
            SELECT $1, r->>'key' FROM gone, jsonb_array_elements(renditions) AS r
            ON CONFLICT DO NOTHING
        )
        SELECT coalesce(sum(size), 0)::bigint FROM gone
        """,
        domain_id,
        checksums,
    )
    return int(size or 0)


async def discard(connection: Connection, domain_id: UUID, keys: Sequence[str]) -> None:
    """Notes objects that nothing names."""
    await connection.execute(
        "INSERT INTO media_garbage (domain_id, key) SELECT $1, unnest($2::text[])"
        " ON CONFLICT DO NOTHING",
        domain_id,
        keys,
    )


async def garbage(connection: Connection, domain_id: UUID, most: int) -> list[str]:
    rows = await connection.fetch(
        "SELECT key FROM media_garbage WHERE domain_id = $1 ORDER BY at LIMIT $2", domain_id, most
    )
    return [row["key"] for row in rows]


async def removed(connection: Connection, domain_id: UUID, keys: Sequence[str]) -> None:
    await connection.execute(
        "DELETE FROM media_garbage WHERE domain_id = $1 AND key = ANY($2::text[])", domain_id, keys
    )


async def domains_with_garbage(connection: Connection) -> list[UUID]:
    rows = await connection.fetch("SELECT DISTINCT domain_id FROM media_garbage")
    return [row["domain_id"] for row in rows]


async def abandoned(connection: Connection, older_than: timedelta) -> list[tuple[UUID, UUID, str]]:
    """Uploads whose process is gone, taken off; domain, id, path."""
    rows = await connection.fetch(
        "DELETE FROM media WHERE state = 'uploading' AND updated_at < now() - $1::interval"
        " RETURNING domain_id, media_id, path",
        older_than,
    )
    return [tuple(row.values()) for row in rows]


async def expired(
    connection: Connection, domain_id: UUID, before: datetime, most: int
) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT media_id FROM media WHERE domain_id = $1 AND created_at < $2"
        # The business's own files, for canned replies, are no customer's matter.
        " AND (conversation_id IS NOT NULL OR person_id IS NULL)"
        " AND state IN ('pending', 'stored', 'failed') ORDER BY created_at LIMIT $3",
        domain_id,
        before,
        most,
    )
    return [row["media_id"] for row in rows]


async def drop_texts(connection: Connection, domain_id: UUID, before: datetime) -> int:
    """Deletes what was understood of files that no newer message has."""
    done = await connection.execute(
        "UPDATE files f SET transcript = NULL, description = NULL, text = NULL, language = NULL"
        " WHERE domain_id = $1 AND created_at < $2"
        " AND (transcript IS NOT NULL OR description IS NOT NULL OR text IS NOT NULL)"
        " AND NOT EXISTS (SELECT FROM media m WHERE m.domain_id = $1 AND m.checksum = f.checksum"
        "  AND m.created_at >= $2)",
        domain_id,
        before,
    )
    return int(done.rpartition(" ")[2])


async def report(
    connection: Connection,
    domain_id: UUID,
    media_before: datetime | None,
    transcripts_before: datetime | None,
    media: int,
    size: int,
    transcripts: int,
) -> None:
    await connection.execute(
        "INSERT INTO retention_reports (domain_id, report_id, media_before, transcripts_before,"
        " media_deleted, bytes_deleted, transcripts_deleted) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        domain_id,
        new_id(),
        media_before,
        transcripts_before,
        media,
        size,
        transcripts,
    )


async def reports(connection: Connection, domain_id: UUID, most: int) -> list[Row]:
    return await connection.fetch(
        "SELECT at, media_before, transcripts_before, media_deleted, bytes_deleted,"
        " transcripts_deleted FROM retention_reports WHERE domain_id = $1"
        " ORDER BY at DESC LIMIT $2",
        domain_id,
        most,
    )
