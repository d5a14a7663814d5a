"""Live events: from a commit to the moment at which every one of many open windows has it."""

import asyncio
import hashlib
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from uuid import UUID

import asyncpg

from bench import load, webhook
from bench.carrier import carrying
from bench.fanout import SEND, WATCH
from bench.figures import Figure, Goal, percentile
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench, Node, connected, free_port, installed
from frontdesk.db.pool import connect
from frontdesk.db.tenancy import Database
from frontdesk.kernel.ids import new_id

WINDOWS = 1_000
OF_PERSON = 20
PAUSE = 0.15
"""Seconds between two changes: the last one has arrived by then."""
PATIENCE = 30.0
GOAL = Goal("≤", 100, "value")
TAIL = 40
CUSTOMER = "+14155550199"


@dataclass
class Round:
    """One change, and when each window had it."""

    mark: bytes = b"\0"
    arrived: list[float] = field(default_factory=list[float])
    bytes: int = 0


class Window(asyncio.Protocol):
    """Reads a stream as cheaply as Python can: what is measured is the server."""

    def __init__(self, first: bytes, now: Round, ready: asyncio.Semaphore) -> None:
        self._first = first
        self._now = now
        self._ready = ready
        self._tail = b""
        self._seen = b"\0"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by their methods only.
        cast("asyncio.Transport", transport).write(self._first)
        if self._first == WATCH:
            self._ready.release()

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        now = self._now
        if b"event: hello" in data:
            self._ready.release()
        if self._seen != now.mark and now.mark in self._tail + data:
            self._seen = now.mark
            now.arrived.append(at)
            now.bytes = max(now.bytes, len(data))
        self._tail = data[-TAIL:]


@dataclass(frozen=True)
class Seen:
    """Milliseconds until the last window had each change, and until each window had it."""

    last: list[float]
    each: list[float]
    bytes: int


async def measure(bench: Bench) -> list[Figure]:
    windows, changes = bench.pick(WINDOWS, 200), bench.pick(200, 20)
    async with carrying() as carrier, installed(bench, "live", carrier) as node:
        web = await node.web()
        before = _memory(web.pid)
        requests = await _asking(node, windows)
        bench.tell(f"live: {windows} windows open")
        async with _opened(node.port, requests) as now:
            memory = (_memory(web.pid) - before) / windows
            async with _changing(node) as change:
                bench.tell(f"live: {changes} changes to {windows} windows")
                busy = _processor(web.pid)
                ours = await _seen(now, windows, changes, change)
                busy = (_processor(web.pid) - busy) / (changes + 1)
    bench.tell("live: the floor")
    floor = await _floor(bench, windows, changes, ours.bytes)
    figures = [
        Figure(
            f"commit to all of {windows} windows, p{share * 100:.0f}",
            percentile(ours.last, share),
            "ms",
            percentile(floor.last, share),
            (percentile(ours.last, share) / percentile(floor.last, share),),
            GOAL if share > 0.9 else None,
            note=f"{ours.bytes:,} bytes to each; floor: a bare asyncio loop that writes the same",
        )
        for share in (0.50, 0.99)
    ]
    each = Figure("commit to a window, p50", percentile(ours.each, 0.5), "ms")
    work = Figure("processor time of a change, in the web process", busy * 1e3, "ms")
    return [*figures, each, work, Figure("memory of an open window", memory / 1024, "KiB")]


async def _seen(
    now: Round, windows: int, changes: int, change: Callable[[str], Awaitable[float]]
) -> Seen:
    """Makes one change after another; `change` returns the moment of its commit."""
    last: list[float] = []
    each: list[float] = []
    for number in range(changes + 1):
        mark = f"mark-{number:06}-{time.time_ns():x}"
        now.arrived.clear()
        now.mark = mark.encode()
        began = await change(mark)
        deadline = time.perf_counter() + PATIENCE
        while len(now.arrived) < windows:
            if time.perf_counter() > deadline:
                raise RuntimeError(f"{len(now.arrived)} of {windows} windows saw change {number}")
            await asyncio.sleep(0.002)
        if number:
            # The first one is the warming up.
            last.append((max(now.arrived) - began) * 1e3)
            each.extend((at - began) * 1e3 for at in now.arrived)
        await asyncio.sleep(PAUSE)
    return Seen(last, each, now.bytes)


