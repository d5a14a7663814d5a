"""The SQL of tokens: programs' own, links that work once, browsers' sessions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.domains.model import SESSION_IDLE, Caller, Membership, Person

USED_STEP = timedelta(minutes=1)
"""How exactly it is known when a token was last used: more would be a write a request."""


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


async def tokens(
    connection: Connection, domain_id: UUID, person_id: UUID | None = None
) -> Sequence[asyncpg.Record]:
    """The API tokens of everybody, or of one person."""
    return await connection.fetch(
        "SELECT t.token_id, t.name, p.email, t.created_at, t.expires_at, t.last_used_at,"
        " t.person_id, p.name AS person_name"
        " FROM api_tokens t JOIN people p USING (domain_id, person_id)"
        " WHERE t.domain_id = $1 AND t.purpose = 'api' AND ($2::uuid IS NULL OR person_id = $2)"
        " ORDER BY t.created_at",
        domain_id,
        person_id,
    )


async def delete_token(
    connection: Connection, domain_id: UUID, token_id: UUID, of: UUID | None
) -> UUID | None:
    """Deletes an API token, anybody's or only if it is the person's; returns whose it was."""
    return await connection.fetchval(
        "DELETE FROM api_tokens WHERE domain_id = $1 AND token_id = $2 AND purpose = 'api'"
        " AND ($3::uuid IS NULL OR person_id = $3) RETURNING person_id",
        domain_id,
        token_id,
        of,
    )


async def spend(
    connection: Connection, token_hash: bytes, purpose: str
) -> tuple[UUID, UUID] | None:
    """Deletes a token that works once and returns its domain and person; None when there is none.

    Of several that try at once, one gets it.
    """
    row = await connection.fetchrow(
        "DELETE FROM api_tokens WHERE token_hash = $1 AND purpose = $2"
        " AND expires_at > now() RETURNING domain_id, person_id",
        token_hash,
        purpose,
    )
    return row and (row["domain_id"], row["person_id"])


async def invited(connection: Connection, token_hash: bytes) -> tuple[Person, str] | None:
    """Whom an invitation is for, and the domain's name for people."""
    row = await connection.fetchrow(
        "SELECT p.domain_id, p.person_id, p.email, p.name, p.role, p.created_at,"
        " p.password_hash IS NOT NULL AS has_password, p.signed_in_at, d.display_name"
        " FROM api_tokens t JOIN people p USING (domain_id, person_id)"
        " JOIN domains d ON d.domain_id = t.domain_id"
        " WHERE t.token_hash = $1 AND t.purpose = 'invitation' AND t.expires_at > now()",
        token_hash,
    )
    if row is None:
        return None
    values = dict(row)
    display_name: str = values.pop("display_name")
    return Person(**values), display_name


async def withdraw_invitations(connection: Connection, person_id: UUID) -> None:
    """In every domain."""
    await connection.execute(
        "DELETE FROM api_tokens WHERE person_id = $1 AND purpose = 'invitation'", person_id
    )


async def delete_expired(connection: Connection, domain_id: UUID) -> None:
    """Links and sessions that are over. API tokens stay, so that lists show them."""
    await connection.execute(
        "DELETE FROM api_tokens WHERE domain_id = $1 AND purpose <> 'api'"
        " AND (expires_at <= now()"
        "  OR (purpose = 'session' AND last_used_at <= now() - $2::interval))",
        domain_id,
        SESSION_IDLE,
    )


async def caller(
    connection: Connection, token_hash: bytes, purpose: str
) -> tuple[Caller, bool] | None:
    """Who a token belongs to, with all of their domains, in one statement.

    The second value is whether it is time to write down that the token is in use.
    """
    rows = await connection.fetch(
        "SELECT t.domain_id AS home, t.token_id, p.person_id, p.email, p.name AS person_name,"
        " p.password_hash IS NOT NULL AS has_password,"
        " d.domain_id, d.name, d.display_name, p.role,"
        " coalesce(t.last_used_at < now() - $4::interval, true) AS stale"
        " FROM api_tokens t JOIN people p USING (person_id) JOIN domains d"
        " ON d.domain_id = p.domain_id"
        " WHERE t.token_hash = $1 AND t.purpose = $2"
        " AND (t.expires_at IS NULL OR t.expires_at > now())"
        " AND (t.purpose <> 'session' OR t.last_used_at > now() - $3::interval)"
        " ORDER BY d.name",
        token_hash,
        purpose,
        SESSION_IDLE,
        USED_STEP,
    )
    if not rows:
        return None
    own = next(row for row in rows if row["domain_id"] == row["home"])
    return Caller(
        own["person_id"],
        own["email"],
        own["home"],
        tuple(
            Membership(row["domain_id"], row["name"], row["role"], row["display_name"])
            for row in rows
        ),
        name=own["person_name"],
        has_password=own["has_password"],
        session_id=own["token_id"] if purpose == "session" else None,
    ), own["stale"]


async def used(connection: Connection, domain_id: UUID, token_hash: bytes) -> None:
    await connection.execute(
        "UPDATE api_tokens SET last_used_at = now() WHERE token_hash = $2 AND domain_id = $1"
        " AND coalesce(last_used_at < now() - $3::interval, true)",
        domain_id,
        token_hash,
        USED_STEP,
    )


async def token_exists(connection: Connection, token_hash: bytes) -> bool:
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM api_tokens WHERE token_hash = $1)", token_hash
    )
    return bool(found)
