"""The event loop of a command: how it runs, waits for its database and hears that it shall end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import structlog
import uvloop

from frontdesk.app.wiring import prepare
from frontdesk.cli import exits
from frontdesk.db.embedded import Server
from frontdesk.db.migrate import pending
from frontdesk.kernel.errors import Unavailable
from frontdesk.settings import Settings
from frontdesk.web.failures import DATABASE_AWAY

T = TypeVar("T")

log = structlog.get_logger()

LOOK_EVERY = 2.0
"""Seconds between two looks at whether the embedded server still lives."""
PATIENCE = 60.0
"""Seconds that a starting process waits for a database which is away."""
CARRIER_PATIENCE = 10.0
"""Seconds that a starting worker waits for the sandbox, which starts beside it."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on uvloop, with a database that is away told as Unavailable."""
    try:
        return uvloop.run(main)
    except DATABASE_AWAY as error:
        raise Unavailable(f"the database cannot be reached: {_reason(error)}") from error
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise Unavailable(f"the database refuses us: {_reason(error)}") from error
    except KeyboardInterrupt:
        raise SystemExit(exits.INTERRUPTED) from None


def _reason(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


async def prepared(settings: Settings, dsn: str, stop: asyncio.Event) -> str | None:
    """`app.prepare` once the database answers; a new owner's token is handed on."""
    token: str | None = None

    async def attempt() -> bool:
        nonlocal token
        token = await prepare(settings, dsn)
        return True

    await _until(attempt, stop)
    return token


async def schema_is_here(dsn: str, stop: asyncio.Event) -> None:
    """Waits until another process has prepared the database."""

    async def attempt() -> bool:
        return not await pending(dsn)

    await _until(attempt, stop)


async def answers(url: str, stop: asyncio.Event) -> None:
    """Waits a little for whoever listens at an address."""
    parts = urlsplit(url)
    deadline = asyncio.get_running_loop().time() + CARRIER_PATIENCE
    while not stop.is_set() and asyncio.get_running_loop().time() < deadline:
        try:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        except OSError:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.05)
        else:
            writer.close()
            return


async def _until(attempt: Callable[[], Awaitable[bool]], stop: asyncio.Event) -> None:
    """Attempts again while the database is away, within `PATIENCE` and until a stop."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    away_wait, wait = 0.1, 0.02
    while not stop.is_set():
        try:
            if await attempt():
                return
            if loop.time() > deadline:
                raise Unavailable(
                    "the database has not been brought to this version; run: frontdesk migrate"
                )
            pause = wait = min(wait * 2, 1.0)
        except DATABASE_AWAY as error:
            if loop.time() > deadline:
                raise
            pause = away_wait = min(away_wait * 2, 2.0)
            log.warning("waiting for the database", error=_reason(error), again_in=pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


@asynccontextmanager
async def kept_alive(server: Server | None) -> AsyncGenerator[None]:
    """Starts an embedded server again that died while this process needs it."""
    if server is None:
        yield
        return

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with suppress(Unavailable):  # its next look tries again
                await asyncio.to_thread(server.ensure_running)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
