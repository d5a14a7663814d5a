"""If nobody answers, something is sent: once, within the rules, and not to who has answered."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from frontdesk.kernel.clock import utc_now
from frontdesk.kernel.ids import new_id
from outreach.starting import ANA, bodies, ended, started, template
from pipeline.desk import Answer, Desk, another_domain, until

pytestmark = pytest.mark.timeout(60)

AGAIN = "again_of_the_tests"
SMS = "+15005550006"


async def followed(desk: Desk, **more: Any) -> UUID:
    """A message that went out and has a follow-up in a day; the call's id."""
    await template(desk, kind="sms", name=AGAIN, body="Still there, {{1}}?")
    follow_up = {"after_hours": 24, "template": AGAIN, "variables": {"1": "Ana"}, **more}
    call_id = await started(desk, follow_up=follow_up)
    await ended(desk, call_id)
    await desk.settled()
    return call_id


async def a_day_passes(desk: Desk) -> None:
    await desk.db.execute("UPDATE follow_ups SET due_at = now(), after = after - interval '1 day'")
    desk.app.worker.outreach.wake()


async def over(desk: Desk) -> asyncpg.Record:
    async def found() -> asyncpg.Record | None:
        return await desk.db.fetchrow("SELECT * FROM follow_ups WHERE status <> 'waiting'")

    row = await until(found)
    assert row is not None
    await desk.settled()
    return row


async def listed(desk: Desk) -> list[dict[str, Any]]:
    chat = (await desk.conversation(ANA))["conversation_id"]
    answer = await desk.call("GET", f"/api/v1/conversations/{chat}/follow-ups")
    assert answer.status == 200, answer.text
    return answer.json["items"]


async def add(desk: Desk, **body: Any) -> Answer:
    chat = (await desk.conversation(ANA))["conversation_id"]
    return await desk.call("POST", f"/api/v1/conversations/{chat}/follow-ups", json=body)


async def test_silence_is_followed_up_once(desk: Desk) -> None:
    call_id = await followed(desk)
    [waiting] = await listed(desk)
    assert (waiting["status"], waiting["call_id"]) == ("waiting", str(call_id))
    await a_day_passes(desk)
    assert (await over(desk))["status"] == "sent"
    assert await bodies(desk) == ["Your table is ready.", "Still there, Ana?"]
    [sent] = await listed(desk)
    assert sent["message_id"] == str((await desk.messages(ANA))[-1]["message_id"])


async def test_one_that_is_set_again_under_its_key_is_there_once(desk: Desk) -> None:
    await followed(desk)
    chat = (await desk.conversation(ANA))["conversation_id"]
    path, body = f"/api/v1/conversations/{chat}/follow-ups", {"after_hours": 2, "content": "Hello?"}

    async def ask(key: str) -> str:
        answer = await desk.call("POST", path, json=body, headers={"Idempotency-Key": key})
        assert answer.status == 201, answer.text
        return answer.json["follow_up_id"]

    once = set(await asyncio.gather(*(ask("k1") for _ in range(4))))
    assert len(once) == 1
    assert await ask("k2") not in once
    assert len(await listed(desk)) == 3


async def test_an_answer_ends_it(desk: Desk) -> None:
    await followed(desk)
    await desk.write("Thanks", from_=ANA, to=SMS)
    assert [each["status"] for each in await listed(desk)] == ["answered"]
    await desk.replies(2, ANA)
    await desk.db.execute("UPDATE follow_ups SET due_at = now()")
    assert (await over(desk))["status"] == "answered"
    assert await bodies(desk) == ["Your table is ready.", "Thanks"]


async def test_who_said_stop_gets_none(desk: Desk) -> None:
    await followed(desk)
    await desk.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)"
        " SELECT domain_id, channel_id, contact_id, 'STOP' FROM conversations"
    )
    await a_day_passes(desk)
    row = await over(desk)
    assert (row["status"], row["reason"].partition(":")[0]) == ("failed", "opted_out")
    assert len(await bodies(desk)) == 1


async def test_a_message_that_failed_is_not_followed_up(desk: Desk) -> None:
    await followed(desk)
    await desk.db.execute("UPDATE messages SET status = 'failed', status_rank = 99")
    await a_day_passes(desk)
    assert (await over(desk))["status"] == "canceled"


async def test_it_costs_what_a_message_costs(desk: Desk) -> None:
    await followed(desk)
    await desk.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 5)", desk.domain.domain_id
    )
    await a_day_passes(desk)
    assert (await over(desk))["status"] == "sent"
    assert await desk.db.fetchval("SELECT balance FROM credit_accounts") == 2


async def test_without_credit_it_fails_with_that_reason(desk: Desk) -> None:
    await followed(desk)
    await desk.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 2)", desk.domain.domain_id
    )
    await a_day_passes(desk)
    row = await over(desk)
    assert (row["status"], row["reason"].partition(":")[0]) == ("failed", "no_credit")


async def test_a_text_is_for_an_open_window_only(desk: Desk) -> None:
    await desk.write("Hello", from_=ANA)
    await desk.replies(1, ANA)
    assert (await add(desk, after_hours=1, content="Still there?")).status == 201
    await desk.db.execute("UPDATE conversations SET last_inbound_at = now() - interval '2 days'")
    await a_day_passes(desk)
    # What the customer wrote came before the follow-up was made.
    row = await over(desk)
    assert (row["status"], row["reason"].partition(":")[0]) == ("failed", "no_window")


async def test_people_add_and_take_back(desk: Desk) -> None:
    await desk.write("Hello", from_=ANA, to=SMS)
    await desk.replies(1, ANA)
    made = await add(desk, due_at=(utc_now() + timedelta(days=1)).isoformat(), content="Well?")
    assert made.status == 201, made.text
    path = f"/api/v1/follow-ups/{made.json['follow_up_id']}"
    assert (await desk.call("DELETE", path)).status == 204
    assert (await desk.call("DELETE", path)).status == 204
    assert [each["status"] for each in await listed(desk)] == ["canceled"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"content": "Well?"}, "after_hours or due_at"),
        ({"after_hours": 1}, "template_id or a content"),
        ({"after_hours": 0, "content": "Well?"}, "after_hours is 0"),
        ({"after_hours": 9_999, "content": "Well?"}, "720"),
        ({"due_at": "2020-01-01T00:00:00Z", "content": "Well?"}, "due_at"),
        ({"after_hours": 1, "content": "x" * 1_601}, "1601"),
    ],
)
async def test_what_is_wrong_is_named(web: Desk, wrong: dict[str, Any], named: str) -> None:
    await web.write("Hello", from_=ANA, to=SMS)
    answer = await add(web, **wrong)
    assert (answer.status, named in answer.detail) == (422, True), answer.text


async def test_another_domains_follow_ups_do_not_exist(web: Desk) -> None:
    await web.write("Hello", from_=ANA, to=SMS)
    made = await add(web, after_hours=1, content="Well?")
    _, token = await another_domain(web)
    path = f"/api/v1/follow-ups/{made.json['follow_up_id']}"
    assert (await web.call("DELETE", path, token=token)).status == 404
    assert (await web.call("DELETE", f"/api/v1/follow-ups/{new_id()}")).status == 404
