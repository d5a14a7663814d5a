"""POST /start: a conversation begins once, within the rules, and says why when it does not."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from frontdesk.kernel.clock import utc_now
from outreach.starting import (
    ANA,
    REMINDER,
    bodies,
    channel_of,
    ended,
    row_of,
    start,
    started,
    template,
)
from pipeline.desk import Desk

pytestmark = pytest.mark.timeout(60)


async def test_the_assistants_message_goes_out_and_the_conversation_goes_on(desk: Desk) -> None:
    answer = await start(desk, name="Ana", email="ana@example.com")
    assert answer.status == 202
    assert answer.json["success"] is True
    assert (answer.json["channel"], answer.json["status"]) == ("sms", "queued")
    row = await ended(desk, answer.json["call_id"])
    assert row["status"] == "sent"
    assert await bodies(desk) == ["Your table is ready."]
    contact = await desk.db.fetchrow("SELECT * FROM contacts WHERE address = $1", ANA)
    assert contact is not None
    assert (contact["display_name"], contact["email"]) == ("Ana", "ana@example.com")
    await desk.write("Thanks", from_=ANA, to="+15005550006")
    assert (await desk.replies(2, ANA))[1] == "Thanks"


async def test_a_template_is_filled_in_and_kept_with_its_message(desk: Desk) -> None:
    template_id = await template(desk, kind="sms")
    call_id = await started(desk, template=REMINDER, variables={"1": "Ana", "2": "nine"})
    row = await ended(desk, call_id)
    assert row["status"] == "sent", row["reason"]
    assert await bodies(desk) == ["Hello Ana, you are expected at nine."]
    [message] = await desk.messages(ANA)
    assert (message["sender"], message["source"]) == ("assistant", "api")
    assert message["message_id"] == row["message_id"]
    kept = message["structured"]["template"]
    assert kept["template_id"] == str(template_id)
    assert kept["variables"] == {"1": "Ana", "2": "nine"}


@pytest.mark.parametrize("by", ["name", "language", "id"])
async def test_a_template_is_named_in_three_ways(desk: Desk, by: str) -> None:
    template_id = await template(desk, kind="sms", body="Hello")
    wanted = {"name": REMINDER, "language": f"{REMINDER}:en", "id": str(template_id)}[by]
    call_id = await started(desk, template=wanted)
    assert (await ended(desk, call_id))["template_id"] == template_id


async def test_the_status_tells_what_the_carrier_said(desk: Desk) -> None:
    call_id = await started(desk)
    await ended(desk, call_id)
    await desk.settled()
    shown = (await desk.call("GET", f"/api/v1/outreach/{call_id}")).json
    assert (shown["status"], shown["phone_number"], shown["type"]) == ("sent", ANA, "reminder")
    assert shown["message_status"] in ("sent", "delivered")
    assert shown["answered"] is False
    await desk.write("Thanks", from_=ANA, to="+15005550006")
    assert (await desk.call("GET", f"/api/v1/outreach/{call_id}")).json["answered"] is True


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"channel": "fax"}, "phone"),
        ({"type": "gossip"}, "appointment_booking"),
        ({"phone_number": "12"}, "phone_number"),
        ({"phone_number": "0151 234567"}, "begin with +"),
        ({"instruction": None}, "instruction or a template"),
        ({"instruction": "x" * 4_001}, "4001 characters"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "past"),
        ({"send_at": "2031-01-01T00:00:00Z"}, "90 days"),
        ({"send_at": "2031-01-01T00:00:00"}, "time zone"),
        ({"email": "nobody"}, "nobody"),
        ({"template": "unheard_of"}, "unheard_of"),
        ({"assistant_id": "nobody"}, "nobody"),
        ({"channel": "wmsg", "domain_name": None}, "domain_name"),
        ({"channel": "phone", "type": "gossip"}, "gossip"),
    ],
)
async def test_what_is_wrong_is_named(web: Desk, wrong: dict[str, Any], named: str) -> None:
    answer = await start(web, **wrong)
    assert answer.status == 422, answer.text
    assert named in answer.detail
    assert await web.count("outreach") == 0


async def test_unknown_channels_are_answered_with_the_known_ones(web: Desk) -> None:
    answer = await start(web, channel="fax")
    for kind in ("phone", "sms", "wmsg", "wvoice"):
        assert kind in answer.detail


@pytest.mark.parametrize("channel", ["phone", "wvoice"])
async def test_calls_cannot_be_placed_yet(web: Desk, channel: str) -> None:
    assert (await start(web, channel=channel)).status == 501


async def test_a_domains_own_type_is_taken(web: Desk) -> None:
    await web.app.domains.update(web.domain.domain_id, settings={"call_types": ["recall"]})
    assert (await start(web, type="recall")).status == 202


async def test_every_variable_is_checked_before_anything_is_queued(web: Desk) -> None:
    await template(web, kind="sms")
    answer = await start(web, template=REMINDER, variables={"1": "Ana"})
    assert answer.status == 422
    assert "{{2}}" in answer.detail
    assert await web.count("outreach") == 0


async def test_the_window_is_judged_when_it_is_sent(desk: Desk) -> None:
    call_id = await started(desk, channel="wmsg")
    row = await ended(desk, call_id)
    assert (row["status"], row["reason_code"]) == ("skipped", "no_window")
    assert "template" in row["reason"]
    assert await bodies(desk) == []


async def test_inside_the_window_the_assistant_may_write(desk: Desk) -> None:
    await desk.write("Hello", from_=ANA)
    await desk.replies(1, ANA)
    call_id = await started(desk, channel="wmsg")
    assert (await ended(desk, call_id))["status"] == "sent"
    assert (await bodies(desk))[-1] == "Your table is ready."


async def test_nobody_is_written_to_who_said_stop(desk: Desk) -> None:
    await desk.write("STOP", from_=ANA, to="+15005550006")
    await desk.settled()
    answer = await start(desk)
    assert answer.status == 409
    assert "opted out" in answer.detail
    assert await bodies(desk) == []


async def test_who_says_stop_while_it_waits_is_not_written_to(web: Desk) -> None:
    call_id = await started(web)
    await web.db.execute(
        "INSERT INTO contacts (domain_id, contact_id, address) VALUES ($1, uuidv7(), $2)",
        web.domain.domain_id,
        ANA,
    )
    await web.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)"
        " SELECT domain_id, '00000000-0000-0000-0000-000000000000', contact_id, 'STOP'"
        " FROM contacts WHERE address = $1",
        ANA,
    )
    await web.start_worker()
    row = await ended(web, call_id)
    assert (row["status"], row["reason_code"]) == ("skipped", "opted_out")
    assert await bodies(web) == []


async def test_a_blocked_contact_is_refused(web: Desk) -> None:
    await web.write("Hello", from_=ANA, to="+15005550006")
    await web.db.execute("UPDATE contacts SET blocked_at = now() WHERE address = $1", ANA)
    answer = await start(web)
    assert (answer.status, "blocked" in answer.detail) == (409, True)


async def test_a_domain_without_the_channel_is_told_how_to_get_one(web: Desk) -> None:
    await web.db.execute("UPDATE channels SET state = 'removed' WHERE kind = 'sms'")
    answer = await start(web)
    assert answer.status == 409
    assert "/api/v1/channels" in answer.detail


async def test_without_credit_nothing_is_queued(web: Desk) -> None:
    await web.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 2)", web.domain.domain_id
    )
    answer = await start(web)
    assert answer.status == 402
    assert "/credits" in answer.detail
    assert await web.count("outreach") == 0


async def test_a_message_costs_its_price_once(desk: Desk) -> None:
    await desk.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 10)", desk.domain.domain_id
    )
    call_id = await started(desk)
    await ended(desk, call_id)
    await bodies(desk)
    assert await desk.db.fetchval("SELECT balance FROM credit_accounts") == 7
    assert (await desk.call("GET", f"/api/v1/outreach/{call_id}")).json["cost"] == 3


async def test_the_same_key_starts_one_conversation(desk: Desk) -> None:
    first, second = await start(desk, "once"), await start(desk, "once")
    assert first.status == second.status == 202
    assert first.json == second.json
    await ended(desk, first.json["call_id"])
    third = await start(desk, "once")
    assert third.json["call_id"] == first.json["call_id"]
    assert await bodies(desk) == ["Your table is ready."]


async def test_the_same_key_with_another_body_is_refused(web: Desk) -> None:
    await start(web, "once")
    answer = await start(web, "once", instruction="Something else")
    assert (answer.status, "instruction" in answer.detail) == (409, True)
    assert await web.count("outreach") == 1


@pytest.mark.parametrize("named", ["send_at", "channel_id"])
async def test_the_same_key_for_another_time_or_channel_is_refused(web: Desk, named: str) -> None:
    at = utc_now() + timedelta(hours=1)
    channel_id = str(await channel_of(web, "sms"))
    asked = {"send_at": at.isoformat(), "channel_id": channel_id}
    first = await start(web, "once", **asked)
    # However the moment is written, and wherever a busy channel has moved the row.
    await web.db.execute("UPDATE outreach SET due_at = due_at + interval '1 minute'")
    east = at.astimezone(timezone(timedelta(hours=5))).isoformat()
    again = await start(web, "once", **{**asked, "send_at": east})
    assert (again.status, again.json) == (202, first.json)
    other = {**asked, "send_at": (at + timedelta(hours=1)).isoformat()}
    if named == "channel_id":
        other = {"send_at": asked["send_at"]}
    for body in (other, {**other, "send_at": None}):
        answer = await start(web, "once", **body)
        assert (answer.status, named in answer.detail) == (409, True), answer.text
    assert await web.count("outreach") == 1


async def test_a_repeat_without_a_time_is_the_same_request_later(web: Desk) -> None:
    first = await start(web, "once")
    await web.db.execute("UPDATE outreach SET due_at = due_at + interval '1 minute'")
    assert (await start(web, "once")).json == first.json
    later = (utc_now() + timedelta(hours=1)).isoformat()
    assert (await start(web, "once", send_at=later)).status == 409


async def test_what_is_put_off_waits_and_can_be_taken_back(desk: Desk) -> None:
    later = (utc_now() + timedelta(hours=1)).isoformat()
    call_id = await started(desk, send_at=later)
    now = await started(desk, phone_number="+14155550177")
    await ended(desk, now)
    assert (await row_of(desk, call_id))["status"] == "waiting"
    assert (await desk.call("DELETE", f"/api/v1/outreach/{call_id}")).status == 204
    shown = (await desk.call("GET", f"/api/v1/outreach/{call_id}")).json
    assert shown["status"] == "canceled"
    assert (await desk.call("DELETE", f"/api/v1/outreach/{now}")).status == 409


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ("+5511987654321", "+551187654321"),
        ("+551187654321", "+5511987654321"),
        ("+5215512345678", "+525512345678"),
        ("+541123456789", "+5491123456789"),
    ],
)
async def test_a_line_that_is_known_under_another_spelling_is_one_contact(
    desk: Desk, known: str, asked: str
) -> None:
    await desk.write("Hello", from_=known)
    await desk.replies(1, known)
    call_id = await started(desk, channel="wmsg", phone_number=asked)
    assert (await ended(desk, call_id))["status"] == "sent"
    assert await desk.count("contacts") == 1
    assert (await desk.replies(2, known))[-1] == "Your table is ready."


async def test_a_long_message_goes_in_parts_that_are_each_paid_for(desk: Desk) -> None:
    await desk.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 100)", desk.domain.domain_id
    )
    call_id = await started(desk, instruction="All the words. " * 200)
    await ended(desk, call_id)
    assert len(await bodies(desk)) == 2
    assert await desk.db.fetchval("SELECT balance FROM credit_accounts") == 94


async def test_a_stopped_channel_ends_it_with_its_reason(web: Desk) -> None:
    call_id = await started(web)
    await web.db.execute(
        "UPDATE channels SET state = 'stopped', state_reason = 'bad token' WHERE channel_id = $1",
        await channel_of(web, "sms"),
    )
    await web.start_worker()
    row = await ended(web, call_id)
    assert (row["status"], row["reason_code"]) == ("failed", "channel_stopped")
    assert "bad token" in row["reason"]


async def test_faults_of_the_carrier_cost_time_and_no_second_message(desk: Desk) -> None:
    await desk.fault("rate_limit", times=2, retry_after=0)
    await desk.fault("server_error", times=2)
    call_id = await started(desk)
    await ended(desk, call_id)
    assert await bodies(desk) == ["Your table is ready."]
