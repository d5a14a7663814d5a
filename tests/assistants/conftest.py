"""A database with two businesses, an assistant runtime whose pauses take no time, fake servers."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistants import servers
from frontdesk.assistants.runtime import AssistantRuntime
from frontdesk.assistants.service import AssistantService
from frontdesk.db import embedded
from frontdesk.db.migrate import migrate
from frontdesk.db.pool import connect
from frontdesk.db.tenancy import Database
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.model import Domain
from frontdesk.domains.service import DomainService
from frontdesk.kernel.ids import new_id
from frontdesk.web.egress import Egress

LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a model or anything else beyond this machine, by whatever library."""
    connect_really = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert str(address[0]).startswith(LOOPBACK), f"a test tried to reach {address}"
        connect_really(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    # Not in pytest's own directory: each run of pytest closes that to other accounts, and the
    # server may run as one.
    with (
        tempfile.TemporaryDirectory(prefix="frontdesk-assistants-") as data,
        embedded.start_server(Path(data)) as server,
    ):
        asyncio.run(migrate(server.dsn))
        yield server.dsn


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    pool = await connect(dsn, size=4)
    yield Database(pool)
    await pool.close()


@pytest.fixture
def domains(database: Database) -> DomainService:
    return DomainService(database, Cipher(bytes(32)))


@pytest.fixture
async def domain(domains: DomainService) -> Domain:
    return await domains.create(f"d-{new_id()}", "Aitana", None)


@pytest.fixture
async def other_domain(domains: DomainService) -> Domain:
    return await domains.create(f"d-{new_id()}", "Other", None)


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    client = Egress(("127.0.0.0/8",))
    yield client
    await client.close()


@pytest.fixture
def pauses() -> list[float]:
    """The pauses between attempts, in seconds, which tests do not wait for."""
    return []


@pytest.fixture
async def runtime(
    domains: DomainService, egress: Egress, pauses: list[float]
) -> AsyncIterator[AssistantRuntime]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    runtime = AssistantRuntime(domains.db, domains.cipher, egress, sleep)
    yield runtime
    await runtime.close()


@pytest.fixture
def service(domains: DomainService, runtime: AssistantRuntime) -> AssistantService:
    return AssistantService(domains, runtime)


@pytest.fixture
async def web() -> AsyncIterator[servers.Scripted]:
    """A web server that answers as the test told it to, and keeps what it was asked."""
    async with servers.scripted() as server:
        yield server
