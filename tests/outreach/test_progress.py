"""The application learns how a campaign goes on after its end, once a second at most."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import pytest

from frontdesk.db.changes import CHANNEL, Changes, SettingsChanged, parse
from frontdesk.kernel.ids import new_id
from frontdesk.outreach.telling import Telling
from outreach.test_dispatch import campaign, number
from pipeline.desk import SMS_NUMBER, Desk, status_form, until

pytestmark = pytest.mark.timeout(90)


class Heard:
    """What is told of campaigns, with when by the loop's clock."""

    def __init__(self) -> None:
        self.told: list[tuple[UUID, float]] = []

    def hear(self, *told: object) -> None:
        change = parse(str(told[-1]))
        if isinstance(change, SettingsChanged) and change.what == "campaigns":
            at = asyncio.get_running_loop().time()
            self.told.append((UUID(str(change.thing_id)), at))


@pytest.fixture
async def heard(desk: Desk) -> AsyncGenerator[Heard]:
    heard = Heard()
    await desk.db.add_listener(CHANNEL, heard.hear)
    yield heard
    await desk.db.remove_listener(CHANNEL, heard.hear)


async def ended_campaign(desk: Desk, size: int) -> UUID:
    campaign_id = await campaign(desk, size, instruction="Hello")

    async def done() -> bool:
        return await desk.db.fetchval("SELECT status FROM campaigns") == "done"

    await until(done)
    await desk.settled()

    async def delivered() -> bool:
        return not await desk.db.fetchval(
            "SELECT EXISTS (SELECT FROM messages WHERE status <> 'delivered')"
        )

    await until(delivered)
    return campaign_id


async def quiet(heard: Heard) -> None:
    """Waits until what came before the test's own doing has been told."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def still() -> bool:
        return loop.time() - max([began, *(at for _, at in heard.told)]) > 2.2

    await until(still)
    heard.told.clear()


async def test_statuses_and_answers_after_the_end_are_told_once_a_second(
    desk: Desk, heard: Heard
) -> None:
    campaign_id = await ended_campaign(desk, 20)
    other = await campaign(desk, 1, status="paused", instruction="Hello")
    await quiet(heard)
    rows = await desk.db.fetch("SELECT carrier_id FROM messages WHERE sender <> 'user'")
    assert len(rows) == 20
    for row in rows:
        form = status_form("read", row["carrier_id"], to=number(1), from_=SMS_NUMBER)
        assert (await desk.post("/sms/status", form)).status == 200

    async def told() -> bool:
        return bool(heard.told)

    await until(told)
    await quiet_after(heard)
    assert {each for each, _ in heard.told} == {campaign_id}
    moments = [at for _, at in heard.told]
    assert len(moments) <= 1 + (moments[-1] - moments[0]) / 0.9
    heard.told.clear()
    await desk.write("Thanks", from_=number(2), to=SMS_NUMBER)
    await until(told)
    assert {each for each, _ in heard.told} == {campaign_id}
    assert other not in {each for each, _ in heard.told}


async def quiet_after(heard: Heard) -> None:
    loop = asyncio.get_running_loop()

    async def still() -> bool:
        return loop.time() - heard.told[-1][1] > 2.2

    await until(still)


class Noted(Changes):
    """Without a database: what would be told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell_settings(self, domain_id: UUID, what: str, thing_id: UUID | str | None = None) -> None:
        del domain_id, what
        self.told.append(str(thing_id))


async def test_what_comes_too_soon_is_told_when_the_second_is_over() -> None:
    changes = Noted()
    telling, campaign_id, domain_id = Telling(changes), new_id(), new_id()
    for _ in range(50):
        telling.tell(domain_id, campaign_id)
    assert len(changes.told) == 1

    async def again() -> bool:
        return len(changes.told) == 2

    await until(again, 5)
    telling.tell(domain_id, campaign_id, now=True)
    assert len(changes.told) == 3
