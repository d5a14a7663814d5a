"""People take a conversation over, and the assistant is silent from that moment; then hand back."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from assistants.servers import Scripted, garbage, responds, scripted
from pipeline.brains import give_brain
from pipeline.desk import PATIENCE, Desk, until

pytestmark = pytest.mark.timeout(60)


@dataclass
class Slow:
    """A model that has the question and answers when it is let."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    answer: dict[str, Any] = field(default_factory=lambda: dict[str, Any](answer="Too late."))

    async def __call__(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        del request, body
        self.asked.set()
        await self.go.wait()
        return web.json_response(self.answer)


@pytest.fixture
async def brain(desk: Desk) -> AsyncGenerator[Scripted]:
    """The desk's assistant: it answers as the test told it to."""
    async with scripted() as server:
        await give_brain(desk, server)
        yield server


async def chat_of(desk: Desk) -> str:
    return str((await desk.conversation())["conversation_id"])


async def set_mode(desk: Desk, mode: str) -> None:
    path = f"/api/v1/conversations/{await chat_of(desk)}"
    answer = await desk.call("PATCH", path, json={"mode": mode})
    assert (answer.status, answer.json["mode"]) == (200, mode), answer.text


async def answer_by_hand(desk: Desk, text: str) -> None:
    path = f"/chat/{await chat_of(desk)}/manual-response"
    answer = await desk.call("POST", path, json={"content": text})
    assert answer.status == 200, answer.text


async def said_to_customers(desk: Desk) -> list[asyncpg.Record]:
    """What the customer could see: no events, no notes, nothing canceled."""
    hidden = ("noted", "canceled")
    return [each for each in await desk.messages() if each["status"] not in hidden]


async def test_the_switch_silences_an_assistant_in_the_middle_of_its_answer(
    desk: Desk, brain: Scripted
) -> None:
    slow = Slow()
    brain.will(slow)
    await desk.write("Hello")
    await asyncio.wait_for(slow.asked.wait(), PATIENCE)
    await set_mode(desk, "manual")
    slow.go.set()
    await desk.settled()
    assert await desk.sent() == []
    assert [each["sender"] for each in await said_to_customers(desk)] == ["user"]
    assert (await desk.conversation())["mode"] == "manual"


async def test_a_persons_answer_silences_an_assistant_in_the_middle_of_its_own(
    desk: Desk, brain: Scripted
) -> None:
    slow = Slow()
    brain.will(slow)
    await desk.write("Hello")
    await asyncio.wait_for(slow.asked.wait(), PATIENCE)
    await answer_by_hand(desk, "I am here.")
    slow.go.set()
    assert await desk.replies(1) == ["I am here."]
    assert [each["sender"] for each in await said_to_customers(desk)] == ["user", "human"]


async def test_a_hand_off_that_comes_after_the_take_over_changes_nothing(
    desk: Desk, brain: Scripted
) -> None:
    slow = Slow(answer={"answer": "One moment.", "metadata": {"hand_off": True}})
    brain.will(slow)
    await desk.write("Hello")
    await asyncio.wait_for(slow.asked.wait(), PATIENCE)
    await set_mode(desk, "manual")
    slow.go.set()
    await desk.settled()
    assert await desk.sent() == []
    assert not (await desk.conversation())["needs_people"]


async def test_an_answer_that_waits_to_be_sent_is_not_sent_after_a_take_over(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(responds(json={"answer": "Too late."}))
    await desk.fault("rate_limit", times=1, retry_after=3)
    await desk.write("Hello")

    async def waits() -> bool:
        answers = [each for each in await desk.messages() if each["sender"] == "assistant"]
        return [(each["status"], each["attempts"]) for each in answers] == [("queued", 1)]

    await until(waits)
    await set_mode(desk, "manual")
    await answer_by_hand(desk, "I am here.")
    assert await desk.replies(1) == ["I am here."]
    [answer] = [each for each in await desk.messages() if each["sender"] == "assistant"]
    assert (answer["status"], answer["error"]) == ("canceled", "a person took over")


async def test_while_people_have_the_conversation_the_assistant_is_not_even_asked(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(responds(json={"answer": "Hi."}))
    await desk.write("Hello")
    await desk.replies(1)
    await set_mode(desk, "manual")
    await desk.write("Are you a person?")
    await desk.settled()
    assert len(brain.requests) == 1
    assert await desk.replies(1) == ["Hi."]


async def test_after_the_hand_back_the_assistant_knows_what_was_said_meanwhile(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(responds(json={"answer": "Hi."}))
    await desk.write("Hello")
    await desk.replies(1)
    await set_mode(desk, "manual")
    await desk.write("I want a refund")
    await answer_by_hand(desk, "It is on its way.")
    note = {"content": "Refund 4711, approved", "mentions": []}
    path = f"/api/v1/conversations/{await chat_of(desk)}/notes"
    assert (await desk.call("POST", path, json=note)).status < 300
    await desk.settled()
    await set_mode(desk, "assistant")
    await desk.write("When will it come?")
    await desk.replies(3)
    request = brain.requests[-1]
    assert request["user_input"] == "When will it come?"
    told = [(each["name"], each["content"]) for each in request["chat_history"]]
    assert told == [
        ("Human", "Hello"),
        ("AI", "Hi."),
        ("Human", "I want a refund"),
        ("AI", "It is on its way."),
    ]


async def test_the_hand_off_tool_gives_the_conversation_to_people(
    desk: Desk, brain: Scripted
) -> None:
    metadata = {"hand_off": True, "hand_off_reason": "wants a refund"}
    brain.will(responds(json={"answer": "One moment.", "metadata": metadata}))
    await desk.write("Give me my money back")
    assert await desk.replies(1) == ["One moment."]
    row = await desk.conversation()
    assert (row["mode"], row["needs_people"]) == ("manual", True)
    assert row["needs_people_reason"] == "wants a refund"
    assert row["mode_changed_at"] is not None
    assert row["mode_changed_by"] is None


async def test_the_command_gives_the_conversation_to_people(desk: Desk, brain: Scripted) -> None:
    brain.will(responds(json={"answer": "Hi."}))
    await desk.write("/human")
    await desk.replies(1)
    row = await desk.conversation()
    assert (row["mode"], row["needs_people"]) == ("manual", True)
    assert brain.requests == []


async def test_a_failure_asks_people_to_look_and_the_assistant_stays(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(garbage(), responds(json={"answer": "Here I am."}))
    await desk.write("Hello")
    await desk.replies(1)
    row = await desk.conversation()
    assert (row["mode"], row["needs_people"]) == ("assistant", True)
    assert row["needs_people_reason"].startswith("the assistant failed")
    await desk.write("And now?")
    assert (await desk.replies(2))[-1] == "Here I am."


async def test_an_answer_while_a_person_hands_back_and_takes_over_again_is_dropped(
    desk: Desk, brain: Scripted
) -> None:
    slow = Slow()
    brain.will(slow)
    await desk.write("Hello")
    await asyncio.wait_for(slow.asked.wait(), PATIENCE)
    for mode in ("manual", "assistant", "manual"):
        await set_mode(desk, mode)
    slow.go.set()
    await desk.settled()
    assert await desk.sent() == []
