"""Loads of HTTP requests that were made beforehand and are sent raw over keep-alive connections.

The client shares the machine with what it measures, so it does as little as it can.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from bench.figures import percentile

DRAIN_SECONDS = 30.0
CLOSED_SECONDS = 120.0
"""No load that is used takes a tenth of it: who takes longer has stopped answering."""


@dataclass(frozen=True)
class Result:
    """`latencies` are seconds, one per request that was answered 200."""

    seconds: float
    latencies: list[float]
    refused: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return percentile(self.latencies, share)


class Connection(asyncio.Protocol):
    """Sends one request at a time and tells when its answer is whole, and whether it was 200."""

    def __init__(
        self,
        answered: Callable[["Connection", bool], None],
        lost: Callable[[Exception], None],
    ) -> None:
        self._answered = answered
        self._lost = lost
        self._closing = False
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> None:
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self._buffer = b""
        self._answered(self, head.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closing:
            self._lost(exc or ConnectionError("the server hung up"))

    def close(self) -> None:
        self._closing = True
        self.transport.close()


async def closed(port: int, requests: Sequence[bytes], connections: int) -> Result:
    """Sends all requests, each connection its next one as soon as the last is answered."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    waiting = iter(requests)
    latencies: list[float] = []
    refused = busy = 0

    def answered(connection: Connection, ok: bool) -> None:
        nonlocal refused
        if ok:
            latencies.append(time.perf_counter() - connection.began)
        else:
            refused += 1
        advance(connection)

    def advance(connection: Connection) -> None:
        nonlocal busy
        request = next(waiting, None)
        if request is not None:
            connection.send(request)
            return
        busy -= 1
        if busy == 0 and not done.done():
            done.set_result(None)

    def lost(error: Exception) -> None:
        if not done.done():
            done.set_exception(error)

    every: list[Connection] = []
    try:
        for _ in range(min(connections, len(requests))):
            every.append(await _connect(port, answered, lost))
        began = time.perf_counter()
        busy = len(every)
        for connection in every:
            advance(connection)
        async with asyncio.timeout(CLOSED_SECONDS):
            await done
        return Result(time.perf_counter() - began, latencies, refused)
    finally:
        for connection in every:
            connection.close()


@dataclass
class Paced:
    """What became of a load that kept to its schedule. Times are `perf_counter`'s."""

    sent: list[float] = field(default_factory=list[float])
    """When each request was written, in their order."""
    late: list[float] = field(default_factory=list[float])
    """Seconds by which each was written later than it was due: the client's own fault."""
    refused: int = 0
    outstanding: int = 0


async def paced(
    port: int, requests: Sequence[bytes], rate: float, goes_on: Callable[[int], bool]
) -> Paced:
    """Sends the requests at a fixed rate, whether or not earlier ones are answered.

    After each, `goes_on` is called with how many were sent; False ends the load early.
    """
    line = _Line(port)
    result = line.result
    try:
        await line.open(16)
        began = time.perf_counter() + 0.02
        for number, request in enumerate(requests):
            due = began + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            connection = await line.idle_one()
            connection.send(request)
            result.outstanding += 1
            result.sent.append(connection.began)
            result.late.append(connection.began - due)
            if not goes_on(number + 1):
                break
        deadline = time.perf_counter() + DRAIN_SECONDS
        while result.outstanding and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        return result
    finally:
        line.close()


class _Line:
    """Connections that are added as soon as all of them wait for answers."""

    def __init__(self, port: int) -> None:
        self.result = Paced()
        self._port = port
        self._idle: deque[Connection] = deque()
        self._every: list[Connection] = []

    async def open(self, connections: int) -> None:
        for _ in range(connections):
            self._every.append(await _connect(self._port, self._answered, self._lost))
            self._idle.append(self._every[-1])

    async def idle_one(self) -> Connection:
        if not self._idle:
            await self.open(1)
        return self._idle.popleft()

    def _answered(self, connection: Connection, ok: bool) -> None:
        self.result.outstanding -= 1
        self.result.refused += not ok
        self._idle.append(connection)

    def _lost(self, error: Exception) -> None:
        """What was asked over it stays outstanding, which is told at the end."""

    def close(self) -> None:
        for connection in self._every:
            connection.close()


async def _connect(
    port: int,
    answered: Callable[[Connection, bool], None],
    lost: Callable[[Exception], None],
) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(answered, lost), "127.0.0.1", port
    )
    return connection
