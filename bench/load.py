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

    def __init__(self, answered: Callable[["Connection", bool], None]) -> None:
        self.answered = answered
        self.lost: Exception | None = None
        self.on_lost: Callable[[Exception], None] | None = None
        self.closing = False
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
        self.answered(self, head.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = error or ConnectionError("the server hung up")
        if self.on_lost is not None and not self.closing:
            self.on_lost(self.lost)

    def close(self) -> None:
        self.closing = True
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

    every = [await _connect(port, answered) for _ in range(min(connections, len(requests)))]
    try:
        for connection in every:
            connection.on_lost = lambda error: done.done() or done.set_exception(error)
        began = time.perf_counter()
        busy = len(every)
        for connection in every:
            advance(connection)
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
    result = Paced()
    idle: deque[Connection] = deque()
    every: list[Connection] = []

    def answered(connection: Connection, ok: bool) -> None:
        result.outstanding -= 1
        result.refused += not ok
        idle.append(connection)

    try:
        for _ in range(16):
            every.append(await _connect(port, answered))
        idle.extend(every)
        began = time.perf_counter() + 0.02
        for number, request in enumerate(requests):
            due = began + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            if not idle:
                every.append(await _connect(port, answered))
                idle.append(every[-1])
            connection = idle.popleft()
            connection.send(request)
            result.outstanding += 1
            result.sent.append(connection.began)
            result.late.append(connection.began - due)
            if not goes_on(number + 1):
                break
        await _drained(result)
        return result
    finally:
        for connection in every:
            connection.close()


async def _drained(result: Paced) -> None:
    deadline = time.perf_counter() + DRAIN_SECONDS
    while result.outstanding and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)


async def _connect(port: int, answered: Callable[[Connection, bool], None]) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(answered), "127.0.0.1", port)
    return connection
