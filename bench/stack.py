"""What is measured: Frontdesk's own processes over an embedded PostgreSQL, in a temporary place.

A `Bench` owns the place and everything that runs in it, and takes all of it away at its end.
"""

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncpg
from rich.status import Status

from bench.carrier import Carrier
from bench.process import Process
from frontdesk.db.embedded import Server, start_server

ACCOUNT = "AC" + "1" * 32
TOKEN = "5" * 32
NUMBER = "+14155238886"
OWNER_TOKEN = "bench-" + "7" * 32
NO_LIMIT = 1_000_000.0
"""Messages per second: a channel's own rate must not be what is measured."""
FRONTDESK = (sys.executable, "-m", "frontdesk")

T = TypeVar("T")


@dataclass
class Bench:
    """A run: its directory, its PostgreSQL, and how thorough it is."""

    directory: Path
    quick: bool
    status: Status
    _held: ExitStack
    _server: Server | None = field(default=None, init=False)

    @property
    def server(self) -> Server:
        """Started when it is first needed."""
        if self._server is None:
            self._server = self._held.enter_context(start_server(self.directory / "postgresql"))
        return self._server

    def pick(self, thorough: T, quick: T) -> T:
        return quick if self.quick else thorough

    def tell(self, doing: str) -> None:
        self.status.update(doing)

    def start(self, name: str, *command: str, env: Mapping[str, str]) -> Process:
        """A process that ends with the run, if not before."""
        return self._held.enter_context(Process(name, command, env, self.directory))


@contextmanager
def benched(quick: bool, status: Status) -> Generator[Bench]:
    directory = Path(tempfile.mkdtemp(prefix="frontdesk-bench-"))
    # Passable, not readable: started by root, PostgreSQL is another user.
    directory.chmod(0o711)
    try:
        with ExitStack() as held:
            yield Bench(directory, quick, status, held)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@dataclass(frozen=True)
class Node:
    """An installation in a database of its own, answered by the echo assistant."""

    bench: Bench
    name: str
    dsn: str
    port: int
    env: Mapping[str, str]

    async def web(self) -> Process:
        process = self._start("web")
        await process.listens(self.port)
        return process

    async def worker(self) -> Process:
        process = self._start("worker")
        await process.says("worker ready")
        return process

    def _start(self, command: str) -> Process:
        name = f"{self.name}-{command}"
        return self.bench.start(name, *FRONTDESK, command, env=self.env)


@asynccontextmanager
async def installed(bench: Bench, name: str, carrier: Carrier) -> AsyncGenerator[Node]:
    """A new database with the schema in it. What runs on it is killed at the end."""
    async with AsyncExitStack() as held:
        dsn = bench.server.dsn.replace("@/frontdesk?", f"@/{name}?")
        # A vacuum's worker in the database is the superuser's, and only that one may end it.
        admin = await asyncpg.connect(bench.server.admin_dsn)
        held.push_async_callback(admin.close)
        await admin.execute(f"CREATE DATABASE {name} OWNER frontdesk")
        held.push_async_callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
        port = free_port()
        given = {
            "FRONTDESK_DATA": str(bench.directory / name),
            "FRONTDESK_DATABASE_URL": dsn,
            "FRONTDESK_PORT": str(port),
            "FRONTDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "FRONTDESK_OWNER_TOKEN": OWNER_TOKEN,
            "FRONTDESK_TRUSTED_HOSTS": "127.0.0.0/8",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_WHATSAPP_NUMBER": NUMBER,
            "TWILIO_API_BASE_URL": carrier.url,
        }
        env = environment(given)
        await bench.start(f"{name}-migrate", *FRONTDESK, "migrate", env=env).ends()
        async with connected(dsn) as connection:
            await connection.execute("UPDATE channels SET rate = $1", NO_LIMIT)
            await connection.execute("UPDATE domains SET default_assistant_id = 'echo'")
        yield Node(bench, name, dsn, port, env)


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any setting of Frontdesk, and what is given."""
    prefixes = ("FRONTDESK_", "TWILIO_", "PROMETHEUS_", "WHATSAPP_", "OPENAI_", "ANTHROPIC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, **given}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
