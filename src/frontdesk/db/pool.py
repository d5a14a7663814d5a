"""The connection pool: how every process reaches PostgreSQL."""

from typing import Any, TypeAlias

import asyncpg
import asyncpg.pool
import orjson

Session: TypeAlias = asyncpg.Connection
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Pool: TypeAlias = asyncpg.Pool
Row: TypeAlias = asyncpg.Record

STATEMENT_TIMEOUT_MS = 30_000

PLANNING = {
    "jit": "off",
    # Planning these statements takes longer than running them, so each is planned once a session;
    # each is written so that one plan serves all values.
    "plan_cache_mode": "force_generic_plan",
    # That plan may be made while the tables are still empty, and must not be to read them whole.
    "enable_seqscan": "off",
}
"""What makes a statement cost the same on the first day and on the thousandth."""


async def prepare(connection: Connection) -> None:
    """Teaches a new connection to read and write JSON as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name,
            encoder=to_json,
            decoder=orjson.loads,
            schema="pg_catalog",
        )


async def connect(
    dsn: str,
    *,
    size: int = 10,
    ready: int = 1,
    application: str = "frontdesk",
    durable: bool = True,
) -> Pool:
    """Opens a pool of up to `size` connections, `ready` of them now: each takes 50 ms to make.

    `durable=False`: a statement outside a transaction does not wait for the disk.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=ready,
        max_size=size,
        init=prepare,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000 + 5,
        # No session state outlives a transaction here, so there is nothing to reset.
        reset=keep,
        server_settings={
            **PLANNING,
            "application_name": application,
            "synchronous_commit": "on" if durable else "off",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": "60000",
        },
    )


async def keep(connection: Connection) -> None:
    """Resets nothing when a connection comes back: a reset is a round trip."""
    del connection


def to_json(value: Any) -> str:
    """JSON as text, for arrays of it: asyncpg's codecs reach single values only."""
    return orjson.dumps(value).decode()
