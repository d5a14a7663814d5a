"""A customer who writes while nobody is there is told so: once a night, and only when they wait."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.desk import Desk

pytestmark = pytest.mark.timeout(60)

AWAY = "We are closed. We open at 9."
MONDAY_NIGHT = datetime(2025, 3, 3, 22, 0, tzinfo=UTC)
HOURS: dict[str, Any] = {
    "timezone": "Europe/Lisbon",
    "days": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "away_message": AWAY,
}


@dataclass
class Night:
    """A desk whose worker reads the time from here."""

    desk: Desk
    now: datetime = MONDAY_NIGHT

    async def texts(self, count: int) -> list[str]:
        return await self.desk.replies(count)

    async def take_over(self) -> None:
        chat = (await self.desk.conversation())["conversation_id"]
        path = f"/api/v1/conversations/{chat}"
        answer = await self.desk.call("PATCH", path, json={"mode": "manual"})
        assert answer.status == 200, answer.text


@pytest.fixture
async def night(open_desk: Callable[..., Any]) -> Night:
    desk: Desk = await open_desk(worker=False)
    found = Night(desk)
    desk.app.worker.turn = replace(desk.app.worker.turn, clock=lambda: found.now)
    await desk.app.domains.update(desk.domain.domain_id, settings={"business_hours": HOURS})
    await desk.start_worker()
    return found


async def test_it_is_said_once_while_it_is_closed(night: Night) -> None:
    await night.desk.write("Hello")
    assert await night.texts(1) == ["Hello"]
    await night.take_over()
    await night.desk.write("Is anybody there?")
    assert await night.texts(2) == ["Hello", AWAY]
    await night.desk.write("Hello?")
    await night.desk.settled()
    night.now += timedelta(hours=8)
    await night.desk.write("Still nobody?")
    await night.desk.settled()
    assert await night.texts(2) == ["Hello", AWAY]
    said = (await night.desk.messages())[-3]
    assert (said["sender"], said["content"]) == ("system", AWAY)


async def test_the_next_night_it_is_said_again_and_never_by_day(night: Night) -> None:
    await night.desk.write("/human")
    first = await night.texts(2)
    assert first[1] == AWAY
    night.now = MONDAY_NIGHT + timedelta(hours=14)
    await night.desk.write("It is day now")
    await night.desk.settled()
    assert await night.texts(2) == first
    night.now += timedelta(hours=10)
    await night.desk.write("It is night again")
    assert await night.texts(3) == [*first, AWAY]


async def test_the_assistant_answers_at_night_as_by_day(night: Night) -> None:
    await night.desk.write("Hello")
    await night.desk.write("/list")
    texts = await night.texts(2)
    assert AWAY not in texts


async def test_a_command_is_answered_and_nothing_more(night: Night) -> None:
    await night.desk.write("/human")
    assert (await night.texts(2))[1] == AWAY
    await night.desk.write("/current")
    assert AWAY not in (await night.texts(3))[2:]


async def test_who_opted_out_hears_nothing(night: Night) -> None:
    await night.desk.write("Hello")
    await night.texts(1)
    await night.take_over()
    await night.desk.write("STOP")
    await night.desk.settled()
    await night.desk.write("Hello?")
    await night.desk.settled()
    assert AWAY not in [message["content"] for message in await night.desk.messages()]


async def test_who_is_blocked_hears_nothing(night: Night) -> None:
    await night.desk.write("Hello")
    await night.texts(1)
    await night.take_over()
    await night.desk.db.execute("UPDATE contacts SET blocked_at = now()")
    await night.desk.write("Hello?")
    await night.desk.settled()
    assert await night.texts(1) == ["Hello"]


async def test_somebody_who_answers_at_night_is_there(night: Night) -> None:
    night.now = datetime.now(UTC)
    await night.desk.app.domains.update(
        night.desk.domain.domain_id, settings={"business_hours": {**HOURS, "days": {}}}
    )
    await night.desk.write("Hello")
    await night.texts(1)
    chat = (await night.desk.conversation())["conversation_id"]
    body = {"content": "I am here"}
    await night.desk.call("POST", f"/chat/{chat}/manual-response", json=body)
    await night.desk.write("Good")
    await night.desk.settled()
    assert await night.texts(2) == ["Hello", "I am here"]
    night.now += timedelta(hours=1)
    await night.desk.write("Are you still there?")
    assert await night.texts(3) == ["Hello", "I am here", AWAY]


@pytest.mark.parametrize("timezone", ["Mars/Olympus", None])
async def test_hours_that_cannot_be_kept_are_refused(desk: Desk, timezone: str | None) -> None:
    wrong = {"settings": {"business_hours": {**HOURS, "timezone": timezone}}}
    answer = await desk.call("PUT", "/api/v1/domains/default", json=wrong)
    assert answer.status == 422
    assert "business_hours.timezone" in answer.detail
