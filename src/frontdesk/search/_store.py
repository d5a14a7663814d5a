"""The SQL of search: calls of the functions that may read the indexes, and what hits belong to."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection

NAMED = """
SELECT v.conversation_id, v.address, c.display_name, h.kind AS channel
FROM conversations v
CROSS JOIN LATERAL (
    SELECT * FROM contacts c
    WHERE c.domain_id = v.domain_id AND c.contact_id = v.contact_id LIMIT 1
) c
CROSS JOIN LATERAL (
    SELECT * FROM channels h
    WHERE h.domain_id = v.domain_id AND h.channel_id = v.channel_id LIMIT 1
) h
WHERE v.domain_id = $1 AND v.conversation_id = ANY($2::uuid[])
"""


async def messages(
    connection: Connection, typed: str, most: int, *, beginning: bool = False
) -> Sequence[asyncpg.Record]:
    """Messages with all the words; with `beginning` also those whose words only begin so."""
    name = "search_messages_beginning" if beginning else "search_messages"
    return await connection.fetch(
        f"SELECT * FROM {name}(search_query($1, $2), $3)", typed, beginning, most
    )


async def messages_of(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    typed: str,
    latest: int,
    most: int,
) -> Sequence[asyncpg.Record]:
    """Among the latest messages of one conversation, newest first."""
    return await connection.fetch(
        "SELECT conversation_id, message_id, created_at, content, 1::real AS rank FROM ("
        " SELECT * FROM messages WHERE domain_id = $1 AND conversation_id = $2"
        " AND status <> 'draft' ORDER BY seq DESC LIMIT $4"
        ") m WHERE to_tsvector('simple', search_fold(left(content, 20000)))"
        " @@ search_query($3, true) ORDER BY seq DESC LIMIT $5",
        domain_id,
        conversation_id,
        typed,
        latest,
        most,
    )


async def files(
    connection: Connection, typed: str, grams: Sequence[str], most: int
) -> Sequence[asyncpg.Record]:
    return await connection.fetch(
        "SELECT * FROM search_files(search_query($1, true), $2, $3)", typed, grams, most
    )


async def contacts(
    connection: Connection, grams: Sequence[str], most: int
) -> Sequence[asyncpg.Record]:
    """Contacts whose name, number or address has all the grams."""
    return await connection.fetch("SELECT * FROM search_contacts($1, $2)", grams, most)


async def conversations(
    connection: Connection, domain_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, asyncpg.Record]:
    """Whose they are and on which channel."""
    rows = await connection.fetch(NAMED, domain_id, ids)
    return {row["conversation_id"]: row for row in rows}


async def latest_of_contacts(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]
) -> dict[UUID, asyncpg.Record]:
    """Each contact's conversation that was active last."""
    rows = await connection.fetch(
        "SELECT c.contact_id, v.conversation_id, v.last_active, h.kind AS channel"
        " FROM unnest($2::uuid[]) AS c (contact_id)"
        " CROSS JOIN LATERAL ("
        "  SELECT * FROM conversations v WHERE v.domain_id = $1 AND v.contact_id = c.contact_id"
        "  ORDER BY v.last_active DESC LIMIT 1"
        " ) v CROSS JOIN LATERAL ("
        "  SELECT * FROM channels h WHERE h.domain_id = $1 AND h.channel_id = v.channel_id LIMIT 1"
        " ) h",
        domain_id,
        contact_ids,
    )
    return {row["contact_id"]: row for row in rows}


async def limit_time(connection: Connection, milliseconds: int) -> None:
    """For this transaction's statements from here on."""
    await connection.execute(f"SET LOCAL statement_timeout = {int(milliseconds)}")


async def tidy(connection: Connection) -> None:
    """Moves what was written lately into the index itself, which those who write leave undone."""
    await connection.execute("SELECT gin_clean_pending_list('messages_search')")
