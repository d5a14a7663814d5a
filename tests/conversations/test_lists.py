"""Lists: each filter finds what it names and nothing else, page after page."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg
import pytest

from conversations.agents import Agent, hire
from frontdesk.conversations._store import lists
from frontdesk.conversations.filters import Filters
from frontdesk.db.pool import PLANNING
from frontdesk.kernel.ids import new_id
from pipeline.desk import Desk

STATUSES: tuple[Literal["open", "snoozed", "closed"], ...] = ("open", "snoozed", "closed")
COUNT = 96


@pytest.fixture
async def grace(web: Desk) -> Agent:
    return await hire(web, "Grace")


@pytest.fixture
async def many(web: Desk, grace: Agent) -> list[dict[str, Any]]:
    """Conversations of every combination, the latest active first, as plain facts."""
    db, domain_id, me = web.db, web.domain.domain_id, UUID(grace.person_id)
    frank = UUID((await hire(web, "Frank")).person_id)
    channels = await db.fetch("SELECT channel_id, kind FROM channels ORDER BY kind")
    team, label = new_id(), new_id()
    await db.execute("INSERT INTO teams VALUES ($1, $2, 'Sales')", domain_id, team)
    await db.execute("INSERT INTO labels VALUES ($1, $2, 'vip')", domain_id, label)
    now = datetime.now(UTC)
    facts: list[dict[str, Any]] = []
    for number in range(COUNT):
        channel = channels[number % len(channels)]
        facts.append(
            {
                "id": new_id(),
                # Several at one moment: the id decides between them.
                "at": now - timedelta(seconds=number // 3),
                "status": STATUSES[number // 2 % 3],
                "assignee": (None, me, frank)[number // 3 % 3],
                "team": team if number % 4 == 1 else None,
                "label": label if number % 5 == 0 else None,
                "channel": channel["channel_id"],
                "kind": channel["kind"],
                "priority": ("normal", "high", "low", "urgent")[number // 5 % 4],
                "mode": ("assistant", "manual")[number // 7 % 2],
                "needs": number % 6 == 2,
                "blocked": number % 16 == 15,
                "read": number % 7 != 3,
                "mentioned": number % 9 == 4,
            }
        )
    for fact in facts:
        await _store(db, domain_id, me, fact)
    return sorted(facts, key=lambda fact: (fact["at"], fact["id"]), reverse=True)


async def _store(db: asyncpg.Connection, domain_id: UUID, me: UUID, fact: dict[str, Any]) -> None:
    address = f"+1415{fact['id'].int % 10**7:07}"
    await db.execute(
        "INSERT INTO contacts (domain_id, contact_id, address, display_name)"
        " VALUES ($1, $2, $3, 'Customer')",
        domain_id, fact["id"], f"{address}{fact['id'].hex[:6]}",
    )  # fmt: skip
    await db.execute(
        "INSERT INTO conversations (domain_id, conversation_id, channel_id, contact_id, address,"
        " last_active, status, assignee_id, team_id, priority, mode, needs_people, blocked,"
        " inbound_count, inbound_seq, last_seq, last_inbound_at)"
        " VALUES ($1, $2, $3, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, 1, 1, now())",
        domain_id, fact["id"], fact["channel"], address, fact["at"], fact["status"],
        fact["assignee"], fact["team"], fact["priority"], fact["mode"], fact["needs"],
        fact["blocked"],
    )  # fmt: skip
    if fact["label"]:
        await db.execute(
            "INSERT INTO conversation_labels VALUES ($1, $2, $3)",
            domain_id, fact["id"], fact["label"],
        )  # fmt: skip
    if fact["read"]:
        await db.execute(
            "INSERT INTO conversation_reads VALUES ($1, $2, $3, 1, 1)", domain_id, fact["id"], me
        )
    if fact["mentioned"]:
        await db.execute(
            "INSERT INTO mentions VALUES ($1, $2, $3, $4)", domain_id, new_id(), me, fact["id"]
        )


def matches(fact: dict[str, Any], wanted: Filters) -> bool:
    """What a list should hold, said once more in other words."""
    assignee = wanted.assignee
    return (
        fact["blocked"] == wanted.blocked
        and wanted.status in (None, fact["status"])
        and (
            assignee is None
            or (assignee == "any" and fact["assignee"] is not None)
            or (assignee == "none" and fact["assignee"] is None)
            or assignee == fact["assignee"]
        )
        and wanted.team in (None, fact["team"])
        and wanted.label in (None, fact["label"])
        and wanted.channel in (None, fact["channel"], fact["kind"])
        and wanted.priority in (None, fact["priority"])
        and wanted.mode in (None, fact["mode"])
        and (fact["needs"] or not wanted.needs_people)
        and (not fact["read"] or not wanted.unread)
        and (fact["mentioned"] or not wanted.mentions)
    )


async def pages(desk: Desk, wanted: Filters, most: int) -> list[UUID]:
    found: list[UUID] = []
    before = None
    for _ in range(COUNT):
        rows, last = await desk.app.reading.page(desk.domain.domain_id, wanted, before, most)
        found += [row["conversation_id"] for row in rows]
        if last is None:
            return found
        before = (last["last_active"], last["conversation_id"])
    raise AssertionError("the pages do not end")


def combinations(viewer: UUID, facts: list[dict[str, Any]]) -> list[Filters]:
    """Every filter alone, and every two of them."""
    team = next(fact["team"] for fact in facts if fact["team"])
    label = next(fact["label"] for fact in facts if fact["label"])
    single: list[dict[str, Any]] = [
        *({"status": status} for status in STATUSES),
        {"assignee": viewer}, {"assignee": "none"}, {"assignee": "any"}, {"team": team},
        {"label": label}, {"channel": "sms"}, {"channel": facts[0]["channel"]},
        {"priority": "urgent"}, {"priority": "normal"}, {"mode": "manual"}, {"mode": "assistant"},
        {"needs_people": True}, {"unread": True}, {"mentions": True}, {"blocked": True},
    ]  # fmt: skip
    both = [a | b for a, b in itertools.combinations(single, 2) if not a.keys() & b.keys()]
    return [Filters(viewer, **each) for each in [{}, *single, *both]]


@pytest.mark.timeout(300)
async def test_every_filter_and_every_two_find_what_they_say(
    web: Desk, grace: Agent, many: list[dict[str, Any]]
) -> None:
    for wanted in combinations(UUID(grace.person_id), many):
        expected = [fact["id"] for fact in many if matches(fact, wanted)]
        assert await pages(web, wanted, 100) == expected, wanted


@pytest.mark.timeout(300)
async def test_pages_go_on_where_a_limited_look_ended(
    web: Desk, grace: Agent, many: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LOOKED", 7)
    monkeypatch.setattr(lists, "MOST_KEYS", 3)
    viewer = UUID(grace.person_id)
    every = combinations(viewer, many)
    for wanted in every[::7] + [each for each in every if each.label or each.unread]:
        expected = [fact["id"] for fact in many if matches(fact, wanted)]
        assert await pages(web, wanted, 4) == expected, wanted


async def test_no_plan_of_a_list_reads_a_whole_domain_though_it_was_made_on_empty_tables(
    dsn: str,
) -> None:
    connection = await asyncpg.connect(dsn, server_settings=PLANNING)
    viewer, before = new_id(), (datetime.now(UTC), new_id())
    some = {"team": viewer, "label": viewer, "channel": viewer}
    try:
        for wanted in combinations(viewer, [some]):
            for rare in (True, False):
                query = lists.List(new_id(), wanted, rare)
                text = query.text(before, 50)
                plan = await connection.fetch(f"EXPLAIN (COSTS OFF) {text}", *query.values)
                lines = [row[0].strip() for row in plan]
                for line, condition in itertools.pairwise(lines):
                    if "Scan" in line and line.endswith((" conversations v", " v", " v_1")):
                        assert "Seq Scan" not in line
                        keyed = "conversations_pkey" in line
                        assert not keyed or condition.count(" = ") == 2, f"{wanted}: {lines}"
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "query",
    [
        {"assignee": "nobody"}, {"channel": "fax"}, {"status": "gone"}, {"team": "x"},
        {"priority": "high!"}, {"unread": "maybe"}, {"limit": "0"}, {"mode": "x"},
    ],
)  # fmt: skip
async def test_a_filter_that_is_none_is_refused(web: Desk, query: dict[str, str]) -> None:
    answer = await web.call("GET", "/api/v1/conversations", params=query)
    assert answer.status == 422
    assert answer.detail


async def test_a_blocked_contact_is_kept_apart_and_gets_no_answer(desk: Desk) -> None:
    grace = await hire(desk, "Grace")
    await desk.write("Hello")
    await desk.replies(1)
    [item] = (await grace.get("/conversations"))["items"]
    chat = item["chat_id"]
    await grace.change(chat, status="closed")
    await grace.do("POST", f"/contacts/{item['contact_id']}/block", {})
    for text in ("Let me in", "/human", "STOP", "START"):
        await desk.write(text)
    await desk.settled()
    assert len(await desk.sent()) == 1
    assert await grace.listed() == []
    assert await grace.listed(blocked=True) == [item["phone_number"]]
    kept = await grace.conversation(chat)
    assert (kept["blocked"], kept["status"], kept["needs_people"]) == (True, "closed", False)
    assert [m["content"] for m in (await grace.thread(chat))["items"]][-1] == "START"
    refused = await grace.answer(chat, "Hello?")
    assert refused.status == 409
    assert "blocked" in refused.detail
    await grace.do("POST", f"/contacts/{item['contact_id']}/unblock", {})
    await desk.write("Thank you")
    await desk.replies(2)
    assert await grace.listed(status="open") == [item["phone_number"]]
