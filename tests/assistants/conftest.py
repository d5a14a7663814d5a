"""A database with two businesses, an assistant runtime whose pauses take no time, fake servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from assistants import servers
from frontdesk.assistants.runtime import AssistantRuntime
from frontdesk.assistants.service import AssistantService
from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.usage import UsageService
from frontdesk.db.embedded import Server
from frontdesk.db.pool import connect
from frontdesk.db.tenancy import Database
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.model import Domain
from frontdesk.domains.service import DomainService
from frontdesk.kernel.ids import new_id
from frontdesk.web.egress import Egress


@pytest.fixture(autouse=True)
def no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def dsn(postgres: Server, template: str) -> Iterator[str]:
    """One database for all of these tests: each has domains of its own, and copying costs 0.3 s."""
    name = f"assistants_{new_id().hex}"
    asyncio.run(_execute(postgres.dsn, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield urlsplit(postgres.dsn)._replace(path=f"/{name}").geturl()
    asyncio.run(_execute(postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


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
    return AssistantService(domains, runtime, UsageService(LedgerService(domains)))


@pytest.fixture
async def web() -> AsyncIterator[servers.Scripted]:
    """A web server that answers as the test told it to, and keeps what it was asked."""
    async with servers.scripted() as server:
        yield server
