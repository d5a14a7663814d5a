"""One open window's live events: a bounded queue, and the HTTP answer that empties it.

Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from uuid import UUID

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from frontdesk.domains.model import Caller

MOST_WAITING_BYTES = 2_000_000
"""What a reader may be behind by. It is all shared: a thousand readers behind hold it once."""
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    # nginx would collect the events and send them when there are enough.
    "x-accel-buffering": "no",
}

Still = Callable[[], Awaitable[Caller]]
"""Who the stream's session or token belongs to now. Raises Unauthorized when it has ended."""


class Stream:
    """What waits to be sent to one window. A reader that falls behind is told to start over."""

    __slots__ = ("_ending", "_size", "_waiting", "_wake", "caller", "domain_id", "reset", "still")

    def __init__(
        self, domain_id: UUID, caller: Caller, still: Still, reset: Callable[[], bytes]
    ) -> None:
        self.domain_id = domain_id
        self.caller = caller
        self.still = still
        self.reset = reset
        """Makes the event that stands for all that was lost."""
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._wake: asyncio.Future[None] | None = None
        self._ending = False

    @property
    def person_id(self) -> UUID:
        return self.caller.person_id

    @property
    def ending(self) -> bool:
        return self._ending

    def push(self, data: bytes) -> None:
        if self._ending:
            return
        if self._size + len(data) > MOST_WAITING_BYTES:
            self.start_over()
            return
        self._waiting.append(data)
        self._size += len(data)
        self._notify()

    def start_over(self) -> None:
        """Drops what waits: the reader loads everything again."""
        data = self.reset()
        self._waiting.clear()
        self._waiting.append(data)
        self._size = len(data)
        self._notify()

    def end(self, last: bytes = b"") -> None:
        """Ends the stream once what waits was sent."""
        if not self._ending:
            if last:
                self._waiting.append(last)
            self._ending = True
            self._notify()

    def abandon(self) -> None:
        """Ends the stream at once: nobody reads it any more."""
        self._waiting.clear()
        self.end()

    async def next(self) -> bytes | None:
        """All that waits, in one piece; None at the end."""
        while not self._waiting:
            if self._ending:
                return None
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        if len(self._waiting) == 1:
            # The bytes that every reader shares: no copy for each.
            data = self._waiting.popleft()
        else:
            data = b"".join(self._waiting)
            self._waiting.clear()
        self._size = 0
        return data

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class StreamResponse(Response):
    """Sends a stream until it ends or its reader goes away.

    Starlette's own takes a task group and an iterator a stream; of these there are thousands.
    """

    def __init__(self, stream: Stream, closed: Callable[[Stream], None]) -> None:
        self.stream = stream
        self.closed = closed
        self.status_code = 200
        self.background = None
        self.body = b""
        self.init_headers(HEADERS)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        self.raw_headers = [
            (name.encode(), value.encode()) for name, value in (headers or {}).items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        stream = self.stream
        watch = asyncio.create_task(_watch(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while (data := await stream.next()) is not None:
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            self.closed(stream)


async def _watch(receive: Receive, stream: Stream) -> None:
    """Waits for the reader to go away."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.abandon()
