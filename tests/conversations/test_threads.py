"""Threads: any part of one, with quotes and reactions where people see them."""

from datetime import timedelta
from typing import Any

import pytest

from conversations.agents import Agent, chat_with, hire
from conversations.conftest import Line
from frontdesk.conversations.reading import Anchor
from frontdesk.kernel.ids import new_id
from pipeline.desk import ADA, Desk

COUNT = 30


@pytest.fixture
async def grace(web: Desk) -> Agent:
    return await hire(web, "Grace")


@pytest.fixture
async def chat(web: Desk) -> str:
    """Thirty messages, one a minute."""
    for number in range(COUNT):
        await web.write(f"{number}")
    await web.db.execute(
        "UPDATE messages SET created_at = created_at - (30 - seq) * interval '1 minute'"
    )
    return await chat_with(web)


def texts(thread: dict[str, Any]) -> list[str]:
    return [item["content"] for item in thread["items"]]


def span(first: int, last: int) -> list[str]:
    return [f"{number}" for number in range(first, last)]


async def test_a_thread_is_read_from_any_place_in_both_directions(grace: Agent, chat: str) -> None:
    latest = await grace.thread(chat, limit=10)
    assert texts(latest) == span(20, 30)
    assert (latest["newer"], latest["next"]) == (None, latest["items"][0]["message_id"])
    above = await grace.thread(chat, limit=10, before=latest["next"])
    assert texts(above) == span(10, 20)
    assert above["newer"] == above["items"][-1]["message_id"]
    assert texts(await grace.thread(chat, limit=10, after=above["newer"])) == span(20, 30)
    first = await grace.thread(chat, limit=10, before=above["next"])
    assert (texts(first), first["next"]) == (span(0, 10), None)
    middle = latest["items"][4]["message_id"]
    around = await grace.thread(chat, limit=6, around=middle)
    assert texts(around) == span(21, 27)
    assert around["next"] is not None
    assert around["newer"] is not None
    assert [item["seq"] for item in around["items"]] == list(range(22, 28))
    end = await grace.thread(chat, after=latest["items"][-1]["message_id"])
    assert (end["items"], end["next"], end["newer"]) == ([], None, None)


async def test_every_moment_leads_to_the_first_message_from_then(
    web: Desk, grace: Agent, chat: str
) -> None:
    # Gaps are what deleted drafts leave.
    await web.db.execute("DELETE FROM messages WHERE seq IN (3, 4, 5, 17)")
    rows = await web.messages()
    moments = [(row["created_at"] - timedelta(seconds=1), row["content"]) for row in rows]
    for at, content in moments:
        thread = await grace.thread(chat, at=at.isoformat(), limit=1)
        assert texts(thread) == [content]
    late = await grace.thread(chat, at="2100-01-01T00:00:00Z", limit=2)
    assert texts(late) == span(28, 30)
    early = await grace.thread(chat, at="2001-01-01T00:00:00Z", limit=2)
    assert texts(early) == span(0, 2)


async def test_two_anchors_and_those_of_other_threads_are_refused(
    web: Desk, grace: Agent, chat: str
) -> None:
    path = f"/conversations/{chat}/messages"
    own = (await grace.thread(chat, limit=1))["items"][0]["message_id"]
    assert (await grace.try_to("GET", f"{path}?before={own}&after={own}")).status == 422
    assert (await grace.try_to("GET", f"{path}?at=2026-01-01T00:00:00")).status == 422
    await web.write("Hello", from_="+14155550102")
    other = await grace.thread(await chat_with(web, "+14155550102"))
    for anchor in ("before", "after", "around"):
        wrong = f"{path}?{anchor}={other['items'][0]['message_id']}"
        assert (await grace.try_to("GET", wrong)).status == 404
    assert (await grace.try_to("GET", f"/conversations/{new_id()}/messages")).status == 404
    assert (await grace.try_to("GET", f"/messages/{new_id()}")).status == 404


async def test_a_message_is_told_in_the_contracts_words(grace: Agent, chat: str) -> None:
    [item] = (await grace.thread(chat, limit=1))["items"]
    assert set(item) == {
        "message_id", "chat_id", "seq", "content", "sender", "person", "source", "kind",
        "media_url", "attachments", "structured", "status", "error", "error_code", "reply_to",
        "quote", "reactions", "mentions", "scheduled_at", "edited_at", "thinking", "tool_calls",
        "trace_id", "created_at", "updated_at",
    }  # fmt: skip
    assert await grace.get(f"/messages/{item['message_id']}") == item
    assert (item["reactions"], item["mentions"], item["tool_calls"]) == ([], [], [])


async def test_a_reply_shows_what_it_quotes(line: Line) -> None:
    await line.take_in(ADA, "a", "Which size?")
    await line.take_in(ADA, "b", "This one", reply_to="a")
    await line.take_in(ADA, "c", "And that", reply_to="gone")
    rows = await line.db.fetch("SELECT * FROM messages ORDER BY seq")
    told = await line.app.reading.messages(line.domain_id, [row["message_id"] for row in rows])
    quotes = [each.row["quote"] for each in told]
    assert quotes[0] is quotes[2] is None
    assert quotes[1] == {
        "message_id": str(rows[0]["message_id"]),
        "sender": "user",
        "kind": "text",
        "preview": "Which size?",
    }
    assert told[2].row["reply_to"] == "gone", "of what is not here, the carrier's id is left"


async def test_a_reaction_stands_on_its_message_and_can_be_taken_back(line: Line) -> None:
    viewer = new_id()
    await line.take_in(ADA, "a", "Nice")
    row = await line.db.fetchrow("SELECT conversation_id FROM conversations")
    assert row is not None

    async def shown() -> list[tuple[str, str | None]]:
        thread = await line.app.reading.thread(line.domain_id, row[0], viewer, Anchor())
        return [(told.row["content"], told.row["user_reaction"]) for told in thread.messages]

    await line.take_in(ADA, "r1", "👍", kind="reaction", reply_to="a")
    assert await shown() == [("Nice", "👍")]
    await line.take_in(ADA, "r2", "🎉", kind="reaction", reply_to="a")
    assert await shown() == [("Nice", "🎉")]
    await line.take_in(ADA, "r3", "", kind="reaction", reply_to="a")
    assert await shown() == [("Nice", "")]
    await line.take_in(ADA, "r4", "❤️", kind="reaction", reply_to="never seen")
    assert await shown() == [("Nice", ""), ("❤️", None)], "of an unknown message, it stands alone"
    assert await line.db.fetchval("SELECT count(*) FROM messages") == 5


async def test_no_carrier_of_today_takes_our_reactions(grace: Agent, chat: str) -> None:
    [item] = (await grace.thread(chat, limit=1))["items"]
    path = f"/messages/{item['message_id']}/reactions"
    refused = await grace.try_to("POST", path, {"emoji": "👍"})
    assert refused.status == 409
    assert "reactions" in refused.detail
    assert (await grace.get(f"/messages/{item['message_id']}"))["reactions"] == []