@asynccontextmanager
async def _opened(port: int, requests: list[bytes]) -> AsyncGenerator[Round]:
    """One connection for each request, all of them answered."""
    loop, now, ready = asyncio.get_running_loop(), Round(), asyncio.Semaphore(0)
    transports: list[asyncio.BaseTransport] = []
    try:
        for first in requests:
            transport, _ = await loop.create_connection(
                lambda first=first: Window(first, now, ready), "127.0.0.1", port
            )
            transports.append(transport)
        async with asyncio.timeout(PATIENCE):
            for _ in requests:
                await ready.acquire()
        yield now
    finally:
        for transport in transports:
            transport.close()


@asynccontextmanager
async def _changing(node: Node) -> AsyncGenerator[Callable[[str], Awaitable[float]]]:
    """A customer's message whose text is changed, as any process of the node would change it."""
    fields = webhook.fields_of(ACCOUNT, CUSTOMER, NUMBER, "Hello")
    paced = await load.paced(node.port, [webhook.request(node.port, TOKEN, fields)], 1, _always)
    if paced.refused or paced.outstanding:
        raise RuntimeError("the customer's message was not taken in")
    pool = await connect(node.dsn, size=2)
    database = Database(pool)
    row = await pool.fetchrow("SELECT domain_id, conversation_id, message_id FROM messages")
    assert row is not None

    async def change(mark: str) -> float:
        async with database.tenant_tx(row["domain_id"]) as connection:
            await connection.execute(
                "UPDATE messages SET content = $2 WHERE message_id = $1", row["message_id"], mark
            )
        began = time.perf_counter()
        database.changes.tell(*row.values())
        return began

    try:
        yield change
    finally:
        await database.changes.close()
        await pool.close()


def _always(_: int) -> bool:
    return True


async def _asking(node: Node, windows: int) -> list[bytes]:
    """The requests of as many windows, each person's at the limit of what one may have."""
    tokens = [f"fd_bench_{number}" for number in range(-(-windows // OF_PERSON))]
    async with connected(node.dsn) as connection:
        domain_id = await connection.fetchval("SELECT domain_id FROM domains LIMIT 1")
        assert isinstance(domain_id, UUID)
        for token in tokens:
            await _add_person(connection, domain_id, token)
    return [
        (
            f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n"
            f"Authorization: Bearer {tokens[number // OF_PERSON]}\r\n\r\n"
        ).encode()
        for number in range(windows)
    ]


async def _add_person(connection: asyncpg.Connection, domain_id: UUID, token: str) -> None:
    person_id = new_id()
    await connection.execute(
        "INSERT INTO people (domain_id, person_id, email, role) VALUES ($1, $2, $3, 'agent')",
        domain_id,
        person_id,
        f"{token}@example.com",
    )
    await connection.execute(
        "INSERT INTO api_tokens (domain_id, token_id, person_id, token_hash)"
        " VALUES ($1, $2, $3, $4)",
        domain_id,
        new_id(),
        person_id,
        hashlib.sha256(token.encode()).digest(),
    )


async def _floor(bench: Bench, windows: int, changes: int, size: int) -> Seen:
    """The same number of bytes to as many connections, with nothing else done."""
    port = free_port()
    process = bench.start("fanout", sys.executable, "-m", "bench.fanout", str(port), env={})
    await process.listens(port)
    _, writer = await asyncio.open_connection("127.0.0.1", port)

    async def change(mark: str) -> float:
        data = mark.encode().ljust(size, b".")
        began = time.perf_counter()
        writer.write(SEND + b"%d\n" % len(data) + data)
        return began

    async with _opened(port, [WATCH] * windows) as now:
        await asyncio.sleep(PAUSE)
        seen = await _seen(now, windows, changes, change)
    writer.close()
    process.kill()
    return seen


def _processor(pid: int) -> float:
    """Seconds that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Bytes that are the process's own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines[1:])
    return float(fields["Pss"].split()[0]) * 1024
