"""The SQL of domains, people, tokens and the audit log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Caller, Domain, Membership, Person

DOMAIN = "domain_id, name, display_name, default_assistant_id, settings, created_at"
PERSON = "domain_id, person_id, email, name, role, created_at"


async def insert_domain(
    connection: Connection, domain_id: UUID, name: str, display_name: str
) -> Domain | None:
    """None when the name is taken."""
    row = await connection.fetchrow(
        "INSERT INTO domains (domain_id, name, display_name) VALUES ($1, $2, $3)"
        f" ON CONFLICT (name) DO NOTHING RETURNING {DOMAIN}",
        domain_id,
        name,
        display_name,
    )
    return row and Domain(**row)


async def domain_by_name(connection: Connection, name: str) -> Domain | None:
    row = await connection.fetchrow(f"SELECT {DOMAIN} FROM domains WHERE name = $1", name)
    return row and Domain(**row)


async def domain_by_id(connection: Connection, domain_id: UUID) -> Domain | None:
    row = await connection.fetchrow(f"SELECT {DOMAIN} FROM domains WHERE domain_id = $1", domain_id)
    return row and Domain(**row)


async def all_domains(connection: Connection) -> list[Domain]:
    return [
        Domain(**row)
        for row in await connection.fetch(f"SELECT {DOMAIN} FROM domains ORDER BY name")
    ]


async def update_domain(connection: Connection, domain: Domain) -> None:
    await connection.execute(
        "UPDATE domains SET display_name = $2, default_assistant_id = $3, settings = $4"
        " WHERE domain_id = $1",
        domain.domain_id,
        domain.display_name,
        domain.default_assistant_id,
        domain.settings,
    )


async def technical(connection: Connection, domain_id: UUID) -> bytes | None:
    return await connection.fetchval(
        "SELECT technical FROM domains WHERE domain_id = $1", domain_id
    )


async def set_technical(connection: Connection, domain_id: UUID, sealed: bytes) -> None:
    await connection.execute(
        "UPDATE domains SET technical = $2 WHERE domain_id = $1", domain_id, sealed
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


async def set_role(connection: Connection, domain_id: UUID, person_id: UUID, role: str) -> None:
    await connection.execute(
        "UPDATE people SET role = $3 WHERE domain_id = $1 AND person_id = $2",
        domain_id,
        person_id,
        role,
    )


async def delete_person(connection: Connection, domain_id: UUID, person_id: UUID) -> None:
    await connection.execute(
        "DELETE FROM people WHERE domain_id = $1 AND person_id = $2", domain_id, person_id
    )


async def count_owners(connection: Connection, domain_id: UUID) -> int:
    """Locks the owners, so that two demotions at once cannot leave none."""
    rows = await connection.fetch(
        "SELECT 1 FROM people WHERE domain_id = $1 AND role = 'owner' FOR UPDATE", domain_id
    )
    return len(rows)


async def insert_token(
    connection: Connection,
    domain_id: UUID,
    token_id: UUID,
    person_id: UUID,
    token_hash: bytes,
    name: str,
    purpose: str,
    expires_at: datetime | None,
) -> None:
    await connection.execute(
        "INSERT INTO api_tokens"
        " (domain_id, token_id, person_id, token_hash, name, purpose, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        domain_id,
        token_id,
        person_id,
        token_hash,
        name,
        purpose,
        expires_at,
    )


async def tokens(connection: Connection, domain_id: UUID) -> Sequence[asyncpg.Record]:
    return await connection.fetch(
        "SELECT t.token_id, t.name, p.email, t.created_at, t.expires_at, t.last_used_at"
        " FROM api_tokens t JOIN people p USING (domain_id, person_id)"
        " WHERE t.domain_id = $1 AND t.purpose = 'api' ORDER BY t.created_at",
        domain_id,
    )


async def delete_token(connection: Connection, domain_id: UUID, token_id: UUID) -> bool:
    return (
        await connection.execute(
            "DELETE FROM api_tokens WHERE domain_id = $1 AND token_id = $2", domain_id, token_id
        )
        == "DELETE 1"
    )


async def use_sign_in_token(connection: Connection, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Deletes a sign-in token and returns its domain and person; None when there is no such one.

    Of several that try at once, one gets it.
    """
    row = await connection.fetchrow(
        "DELETE FROM api_tokens WHERE token_hash = $1 AND purpose = 'sign_in'"
        " AND expires_at > now() RETURNING domain_id, person_id",
        token_hash,
    )
    return row and (row["domain_id"], row["person_id"])


async def delete_session(connection: Connection, token_hash: bytes) -> None:
    await connection.execute(
        "DELETE FROM api_tokens WHERE token_hash = $1 AND purpose = 'session'", token_hash
    )


async def delete_expired(connection: Connection, domain_id: UUID) -> None:
    """Sign-in links and sessions that are over. API tokens stay, so that lists show them."""
    await connection.execute(
        "DELETE FROM api_tokens WHERE domain_id = $1 AND purpose <> 'api' AND expires_at <= now()",
        domain_id,
    )


async def caller(connection: Connection, token_hash: bytes, purpose: str) -> Caller | None:
    """Who a token belongs to, with all of their domains, in one statement."""
    rows = await connection.fetch(
        "SELECT t.domain_id AS home, p.person_id, p.email, d.domain_id, d.name, p.role"
        " FROM api_tokens t JOIN people p USING (person_id) JOIN domains d"
        " ON d.domain_id = p.domain_id"
        " WHERE t.token_hash = $1 AND t.purpose = $2"
        " AND (t.expires_at IS NULL OR t.expires_at > now())",
        token_hash,
        purpose,
    )
    if not rows:
        return None
    return Caller(
        rows[0]["person_id"],
        rows[0]["email"],
        rows[0]["home"],
        tuple(Membership(row["domain_id"], row["name"], row["role"]) for row in rows),
    )


async def token_exists(connection: Connection, token_hash: bytes) -> bool:
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM api_tokens WHERE token_hash = $1)", token_hash
    )
    return bool(found)


async def record(
    connection: Connection,
    domain_id: UUID,
    entry_id: UUID,
    person_id: UUID | None,
    action: str,
    target: str,
    detail: dict[str, Any],
) -> None:
    await connection.execute(
        "INSERT INTO audit_log (domain_id, entry_id, person_id, action, target, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        domain_id,
        entry_id,
        person_id,
        action,
        target,
        detail,
    )
