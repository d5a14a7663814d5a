"""uvicorn, run by us: our signals, no access log, live streams ended when it stops."""

import asyncio
import errno
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from frontdesk.cli import exits
from frontdesk.kernel.errors import Conflict


class Http(uvicorn.Server):
    """Serves until told to; what is being answered then has `grace` seconds to end."""

    def __init__(self, face: ASGIApp, end_streams: Callable[[], None], grace: int) -> None:
        super().__init__(
            uvicorn.Config(
                face,
                loop="none",
                http="httptools",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=grace,
            )
        )
        self._end_streams = end_streams

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the caller's: uvicorn would end the process by the signal, not with 0."""
        yield

    async def serve_until(self, stop: asyncio.Event, listening: socket.socket) -> int:
        """Returns the exit code."""

        async def end() -> None:
            await stop.wait()
            self.should_exit = True

        watch = asyncio.create_task(end())
        try:
            await self.serve([listening])
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise Conflict("the port was taken by another program just now") from error
        finally:
            watch.cancel()
        return exits.DONE if self.started else exits.FAILED

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)
