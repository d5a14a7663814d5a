"""People work on conversations: who answers, who is in charge, what is put off, what was read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversations.agents import Agent, chat_with, hire
from frontdesk.kernel.ids import new_id
from pipeline.desk import ADA, Desk, another_domain, until

BOB = "+14155550102"


def events_in(thread: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in thread["items"] if item["kind"] == "event"]


@pytest.fixture
async def grace(web: Desk) -> Agent:
    return await hire(web, "Grace")


@pytest.fixture
async def chat(web: Desk) -> str:
    await web.write("Hello", profile_name="Ada")
    return await chat_with(web)


async def test_every_change_is_told_in_the_thread_with_who_made_it(
    web: Desk, grace: Agent, chat: str
) -> None:
    ada = await grace.conversation(chat)
    assert (ada["status"], ada["priority"], ada["assignee"]) == ("open", "normal", None)
    team = await grace.desk.call("POST", "/api/v1/teams", json={"name": "Sales", "member_ids": []})
    team_id = team.json["team_id"]
    changed = await grace.change(
        chat,
        mode="manual",
        status="closed",
        assignee_id=grace.person_id,
        team_id=team_id,
        priority="urgent",
    )
    me = {"person_id": grace.person_id, "name": "Grace", "email": "grace@example.com"}
    assert changed["mode_changed_by"] == changed["assignee"] == me
    assert changed["mode_changed_at"] is not None
    assert changed["team"] == {"team_id": team_id, "name": "Sales"}
    assert (changed["mode"], changed["status"], changed["priority"]) == (
        "manual",
        "closed",
        "urgent",
    )
    assert await grace.events(chat) == [
        {"event": "mode", "mode": "manual"},
        {"event": "status", "status": "closed", "snoozed_until": None},
        {"event": "assigned", "assignee": me},
        {"event": "team", "team": changed["team"]},
    ]
    event = (await grace.thread(chat))["items"][-1]
    assert (event["sender"], event["status"], event["content"]) == ("system", "noted", "")
    assert event["structured"]["by"] == me
    await grace.change(chat, mode="manual", status="closed", assignee_id=grace.person_id)
    assert len(await grace.events(chat)) == 4, "what is so already is no news"
    freed = await grace.change(chat, assignee_id=None, team_id=None)
    assert (freed["assignee"], freed["team"]) == (None, None)
    assert changed["last_message"] == freed["last_message"] == "Hello"
    assert changed["last_active"] == freed["last_active"], "the list keeps its order"


async def test_only_people_who_answer_can_be_in_charge(web: Desk, grace: Agent, chat: str) -> None:
    viewer = await hire(web, "Vera", "viewer")
    rival, _ = await another_domain(web)
    stranger = await web.db.fetchval("SELECT person_id FROM people WHERE domain_id = $1", rival)
    for person_id in (viewer.person_id, str(stranger), str(new_id())):
        refused = await grace.try_to("PATCH", f"/conversations/{chat}", {"assignee_id": person_id})
        assert refused.status == 422
        assert person_id in refused.detail
    for change in ({"team_id": str(new_id())}, {"labels": [str(new_id())]}, {}):
        assert (await grace.try_to("PATCH", f"/conversations/{chat}", change)).status == 422
    assert await grace.events(chat) == []
    assert (
        await viewer.try_to("PATCH", f"/conversations/{chat}", {"status": "closed"})
    ).status == 403


async def test_who_leaves_is_in_charge_of_nothing(web: Desk, grace: Agent, chat: str) -> None:
    frank = await hire(web, "Frank")
    await grace.change(chat, assignee_id=frank.person_id)
    await web.db.execute("DELETE FROM people WHERE email = 'frank@example.com'")
    assert (await grace.conversation(chat))["assignee"] is None
    [event] = await grace.events(chat)
    assert event["assignee"]["name"] == "Frank", "what was said of somebody stays"


async def test_labels_are_the_whole_list(web: Desk, grace: Agent, chat: str) -> None:
    made = [
        (await web.call("POST", "/api/v1/labels", json={"name": name, "color": "teal"})).json
        for name in ("vip", "Refund")
    ]
    ids = [label["label_id"] for label in made]
    changed = await grace.change(chat, labels=ids)
    assert [label["name"] for label in changed["labels"]] == ["Refund", "vip"]
    assert changed["labels"][0]["color"] == "teal"
    assert (await grace.change(chat, labels=ids[:1]))["labels"] == [
        {"label_id": ids[0], "name": "vip", "color": "teal"}
    ]
    assert (await grace.change(chat, labels=[]))["labels"] == []


async def test_what_is_snoozed_opens_when_the_customer_writes(
    web: Desk, grace: Agent, chat: str
) -> None:
    snoozed = await grace.change(chat, status="snoozed")
    assert (snoozed["status"], snoozed["snoozed_until"]) == ("snoozed", None)
    assert await grace.listed(status="open") == []
    await web.write("Are you there?")
    assert await grace.listed(status="open") == [ADA]
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert (await grace.change(chat, status="snoozed", snoozed_until=later))["snoozed_until"]
    await web.write("Hello?")
    assert (await grace.conversation(chat))["snoozed_until"] is None


async def test_what_is_snoozed_opens_at_its_time_once(web: Desk, grace: Agent, chat: str) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await grace.change(chat, status="snoozed", snoozed_until=later)
    assert await web.app.desk.wake_snoozed() == 0
    await web.db.execute("UPDATE conversations SET snoozed_until = now()")
    await web.start_worker()

    async def is_open() -> bool:
        return (await grace.conversation(chat))["status"] == "open"

    await until(is_open)
    assert (await grace.conversation(chat))["snoozed_until"] is None
    opened = {"event": "status", "status": "open", "snoozed_until": None}
    assert (await grace.events(chat)).count(opened) == 1
    by = [item["structured"]["by"] for item in events_in(await grace.thread(chat))]
    assert [each and each["name"] for each in by] == ["Grace", None]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "open", "snoozed_until": "2100-01-01T00:00:00Z"},
        {"status": "snoozed", "snoozed_until": "2100-01-01T00:00:00Z"},
        {"status": "snoozed", "snoozed_until": "2001-01-01T00:00:00Z"},
        {"status": "snoozed", "snoozed_until": "2100-01-01T00:00:00"},
        {"snoozed_until": "2100-01-01T00:00:00Z"},
        {"status": "gone"},
        {"priority": "whatever"},
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    grace: Agent, chat: str, change: dict[str, Any]
) -> None:
    assert (await grace.try_to("PATCH", f"/conversations/{chat}", change)).status == 422
    assert (await grace.conversation(chat))["status"] == "open"


async def test_many_are_changed_together_or_none(web: Desk, grace: Agent, chat: str) -> None:
    await web.write("Hello", from_=BOB)
    chats = [chat, await chat_with(web, BOB), str(new_id())]
    body: dict[str, Any] = {
        "chat_ids": chats,
        "change": {"status": "closed", "assignee_id": grace.person_id},
    }
    assert await grace.do("POST", "/conversations/bulk", body) == {"changed": 2}
    assert await grace.listed(status="closed", assignee="me") == [BOB, ADA]
    body["change"] = {"status": "open", "labels": [str(new_id())]}
    assert (await grace.try_to("POST", "/conversations/bulk", body)).status == 422
    assert await grace.listed(status="open") == []
    _, token = await another_domain(web)
    stranger = Agent(web, "", token)
    body["change"] = {"status": "open"}
    assert await stranger.do("POST", "/conversations/bulk", body) == {"changed": 0}
    assert await grace.listed(status="open") == []


async def test_each_person_has_unread_messages_of_their_own(
    web: Desk, grace: Agent, chat: str
) -> None:
    frank = await hire(web, "Frank")
    await web.write("Two")
    await web.write("Three")
    assert (await grace.conversation(chat))["unread"] == 3
    assert (await grace.do("POST", f"/conversations/{chat}/read", {})) == {"read_count": 3}
    seen = await grace.conversation(chat)
    assert (seen["unread"], seen["read_count"], seen["inbound_count"]) == (0, 3, 3)
    assert await grace.listed(unread=True) == []
    assert await frank.listed(unread=True) == [ADA]
    await web.write("Four")
    assert (await grace.conversation(chat))["unread"] == 1
    thread = await grace.thread(chat)
    assert thread["first_unread"] == thread["items"][-1]["message_id"]
    assert (await grace.do("POST", f"/conversations/{chat}/read", {})) == {"read_count": 4}
    assert (await grace.thread(chat))["first_unread"] is None
    assert (await grace.do("POST", f"/conversations/{chat}/unread", {})) == {"read_count": 3}
    assert (await grace.conversation(chat))["unread"] == 1
    assert await grace.listed(unread=True, status="open") == [ADA]
    assert (await grace.get("/conversations/counts"))["unread"] == 1


async def test_a_newcomer_does_not_begin_with_all_that_was_ever_written(
    web: Desk, chat: str
) -> None:
    await web.write("Two")
    await web.write("Hello", from_=BOB)
    newcomer = await hire(web, "Nina")
    assert (await newcomer.conversation(chat))["unread"] == 0
    assert (await newcomer.thread(chat))["first_unread"] is None
    assert await newcomer.listed(unread=True) == []
    await web.write("Three")
    assert (await newcomer.conversation(chat))["unread"] == 1
    thread = await newcomer.thread(chat)
    assert thread["first_unread"] == thread["items"][-1]["message_id"]
    assert await newcomer.listed(unread=True) == [ADA]


async def test_the_numbers_beside_the_lists_are_those_of_the_lists(
    web: Desk, grace: Agent, chat: str
) -> None:
    await web.write("Hello", from_=BOB)
    await grace.change(chat, assignee_id=grace.person_id)
    await grace.do(
        "POST", f"/conversations/{chat}/notes", {"content": "@me", "mentions": [grace.person_id]}
    )
    expected = {"mine": 1, "unassigned": 1, "all": 2, "unread": 2, "mentions": 0, "needs_people": 0}
    assert await grace.get("/conversations/counts") == expected
    await grace.change(chat, status="closed")
    assert await grace.get("/conversations/counts") == expected | {"mine": 0, "all": 1, "unread": 1}


async def test_the_whole_conversation_is_told_in_the_contracts_words(
    grace: Agent, chat: str
) -> None:
    item = await grace.conversation(chat)
    assert set(item) == {
        "chat_id", "contact_id", "phone_number", "display_name", "channel", "channel_id",
        "assistant_id", "mode", "mode_changed_at", "mode_changed_by", "status", "snoozed_until",
        "last_message", "last_sender", "last_active", "window_closes_at", "has_window", "unread",
        "inbound_count", "read_count", "mentioned", "needs_people", "needs_people_reason",
        "assignee", "team", "labels", "priority", "opted_out", "blocked", "created_at",
    }  # fmt: skip
    assert (item["has_window"], item["last_sender"], item["mentioned"]) == (True, "user", False)
    closes = datetime.fromisoformat(item["window_closes_at"])
    assert timedelta(hours=23) < closes - datetime.now(UTC) <= timedelta(hours=24)


@pytest.mark.parametrize(
    "change", [{"mode": "manual"}, {"mode": "assistant"}, {"status": "closed"}]
)
async def test_who_takes_over_hands_back_or_closes_has_looked(
    desk: Desk, change: dict[str, str]
) -> None:
    grace = await hire(desk, "Grace")
    await desk.write("/human")
    await desk.replies(1)
    chat = await chat_with(desk)
    asked = await grace.conversation(chat)
    assert (asked["needs_people"], asked["mode"], asked["mode_changed_by"]) == (
        True,
        "manual",
        None,
    )
    assert asked["mode_changed_at"] is not None
    reason = "the customer asked for a person (/human)"
    assert asked["needs_people_reason"] == reason
    assert await grace.events(chat) == [{"event": "handoff", "reason": reason}]
    assert await grace.listed(needs_people=True) == [ADA]
    assert (await grace.get("/conversations/counts"))["needs_people"] == 1
    await desk.write("/human")
    await desk.replies(2)
    assert len(await grace.events(chat)) == 1, "who waits already is not announced again"
    looked = await grace.change(chat, **change)
    assert (looked["needs_people"], looked["needs_people_reason"]) == (False, None)
    assert await grace.listed(needs_people=True) == []
