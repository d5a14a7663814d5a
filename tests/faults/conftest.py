"""A PostgreSQL that the tests may stop and kill, a carrier that they may not, processes between."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from faults.postgres import database_url, directory_of_our_own, kill
from faults.stack import Carrier, Process, Stack, settings_of
from frontdesk.app.wiring import prepare, running
from frontdesk.db.embedded import Server, start_server
from frontdesk.sandbox.app import BusinessNumber, SandboxConfig, StatusDelays
from frontdesk.settings import load
from pipeline.desk import ACCOUNT, AUTH_TOKEN, WHATSAPP_NUMBER
from sandbox.servers import sandbox

TEMPLATE = "frontdesk_template"


@pytest.fixture(scope="session")
def own_directory() -> Generator[Path]:
    with directory_of_our_own() as directory:
        yield Path(directory)
        kill(Path(directory))


@pytest.fixture(scope="session")
def own_server(own_directory: Path) -> Generator[Server]:
    """A PostgreSQL that no other test uses, with a template whose assistant is builtin:echo."""
    with start_server(own_directory) as server:
        asyncio.run(_make_template(server.dsn, own_directory))
        yield server


async def _make_template(dsn: str, data: Path) -> None:
    admin = await asyncpg.connect(dsn)
    try:
        await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    finally:
        await admin.close()
    template = database_url(dsn, TEMPLATE)
    settings = load(settings_of("http://127.0.0.1:1", 1, data, template))
    await prepare(settings, template)
    async with running(settings, template) as app:
        domain = await app.domains.by_name("default")
        await app.domains.update(domain.domain_id, default_assistant_id="echo")


@pytest.fixture
def port(free_port: Callable[[], int]) -> int:
    return free_port()


@pytest.fixture
async def carrier(free_port: Callable[[], int], port: int) -> AsyncGenerator[Carrier]:
    """A carrier in a thread that no fault stops; its statuses take no time."""
    own = free_port()
    config = SandboxConfig(
        public_url=f"http://127.0.0.1:{own}",
        accounts={ACCOUNT: AUTH_TOKEN},
        webhooks=f"http://127.0.0.1:{port}",
        numbers=(BusinessNumber(f"whatsapp:{WHATSAPP_NUMBER}"),),
        delays=StatusDelays(sent=0, delivered=0),
    )
    with sandbox(config, port=own) as served:
        async with aiohttp.ClientSession() as http:
            yield Carrier(served.url, http)


@pytest.fixture
async def stack(
    own_server: Server, carrier: Carrier, port: int, tmp_path: Path
) -> AsyncGenerator[Stack]:
    """Everything runs, each process by itself, as several machines would run them."""
    name = f"faults_{uuid4().hex}"
    admin = await asyncpg.connect(own_server.dsn)
    try:
        # By files: PostgreSQL 18 breaks unlogged sequences of a database that it copied by its log
        # if it is killed before the next checkpoint ("bad magic number in sequence").
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    finally:
        await admin.close()
    dsn = database_url(own_server.dsn, name)
    env = settings_of(carrier.url, port, tmp_path, dsn)

    def process(name: str, *arguments: str) -> Process:
        return Process(name, *arguments, env=env, log=tmp_path / f"{name}.log")

    stack = Stack(
        carrier,
        process("web", "web"),
        process("worker", "worker"),
        process("second worker", "worker"),
        f"http://127.0.0.1:{port}",
        dsn,
    )
    try:
        await stack.start()
        yield stack
    finally:
        for one in (stack.web, stack.worker, stack.second_worker):
            one.end()
