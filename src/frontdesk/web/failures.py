"""How a database that is away shows itself, and what callers are told about it."""

import asyncpg

RETRY_AFTER_DATABASE = 5

DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # A connection that the server ended while nobody used it says so to who takes it next.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.DiskFullError,
)
"""What asyncpg raises when the server is not there, not ready or out of room."""
