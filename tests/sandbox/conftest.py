"""A sandbox whose statuses take no time, and a business for its webhooks."""

from collections.abc import Iterator

import pytest

from frontdesk.sandbox.app import BusinessNumber, SandboxConfig, StatusDelays
from sandbox import servers
from sandbox.graph import Graph, graph


@pytest.fixture(scope="session")
def only_business() -> Iterator[servers.Business]:
    with servers.business() as one:
        yield one


@pytest.fixture
def business(only_business: servers.Business) -> servers.Business:
    only_business.heard.clear()
    only_business.answers.clear()
    only_business.files.clear()
    only_business.fetched.clear()
    return only_business


@pytest.fixture
def config(business: servers.Business) -> SandboxConfig:
    return SandboxConfig(
        public_url="http://sandbox.test/sandbox",
        accounts={servers.ACCOUNT: servers.TOKEN},
        webhooks=business.url,
        numbers=(
            BusinessNumber(servers.WHATSAPP, "Corner Bakery"),
            BusinessNumber(servers.SMS, "Corner Bakery"),
        ),
        delays=StatusDelays(sent=0, delivered=0),
    )


@pytest.fixture
def sandbox(config: SandboxConfig) -> Iterator[servers.Sandbox]:
    with servers.sandbox(config) as one:
        yield one


@pytest.fixture
def meta(config: SandboxConfig, business: servers.Business) -> Iterator[Graph]:
    """A sandbox with a number at Meta beside those at Twilio."""
    with graph(config, business) as one:
        yield one
