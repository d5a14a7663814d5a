"""The SQL of browsers' sessions, and of the limits on attempts to begin one."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection


async def insert_session(
    connection: Connection,
    domain_id: UUID,
    session_id: UUID,
    person_id: UUID,
    token_hash: bytes,
    *,
    lasts: timedelta,
    began_by: str,
    user_agent: str,
    address: str,
) -> None:
    await connection.execute(
        "INSERT INTO api_tokens (domain_id, token_id, person_id, token_hash, purpose, expires_at,"
        " last_used_at, began_by, user_agent, address)"
        " VALUES ($1, $2, $3, $4, 'session', now() + $5::interval, now(), $6, $7, $8)",
        domain_id,
        session_id,
        person_id,
        token_hash,
        lasts,
        began_by,
        user_agent,
        address,
    )


async def delete_session(connection: Connection, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Returns the domain and the person that it was of."""
    row = await connection.fetchrow(
        "DELETE FROM api_tokens WHERE token_hash = $1 AND purpose = 'session'"
        " RETURNING domain_id, person_id",
        token_hash,
    )
    return row and (row["domain_id"], row["person_id"])


async def sessions(
    connection: Connection, person_id: UUID, idle: timedelta
) -> Sequence[asyncpg.Record]:
    """A person's sessions that are not over, in whichever of their domains."""
    return await connection.fetch(
        "SELECT token_id, created_at, last_used_at, user_agent, address FROM api_tokens"
        " WHERE person_id = $1 AND purpose = 'session' AND expires_at > now()"
        " AND last_used_at > now() - $2::interval ORDER BY last_used_at DESC, token_id",
        person_id,
        idle,
    )


async def end(connection: Connection, person_id: UUID, session_id: UUID) -> bool:
    done = await connection.execute(
        "DELETE FROM api_tokens WHERE person_id = $1 AND token_id = $2 AND purpose = 'session'",
        person_id,
        session_id,
    )
    return done == "DELETE 1"


async def end_all(connection: Connection, person_id: UUID, but: UUID | None) -> None:
    """Ends a person's sessions and unused links, in every domain, except one session."""
    await connection.execute(
        "DELETE FROM api_tokens WHERE person_id = $1 AND purpose IN ('session', 'sign_in')"
        " AND token_id IS DISTINCT FROM $2",
        person_id,
        but,
    )


async def move(
    connection: Connection, from_domain: UUID, to_domain: UUID, person_id: UUID, session_id: UUID
) -> None:
    """Makes another of the person's domains the session's own."""
    await connection.execute(
        "UPDATE api_tokens SET domain_id = $2 WHERE domain_id = $1 AND person_id = $3"
        " AND token_id = $4 AND purpose = 'session'",
        from_domain,
        to_domain,
        person_id,
        session_id,
    )


async def began_by_link(
    connection: Connection, domain_id: UUID, session_id: UUID, within: timedelta
) -> bool:
    """Whether the session began with a link, not long ago."""
    found = await connection.fetchval(
        "SELECT began_by = 'link' AND created_at > now() - $3::interval FROM api_tokens"
        " WHERE domain_id = $1 AND token_id = $2",
        domain_id,
        session_id,
        within,
    )
    return bool(found)


async def take_attempt(
    connection: Connection, key: bytes, step: timedelta, window: timedelta
) -> bool:
    """Takes one attempt, if the window has one left: GCRA, under the row's lock."""
    done = await connection.execute(
        "INSERT INTO sign_in.attempts AS known (key, until) VALUES ($1, now() + $2::interval)"
        " ON CONFLICT (key) DO UPDATE SET until = greatest(known.until, now()) + $2::interval"
        " WHERE greatest(known.until, now()) + $2::interval <= now() + $3::interval",
        key,
        step,
        window,
    )
    return done == "INSERT 0 1"


async def next_attempt(
    connection: Connection, key: bytes, step: timedelta, window: timedelta
) -> float:
    """The seconds until the window has an attempt left."""
    seconds = await connection.fetchval(
        "SELECT extract(epoch FROM until + $2::interval - now() - $3::interval)::float8"
        " FROM sign_in.attempts WHERE key = $1",
        key,
        step,
        window,
    )
    return max(0.0, seconds or 0.0)


async def give_back(connection: Connection, key: bytes, step: timedelta) -> None:
    await connection.execute(
        "UPDATE sign_in.attempts SET until = until - $2::interval WHERE key = $1", key, step
    )


async def forget_attempts(connection: Connection) -> None:
    """Clears away some of the rows that count nothing any more."""
    await connection.execute(
        "DELETE FROM sign_in.attempts WHERE key IN ("
        " SELECT key FROM sign_in.attempts WHERE until < now() ORDER BY until LIMIT 100"
        " FOR UPDATE SKIP LOCKED)"
    )
