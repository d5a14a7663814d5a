"""The SQL of people."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Person

PERSON = (
    "domain_id, person_id, email, name, role, created_at,"
    " password_hash IS NOT NULL AS has_password, signed_in_at"
)


async def insert_person(
    connection: Connection, domain_id: UUID, person_id: UUID, email: str, name: str, role: str
) -> Person | None:
    """None when the e-mail is taken in this domain."""
    row = await connection.fetchrow(
        "INSERT INTO people (domain_id, person_id, email, name, role) VALUES ($1, $2, $3, $4, $5)"
        f" ON CONFLICT DO NOTHING RETURNING {PERSON}",
        domain_id,
        person_id,
        email,
        name,
        role,
    )
    return row and Person(**row)


async def copy_person(
    connection: Connection, from_domain: UUID, to_domain: UUID, person_id: UUID, role: str
) -> None:
    """Makes a person of one domain a member of another, who signs in as before."""
    await connection.execute(
        "INSERT INTO people"
        " (domain_id, person_id, email, name, role, password_hash, signed_in_at)"
        " SELECT $2, person_id, email, name, $4, password_hash, signed_in_at"
        " FROM people WHERE domain_id = $1 AND person_id = $3",
        from_domain,
        to_domain,
        person_id,
        role,
    )


async def people(connection: Connection, domain_id: UUID) -> list[Person]:
    rows = await connection.fetch(
        f"SELECT {PERSON} FROM people WHERE domain_id = $1 ORDER BY email", domain_id
    )
    return [Person(**row) for row in rows]


async def person_by_email(connection: Connection, domain_id: UUID, email: str) -> Person | None:
    row = await connection.fetchrow(
        f"SELECT {PERSON} FROM people WHERE domain_id = $1 AND email = $2", domain_id, email
    )
    return row and Person(**row)


async def person_by_id(connection: Connection, domain_id: UUID, person_id: UUID) -> Person | None:
    """Locks the person until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {PERSON} FROM people WHERE domain_id = $1 AND person_id = $2 FOR UPDATE",
        domain_id,
        person_id,
    )
    return row and Person(**row)


async def everywhere(connection: Connection, person_id: UUID) -> list[Person]:
    """A person's rows in all domains."""
    rows = await connection.fetch(
        f"SELECT {PERSON} FROM people WHERE person_id = $1 ORDER BY domain_id", person_id
    )
    return [Person(**row) for row in rows]


async def named(connection: Connection, email: str, domain: str | None) -> Sequence[asyncpg.Record]:
    """Who has the e-mail, in every domain or the named one: first who signed in last."""
    return await connection.fetch(
        "SELECT p.domain_id, p.person_id, p.password_hash FROM people p JOIN domains d"
        " ON d.domain_id = p.domain_id"
        " WHERE p.email = $1 AND ($2::text IS NULL OR d.name = $2)"
        " ORDER BY p.signed_in_at DESC NULLS LAST, p.created_at",
        email,
        domain,
    )


async def set_role(connection: Connection, domain_id: UUID, person_id: UUID, role: str) -> None:
    await connection.execute(
        "UPDATE people SET role = $3 WHERE domain_id = $1 AND person_id = $2",
        domain_id,
        person_id,
        role,
    )


async def set_name(connection: Connection, domain_id: UUID, person_id: UUID, name: str) -> None:
    await connection.execute(
        "UPDATE people SET name = $3 WHERE domain_id = $1 AND person_id = $2",
        domain_id,
        person_id,
        name,
    )


async def password_hash(connection: Connection, domain_id: UUID, person_id: UUID) -> str | None:
    return await connection.fetchval(
        "SELECT password_hash FROM people WHERE domain_id = $1 AND person_id = $2",
        domain_id,
        person_id,
    )


async def set_password(connection: Connection, person_id: UUID, password_hash: str) -> None:
    """In every domain that the person is a member of."""
    await connection.execute(
        "UPDATE people SET password_hash = $2 WHERE person_id = $1", person_id, password_hash
    )


async def signed_in(connection: Connection, domain_id: UUID, person_id: UUID) -> None:
    await connection.execute(
        "UPDATE people SET signed_in_at = now() WHERE domain_id = $1 AND person_id = $2",
        domain_id,
        person_id,
    )


async def delete_person(connection: Connection, domain_id: UUID, person_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM people WHERE domain_id = $1 AND person_id = $2", domain_id, person_id
    )


async def count_owners(connection: Connection, domain_id: UUID) -> int:
    """Locks the owners, so that two demotions at once cannot leave none."""
    rows = await connection.fetch(
        "SELECT 1 FROM people WHERE domain_id = $1 AND role = 'owner'"
        " ORDER BY person_id FOR UPDATE",
        domain_id,
    )
    return len(rows)
