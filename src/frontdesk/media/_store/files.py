"""Bytes of a domain, and what is known of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.media.model import File, Findings, Rendition


async def keep_file(connection: Connection, domain_id: UUID, file: File) -> str:
    """Notes the bytes, or finds that the domain has them; the key that they are under.

    The row stays locked, so that nobody deletes the bytes until the caller has committed.
    """
    key = await connection.fetchval(
        "INSERT INTO files (domain_id, checksum, key, size, kind, content_type)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (domain_id, checksum) DO UPDATE SET size = EXCLUDED.size RETURNING key",
        domain_id,
        file.checksum,
        file.key,
        file.size,
        file.kind,
        file.content_type,
    )
    return str(key)


async def understood(
    connection: Connection,
    domain_id: UUID,
    checksum: bytes,
    findings: Findings,
    renditions: Sequence[Rendition],
    said: dict[str, str | None],
) -> bool:
    """Notes what was found. False when the file is gone."""
    done = await connection.execute(
        "UPDATE files SET understood_at = now(), width = $3, height = $4, duration = $5,"
        " pages = $6, peaks = $7, text = $8, error = $9, renditions = $10, transcript = $11,"
        " language = $12, description = $13 WHERE domain_id = $1 AND checksum = $2",
        domain_id,
        checksum,
        findings.width,
        findings.height,
        findings.duration,
        findings.pages,
        findings.peaks,
        findings.text,
        findings.error,
        [
            {"name": r.name, "key": r.key, "content_type": r.content_type, "size": r.size}
            for r in renditions
        ],
        said.get("transcript"),
        said.get("language"),
        said.get("description"),
    )
    return done == "UPDATE 1"


async def add_rendition(
    connection: Connection, domain_id: UUID, checksum: bytes, rendition: dict[str, Any]
) -> bool:
    """False when there is one of that name already, or the file is gone."""
    done = await connection.execute(
        "UPDATE files SET renditions = renditions || $3::jsonb WHERE domain_id = $1"
        " AND checksum = $2 AND NOT renditions @> jsonb_build_array("
        "  jsonb_build_object('key', $4::text))",
        domain_id,
        checksum,
        [rendition],
        rendition["key"],
    )
    return done == "UPDATE 1"


async def touch_messages(connection: Connection, domain_id: UUID, checksum: bytes) -> None:
    """Messages with this file have changed for whoever looks at them."""
    await connection.execute(
        "UPDATE messages SET updated_at = now() WHERE domain_id = $1 AND message_id IN"
        " (SELECT message_id FROM media WHERE domain_id = $1 AND checksum = $2)",
        domain_id,
        checksum,
    )
