"""The SQL of what a business knows of its customers: cards, merges, blocks, notes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts.model import Contact, Note
from frontdesk.db.pool import Connection

CONTACT = (
    "contact_id, address, display_name, email, language, attributes, blocked_at, merged_into,"
    " created_at"
)
CHANGEABLE = {"display_name": "text", "email": "text", "language": "text", "attributes": "jsonb"}
LAST = UUID(int=2**128 - 1)
MOST_CONVERSATIONS = 1_000


def _contact(row: asyncpg.Record) -> Contact:
    return Contact(**dict(row))


async def one(
    connection: Connection, domain_id: UUID, contact_id: UUID, *, lock: bool = False
) -> Contact | None:
    row = await connection.fetchrow(
        f"SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND contact_id = $2"
        + (" FOR UPDATE" if lock else ""),
        domain_id,
        contact_id,
    )
    return row and _contact(row)


async def lock(connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]) -> None:
    """Before a change of several contacts at once, which those of one domain make in turn.

    Which contacts belong together is known only once they are locked, so that no order of the
    rows alone keeps two such changes from waiting for each other.
    """
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('contacts ' || $1::uuid::text, 0))",
        domain_id,
    )
    await connection.execute(
        "SELECT FROM contacts WHERE domain_id = $1 AND contact_id = ANY($2::uuid[])"
        " ORDER BY contact_id FOR UPDATE",
        domain_id,
        contact_ids,
    )


async def merged_into(connection: Connection, domain_id: UUID, root_id: UUID) -> list[Contact]:
    rows = await connection.fetch(
        f"SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND merged_into = $2"
        " AND merged_into IS NOT NULL ORDER BY contact_id",
        domain_id,
        root_id,
    )
    return [_contact(row) for row in rows]


async def latest(
    connection: Connection, domain_id: UUID, before: UUID | None, most: int
) -> list[Contact]:
    """Those who came last first: ids go up with time."""
    rows = await connection.fetch(
        f"SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND contact_id < $2"
        " AND merged_into IS NULL ORDER BY contact_id DESC LIMIT $3",
        domain_id,
        before or LAST,
        most,
    )
    return [_contact(row) for row in rows]


async def update(
    connection: Connection, domain_id: UUID, contact_id: UUID, values: dict[str, Any]
) -> None:
    """Writes the named columns. A name of people's is kept when the carrier tells another one."""
    columns = [name for name in CHANGEABLE if name in values]
    places = {name: f"${place}::{CHANGEABLE[name]}" for place, name in enumerate(columns, 3)}
    sets = [f"{name} = {place}" for name, place in places.items()]
    if "display_name" in places:
        sets.append(f"named_by_people = {places['display_name']} IS NOT NULL")
    await connection.execute(
        f"UPDATE contacts SET {', '.join(sets)} WHERE domain_id = $1 AND contact_id = $2",
        domain_id,
        contact_id,
        *[values[name] for name in columns],
    )


async def set_blocked(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID], *, blocked: bool
) -> None:
    await connection.execute(
        "UPDATE contacts SET blocked_at = CASE WHEN $3 THEN coalesce(blocked_at, now()) END"
        " WHERE domain_id = $1 AND contact_id = ANY($2::uuid[])",
        domain_id,
        contact_ids,
        blocked,
    )


async def set_merged(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID], root_id: UUID | None
) -> None:
    await connection.execute(
        "UPDATE contacts SET merged_into = $3 WHERE domain_id = $1"
        " AND contact_id = ANY($2::uuid[])",
        domain_id,
        contact_ids,
        root_id,
    )


async def conversations(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]
) -> list[UUID]:
    """Which conversations show something of these contacts."""
    rows = await connection.fetch(
        "SELECT conversation_id FROM conversations"
        " WHERE contact_id = ANY($2::uuid[]) AND domain_id = $1 LIMIT $3",
        domain_id,
        contact_ids,
        MOST_CONVERSATIONS,
    )
    return [row["conversation_id"] for row in rows]


# Notes ------------------------------------------------------------------------------------------

NOTE = (
    "SELECT n.note_id, n.content, n.person_id, p.name AS person_name, p.email AS person_email,"
    " n.created_at FROM contact_notes n LEFT JOIN LATERAL ("
    "  SELECT name, email FROM people p WHERE p.domain_id = n.domain_id"
    "  AND p.person_id = n.person_id LIMIT 1"
    " ) p ON true"
)


async def notes(connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID]) -> list[Note]:
    """The latest first."""
    rows = await connection.fetch(
        f"{NOTE} WHERE n.domain_id = $1 AND n.contact_id = ANY($2::uuid[])"
        " ORDER BY n.created_at DESC, n.note_id DESC",
        domain_id,
        contact_ids,
    )
    return [Note(**dict(row)) for row in rows]


async def note(
    connection: Connection, domain_id: UUID, contact_ids: Sequence[UUID], note_id: UUID
) -> Note | None:
    row = await connection.fetchrow(
        f"{NOTE} WHERE n.domain_id = $1 AND n.note_id = $3 AND n.contact_id = ANY($2::uuid[])",
        domain_id,
        contact_ids,
        note_id,
    )
    return row and Note(**dict(row))


async def insert_note(
    connection: Connection,
    domain_id: UUID,
    note_id: UUID,
    contact_id: UUID,
    person_id: UUID,
    content: str,
) -> None:
    await connection.execute(
        "INSERT INTO contact_notes (domain_id, note_id, contact_id, person_id, content)"
        " VALUES ($1, $2, $3, $4, $5)",
        domain_id,
        note_id,
        contact_id,
        person_id,
        content,
    )


async def count_notes(connection: Connection, domain_id: UUID, contact_id: UUID) -> int:
    found = await connection.fetchval(
        "SELECT count(*) FROM contact_notes WHERE domain_id = $1 AND contact_id = $2",
        domain_id,
        contact_id,
    )
    return int(found or 0)


async def delete_note(connection: Connection, domain_id: UUID, note_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM contact_notes WHERE domain_id = $1 AND note_id = $2", domain_id, note_id
    )
