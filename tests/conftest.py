"""What every test may use: a real PostgreSQL, a migrated database of its own, one App."""

import asyncio
import fcntl
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from frontdesk.app.wiring import App, prepare, running
from frontdesk.db.embedded import Server, start_server
from frontdesk.settings import Settings, load
from pipeline.desk import ACCOUNT, AUTH_TOKEN, OWNER_TOKEN, WHATSAPP_NUMBER, Desk, opened

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
ROOT = "FRONTDESK_TESTS_ROOT"
"""Where the run's processes find the database server that they share."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # Not below pytest's own directory: each run of pytest closes that to other accounts, and
        # the server may run as one.
        os.environ[ROOT] = tempfile.mkdtemp(prefix="frontdesk-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(ROOT, ""), ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Generator[None]:
    """Nothing in a test reaches beyond this machine; a live model call is impossible."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address[0]}")
        real(self, address)

    socket.socket.connect = connect
    yield
    socket.socket.connect = real


@pytest.fixture(scope="session")
def postgres() -> Generator[Server]:
    """One server for all of the run's processes: the last of them to leave stops it."""
    data = Path(os.environ[ROOT])
    settings = data / "postgres" / "custom.conf"
    settings.parent.mkdir(mode=0o711, exist_ok=True)
    # The databases live as long as the run: nothing needs to survive the machine. A vacuum's worker
    # is the superuser's, and keeps others from dropping the database that it is in.
    settings.write_text("fsync = off\nmax_connections = 300\nautovacuum = off\n")
    with start_server(data) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: Server) -> str:
    """A migrated and prepared database that each test's own is copied from."""
    root = Path(os.environ[ROOT])
    name = "template_of_the_tests"
    with (root / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(_make_template(postgres.dsn, name, root))
    return name


async def _make_template(dsn: str, name: str, root: Path) -> None:
    admin = await asyncpg.connect(dsn)
    try:
        known = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        if not known:
            draft = f"{name}_draft"
            await admin.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
            await admin.execute(f"CREATE DATABASE {draft}")
            await prepare(_settings(root / "template-data"), database_url(dsn, draft))
            await admin.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
    finally:
        await admin.close()


def database_url(dsn: str, name: str) -> str:
    """The same server's URL for another database."""
    head, _, options = dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{options}"


def _settings(data: Path, **env: str) -> Settings:
    return load(
        {
            "FRONTDESK_DATA": str(data),
            "FRONTDESK_OWNER_TOKEN": OWNER_TOKEN,
            "FRONTDESK_TRUSTED_HOSTS": "127.0.0.0/8,localhost",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_WHATSAPP_NUMBER": WHATSAPP_NUMBER,
            **env,
        }
    )


@pytest.fixture
async def empty_dsn(postgres: Server) -> AsyncGenerator[str]:
    """A database of the test's own with nothing in it."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(postgres.dsn)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield database_url(postgres.dsn, name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def dsn(postgres: Server, template: str) -> AsyncGenerator[str]:
    """A database of the test's own, already migrated, with the demo domain in it."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(postgres.dsn)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield database_url(postgres.dsn, name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Makes settings with a data directory of the test's own; arguments are variables."""

    def make(**env: str) -> Settings:
        return _settings(tmp_path, **env)

    return make


@pytest.fixture
async def app(dsn: str, settings: Callable[..., Settings]) -> AsyncGenerator[App]:
    async with running(settings(), dsn) as app:
        yield app


@pytest.fixture
async def open_desk(
    dsn: str, settings: Callable[..., Settings]
) -> AsyncGenerator[Callable[..., Any]]:
    """Opens a `Desk` with settings of the test's own: variables by name."""
    async with AsyncExitStack() as stack:

        async def open_one(*, worker: bool = True, **env: str) -> Desk:
            return await stack.enter_async_context(opened(dsn, settings, worker=worker, **env))

        yield open_one


@pytest.fixture
async def desk(dsn: str, settings: Callable[..., Settings]) -> AsyncGenerator[Desk]:
    """The whole product on loopback: carrier, web and worker. Its assistant is builtin:echo."""
    async with opened(dsn, settings) as desk:
        yield desk


@pytest.fixture
async def web(dsn: str, settings: Callable[..., Settings]) -> AsyncGenerator[Desk]:
    """A desk whose worker is away: what is taken in stays as it was committed."""
    async with opened(dsn, settings, worker=False) as desk:
        yield desk


@pytest.fixture
def python() -> str:
    """The interpreter that commands are run with."""
    return sys.executable


@pytest.fixture
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find
