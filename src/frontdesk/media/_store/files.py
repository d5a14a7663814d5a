"""Bytes of a domain, and what is known of them."""

from collections.abc import Sequence
from dataclasses import asdict
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
        # What is known of them without a word is looked into anew: its words may have been deleted
        # because of their age, or a recogniser set up since. What failed costs too much each time.
        " ON CONFLICT (domain_id, checksum) DO UPDATE SET size = EXCLUDED.size, understood_at ="
        " CASE WHEN coalesce(files.transcript, files.description, files.text) IS NOT NULL"
        "  OR files.error IS NOT NULL AND files.understood_at > now() - interval '10 minutes'"
        " THEN files.understood_at END RETURNING key",
        domain_id,
        file.checksum,
        file.key,
        file.size,
        file.kind,
        file.content_type,
    )
    return str(key)


async def replace_key(connection: Connection, domain_id: UUID, file: File, lost: str) -> bool:
    """The bytes are elsewhere now, and what was made of them is made anew."""
    done = await connection.execute(
        """
        WITH old AS (
            SELECT renditions FROM files
            WHERE domain_id = $1 AND checksum = $2 AND key = $4 FOR UPDATE
        ), garbage AS (
            INSERT INTO media_garbage (domain_id, key)
            SELECT $1, r->>'key' FROM old, jsonb_array_elements(renditions) AS r
            ON CONFLICT DO NOTHING
        )
        UPDATE files SET key = $3, understood_at = NULL, renditions = '[]'
        WHERE domain_id = $1 AND checksum = $2 AND key = $4
        """,
        domain_id,
        file.checksum,
        file.key,
        lost,
    )
    return done == "UPDATE 1"


async def understood(
    connection: Connection,
    domain_id: UUID,
    checksum: bytes,
    findings: Findings,
    renditions: Sequence[Rendition],
    said: dict[str, str | None],
) -> bool:
    """Notes what was found. False when the file is gone.

    What was made for carriers meanwhile stays: they may be about to fetch it.
    """
    done = await connection.execute(
        "UPDATE files SET understood_at = now(), width = $3, height = $4, duration = $5,"
        " pages = $6, peaks = $7, text = $8, error = $9, renditions = $10::jsonb || coalesce("
        "  (SELECT jsonb_agg(r) FROM jsonb_array_elements(renditions) AS r"
        "   WHERE r->>'name' <> ALL($14::text[])), '[]'), transcript = $11,"
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
        [asdict(rendition) for rendition in renditions],
        said.get("transcript"),
        said.get("language"),
        said.get("description"),
        [rendition.name for rendition in renditions],
    )
    return done == "UPDATE 1"


async def add_rendition(
    connection: Connection, domain_id: UUID, checksum: bytes, rendition: Rendition
) -> bool:
    """False when the file is gone: then nobody will delete what was made of it."""
    done = await connection.execute(
        "UPDATE files SET renditions = CASE WHEN renditions @> jsonb_build_array("
        "  jsonb_build_object('key', $4::text)) THEN renditions ELSE renditions || $3::jsonb END"
        " WHERE domain_id = $1 AND checksum = $2",
        domain_id,
        checksum,
        [asdict(rendition)],
        rendition.key,
    )
    return done == "UPDATE 1"


async def lock(connection: Connection, domain_id: UUID, checksums: Sequence[bytes]) -> None:
    """Holds off others who change these. Whoever locks both locks bytes before the messages that
    have them. Copies may be made all the same."""
    await connection.execute(
        "SELECT FROM files WHERE domain_id = $1 AND checksum = ANY($2::bytea[])"
        " ORDER BY checksum FOR NO KEY UPDATE",
        domain_id,
        checksums,
    )


async def touch_messages(
    connection: Connection, domain_id: UUID, checksums: Sequence[bytes]
) -> list[tuple[UUID, UUID]]:
    """Messages with one of these files have changed for whoever looks at them: which, each with its
    conversation before it, so that it can be told once this is committed."""
    rows = await connection.fetch(
        "WITH locked AS MATERIALIZED ("
        " SELECT domain_id, conversation_id, seq FROM messages WHERE domain_id = $1"
        " AND message_id IN (SELECT message_id FROM media"
        "  WHERE domain_id = $1 AND checksum = ANY($2::bytea[]))"
        # As statuses are applied.
        " ORDER BY conversation_id, seq FOR NO KEY UPDATE"
        ") UPDATE messages m SET updated_at = now() FROM locked l WHERE m.domain_id = l.domain_id"
        " AND m.conversation_id = l.conversation_id AND m.seq = l.seq"
        " RETURNING m.conversation_id, m.message_id",
        domain_id,
        list(checksums),
    )
    return [(row["conversation_id"], row["message_id"]) for row in rows]
