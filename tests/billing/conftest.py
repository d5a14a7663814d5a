"""Domains with a purse."""

from collections.abc import Awaitable, Callable

import pytest

from billing.purse import Purse
from frontdesk.app.wiring import App
from frontdesk.kernel.ids import new_id


@pytest.fixture
def make_purse(app: App) -> Callable[[], Awaitable[Purse]]:
    async def make() -> Purse:
        domain = await app.domains.create(f"d{new_id().hex[:20]}", "A domain", None)
        return Purse(app, domain.domain_id)

    return make


@pytest.fixture
async def purse(make_purse: Callable[[], Awaitable[Purse]]) -> Purse:
    return await make_purse()
