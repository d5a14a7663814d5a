"""Scheduled messages: sent at their time, once, or failed where people see why."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.agents import Agent, chat_with, hire
from pipeline.desk import SMS_NUMBER, Desk, until

BEN = "+34600000102"


@pytest.fixture
async def grace(desk: Desk) -> Agent:
    return await hire(desk, "Grace")


@pytest.fixture
async def chat(desk: Desk) -> str:
    """Ada has written and was answered."""
    await desk.write("Hello")
    await desk.replies(1)
    return await chat_with(desk)


def later(**more: float) -> str:
    return (datetime.now(UTC) + timedelta(**(more or {"hours": 1}))).isoformat()


async def schedule(grace: Agent, chat: str, content: str, **more: Any) -> str:
    answer = await grace.answer(chat, content, send_at=later(), **more)
    assert answer.status == 200, answer.text
    assert (answer.json["sent"], answer.json["message"]) == (False, "Manual response scheduled")
    return answer.json["message_id"]


async def due(desk: Desk) -> None:
    await desk.db.execute("UPDATE messages SET scheduled_at = now() WHERE status = 'scheduled'")


async def test_a_message_is_sent_at_its_time(desk: Desk, grace: Agent, chat: str) -> None:
    message_id = await schedule(grace, chat, "**Your** table is ready")
    waiting = await grace.get(f"/messages/{message_id}")
    assert (waiting["status"], waiting["person"]["name"]) == ("scheduled", "Grace")
    assert waiting["scheduled_at"] is not None
    conversation = await grace.conversation(chat)
    assert (conversation["mode"], conversation["last_message"]) == ("assistant", "Hello")
    await desk.write("Anything else?")
    assert await desk.replies(2) == ["Hello", "Anything else?"], "the assistant goes on meanwhile"
    await due(desk)
    assert (await desk.replies(3))[-1] == "*Your* table is ready"
    sent = (await grace.thread(chat))["items"][-1]
    assert sent["message_id"] == message_id
    assert sent["person"]["name"] == "Grace"
    conversation = await grace.conversation(chat)
    assert conversation["mode"] == "manual"
    assert conversation["assignee"]["person_id"] == grace.person_id


async def test_two_workers_send_it_once(desk: Desk, grace: Agent, chat: str) -> None:
    await desk.stop_worker()
    for number in range(5):
        await schedule(grace, chat, f"{number}")
    await due(desk)
    await asyncio.gather(*(desk.app.manual.send_due() for _ in range(4)))
    await desk.app.manual.send_due()
    assert await desk.app.manual.send_due() == 0
    await desk.start_worker()
    await desk.replies(6)
    assert sorted(m["body"] for m in (await desk.sent())[1:]) == [f"{n}" for n in range(5)]


async def test_one_that_cannot_be_handled_keeps_no_other_back(
    desk: Desk, grace: Agent, chat: str
) -> None:
    await desk.stop_worker()
    broken = await schedule(grace, chat, "By a channel that this server cannot serve")
    await desk.write("Hello", from_=BEN, to=SMS_NUMBER)
    await schedule(grace, await chat_with(desk, BEN), "By the other one")
    await due(desk)
    await desk.db.execute(
        "UPDATE messages SET scheduled_at = now() - interval '1 minute' WHERE message_id = $1",
        broken,
    )
    whatsapp = "UPDATE channels SET carrier = $1 WHERE kind = 'wmsg'"
    await desk.db.execute(whatsapp, "gone")
    assert await desk.app.manual.send_due() == 2
    waiting = await desk.db.fetch("SELECT content FROM messages WHERE status = 'scheduled'")
    assert [row["content"] for row in waiting] == ["By a channel that this server cannot serve"]
    await desk.db.execute(whatsapp, "twilio")
    assert await desk.app.manual.send_due() == 1


async def test_until_then_it_can_be_changed_sent_and_deleted(
    desk: Desk, grace: Agent, chat: str
) -> None:
    first, second = await schedule(grace, chat, "One"), await schedule(grace, chat, "Two")
    moved = await grace.do(
        "PATCH", f"/messages/{first}", {"content": "Uno", "scheduled_at": later(days=2)}
    )
    assert (moved["content"], moved["status"]) == ("Uno", "scheduled")
    assert datetime.fromisoformat(moved["scheduled_at"]) > datetime.now(UTC) + timedelta(days=1)
    kept = await grace.do("PATCH", f"/messages/{second}", {"scheduled_at": None})
    assert (kept["status"], kept["scheduled_at"], kept["content"]) == ("draft", None, "Two")
    await due(desk)
    assert (await desk.replies(2))[-1] == "Uno", "what is a draft again is not sent"
    assert (await grace.do("POST", f"/messages/{second}/send"))["sent"] is True
    third = await schedule(grace, chat, "Three")
    await grace.do("DELETE", f"/messages/{third}")
    await desk.settled()
    assert [m["body"] for m in await desk.sent()] == ["Hello", "Uno", "Two"]


async def test_what_cannot_be_sent_any_more_fails_where_people_see_it(
    desk: Desk, grace: Agent, chat: str
) -> None:
    message_id = await schedule(grace, chat, "**Good** morning")
    await desk.write("Bye")
    await desk.replies(2)
    await desk.db.execute("UPDATE conversations SET last_inbound_at = now() - interval '2 days'")
    await due(desk)

    async def failed() -> bool:
        return (await grace.get(f"/messages/{message_id}"))["status"] == "failed"

    await until(failed)
    shown = (await grace.thread(chat))["items"][-1]
    assert shown["message_id"] == message_id, "at the end of the thread, not where it was written"
    assert "24 hours" in shown["error"]
    conversation = await grace.conversation(chat)
    assert conversation["needs_people"] is True
    assert "scheduled" in conversation["needs_people_reason"]
    refused = await grace.try_to("POST", f"/messages/{message_id}/retry")
    assert refused.status == 409
    await desk.db.execute("UPDATE conversations SET last_inbound_at = now()")
    assert (await grace.do("POST", f"/messages/{message_id}/retry"))["sent"] is True
    assert [m["body"] for m in await desk.sent()][-1] == "*Good* morning"
    assert (await grace.conversation(chat))["needs_people"] is False


@pytest.mark.parametrize("hours", [-1, 24 * 91])
async def test_a_time_that_is_past_or_far_away_is_refused(
    desk: Desk, grace: Agent, chat: str, hours: int
) -> None:
    refused = await grace.answer(chat, "When?", send_at=later(hours=hours))
    assert refused.status == 422
    assert (await grace.answer(chat, "When?", send_at="2100-01-01T00:00:00")).status == 422
    message_id = await schedule(grace, chat, "Then")
    path = f"/messages/{message_id}"
    assert (await grace.try_to("PATCH", path, {"scheduled_at": later(hours=hours)})).status == 422
    assert len(await desk.messages()) == 3


async def test_a_response_may_quote_a_message_that_the_customer_has(
    desk: Desk, grace: Agent, chat: str
) -> None:
    question, reply = (await grace.thread(chat))["items"]
    answer = await grace.answer(chat, "Yes", reply_to=question["message_id"])
    assert answer.status == 200, answer.text
    sent = await grace.get(f"/messages/{answer.json['message_id']}")
    assert sent["reply_to"] == question["message_id"]
    assert sent["quote"] == {
        "message_id": question["message_id"],
        "sender": "user",
        "kind": "text",
        "preview": "Hello",
    }
    waiting = await schedule(grace, chat, "Later", reply_to=reply["message_id"])
    await due(desk)
    await desk.replies(3)
    assert (await grace.get(f"/messages/{waiting}"))["quote"]["sender"] == "assistant"
    note = await grace.do("POST", f"/conversations/{chat}/notes", {"content": "Secret"})
    await desk.write("Hello", from_="+14155550102")
    other = await grace.thread(await chat_with(desk, "+14155550102"))
    for message_id in (note["message_id"], other["items"][0]["message_id"]):
        refused = await grace.answer(chat, "No", reply_to=message_id)
        assert refused.status == 422
        assert message_id in refused.detail


async def test_answering_takes_over_and_tells_so_before_the_answer(
    desk: Desk, grace: Agent, chat: str
) -> None:
    await desk.db.execute("UPDATE conversations SET needs_people = true, needs_people_reason = 'x'")
    assert (await grace.answer(chat, "I am here")).status == 200
    taken = await grace.conversation(chat)
    assert (taken["mode"], taken["needs_people"], taken["last_sender"]) == (
        "manual",
        False,
        "human",
    )
    assert taken["needs_people_reason"] is None
    assert taken["mode_changed_by"]["name"] == taken["assignee"]["name"] == "Grace"
    items = (await grace.thread(chat))["items"][2:]
    told = [(item["kind"], (item["structured"] or {}).get("event")) for item in items]
    assert told == [("event", "mode"), ("event", "assigned"), ("text", None)]
    frank = await hire(desk, "Frank")
    assert (await frank.answer(chat, "Me too")).status == 200
    assert (await grace.conversation(chat))["assignee"]["name"] == "Grace"
    assert len(await grace.events(chat)) == 2
