"""What every test may use: a real PostgreSQL, a migrated database of its own, one App."""

import asyncio
import fcntl
import os
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from frontdesk.app import App, prepare, running
from frontdesk.db.embedded import Server, start_server
from frontdesk.settings import Settings, load

OWNER_TOKEN = "owner-token-of-the-tests"
ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "auth-token-of-the-tests"
WHATSAPP_NUMBER = "+14155238886"
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Generator[None]:
    """Nothing in a test reaches beyond this machine; a live model call is impossible."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address[0]}")
        real(self, address)  # pyright: ignore[reportArgumentType]  # an address of any family

    socket.socket.connect = connect
    yield
    socket.socket.connect = real


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """One server for all of the run's processes."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with start_server(root / "postgres-of-the-tests") as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated and prepared database that each test's own is copied from."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
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
