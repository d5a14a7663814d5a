"""How a database that is away shows itself, and what people are told about failures."""

import asyncpg

from frontdesk.kernel.errors import FrontdeskError

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

UNFORESEEN = "an error that Frontdesk did not expect; what happened is in its log"


def in_words(error: BaseException) -> str:
    """What people read of an error. What only programmers can read stays in the log."""
    if isinstance(error, FrontdeskError):
        return error.detail
    if isinstance(error, asyncpg.DataError):
        return "it has a character, date or number that cannot be stored"
    return UNFORESEEN
