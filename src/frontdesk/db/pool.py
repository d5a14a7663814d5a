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
    dsn: str, *, size: int = 10, application: str = "frontdesk", durable: bool = True
) -> Pool:
    """Opens a pool of up to `size` connections, made as they are needed.

    `durable=False`: a statement outside a transaction does not wait for the disk.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=prepare,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000 + 5,
        # No session state outlives a transaction here, so there is nothing to reset.
        reset=_keep,
        server_settings={
            "application_name": application,
            "jit": "off",
            "synchronous_commit": "on" if durable else "off",
            # Planning the intake statement takes longer than running it; every statement here is
            # written so that one plan serves all values.
            "plan_cache_mode": "force_generic_plan",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": "60000",
        },
    )


async def _keep(connection: Connection) -> None:
    del connection


def to_json(value: Any) -> str:
    """JSON as text, for arrays of it: asyncpg's codecs reach single values only."""
    return orjson.dumps(value).decode()
