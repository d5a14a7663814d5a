"""Campaigns from their making to their report, over HTTP and through the carrier."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.kernel.ids import new_id
from outreach.campaigning import (
    NUMBERS,
    change,
    csv_of,
    imported,
    post,
    reached,
    recipients,
    upload,
    uploaded,
)
from outreach.starting import REMINDER, channel_of, template
from outreach.test_dispatch import campaign
from pipeline.desk import SMS_NUMBER, Desk, until


async def ready(desk: Desk, count: int = 3, **values: Any) -> str:
    """An SMS campaign that says something, not started yet."""
    made = await uploaded(desk, csv_of(NUMBERS[:count], name="Ana"))
    answer = await change(desk, made["campaign_id"], instruction="We are open again.", **values)
    assert answer.status == 200, answer.text
    return made["campaign_id"]


async def segment(desk: Desk, numbers: list[str]) -> str:
    answer = await desk.call(
        "POST", "/api/v1/segments", json={"name": f"s{new_id()}", "kind": "list"}
    )
    assert answer.status == 201, answer.text
    segment_id = answer.json["segment_id"]
    for number in numbers:
        contact_id = new_id()
        await desk.db.execute(
            "INSERT INTO contacts (domain_id, contact_id, address) VALUES ($1, $2, $3)",
            desk.domain.domain_id,
            contact_id,
            number,
        )
        await desk.db.execute(
            "INSERT INTO segment_members (domain_id, segment_id, contact_id) VALUES ($1, $2, $3)",
            desk.domain.domain_id,
            segment_id,
            contact_id,
        )
    return segment_id


async def test_everybody_in_a_file_gets_one_message_and_the_numbers_add_up(desk: Desk) -> None:
    campaign_id = await ready(desk)
    assert (await post(desk, campaign_id, "start")).json["status"] == "running"
    done = await reached(desk, campaign_id, "done")
    await desk.settled()
    for number in NUMBERS[:3]:
        assert len(await desk.sent(number)) == 1

    async def delivered() -> bool:
        rows = await recipients(desk, campaign_id)
        return all(row["status"] == "delivered" for row in rows)

    await until(delivered)
    assert done["counts"]["rows"] == 3
    assert done["finished_at"] is not None
    rows = await recipients(desk, campaign_id, status="delivered", q="0001")
    assert [row["phone_number"] for row in rows] == [NUMBERS[1]]
    assert await recipients(desk, campaign_id, status="answered") == []
    await desk.write("Thanks", from_=NUMBERS[2], to=SMS_NUMBER)
    rows = await recipients(desk, campaign_id, status="answered")
    assert [row["phone_number"] for row in rows] == [NUMBERS[2]]


async def test_a_bulk_upload_sends_as_soon_as_it_is_imported(desk: Desk) -> None:
    await template(desk, kind="sms", body="Hello {{1}}")
    content = "phone_number,1\n" + f"{NUMBERS[0]},Ana\n612,Bea\n{NUMBERS[1]},\n"
    path = f"/bulk-upload?domain_name=default&channel=sms&template={REMINDER}"
    answer = await upload(desk, content.encode(), path)
    assert answer.status == 202, answer.text
    batch_id = answer.json["batch_id"]
    assert answer.json == {"success": True, "batch_id": batch_id, "status": "importing"}
    await reached(desk, batch_id, "done")
    state = (await desk.call("GET", f"/bulk-upload/{batch_id}")).json
    assert [row["status"] for row in state["rows"]][1] == "skipped"
    assert state["counts"]["rows"] == 3
    assert [message["body"] for message in await desk.sent(NUMBERS[0])] == ["Hello Ana"]
    assert await desk.sent(NUMBERS[1]) == []
    result = await desk.call("GET", state["result_csv"])
    assert len(result.text.splitlines()) == 4


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/bulk-upload?channel=fax", 422, "use one of wmsg, wvoice, sms, phone"),
        ("/bulk-upload?channel=phone", 422, "campaigns place no calls"),
        ("/bulk-upload?channel=sms", 409, "neither a template nor an instruction"),
        ("/bulk-upload?channel=sms&template=nothing", 404, "no template"),
        ("/bulk-upload?domain_name=others", 404, "others"),
    ],
)
async def test_a_bulk_upload_that_cannot_be_sent_is_refused_and_leaves_nothing(
    web: Desk, path: str, status: int, said: str
) -> None:
    answer = await upload(web, csv_of(NUMBERS[:1]), path)
    assert (answer.status, said in answer.detail) == (status, True), answer.text
    assert await web.count("campaigns") == 0


async def test_a_bulk_upload_without_numbers_names_its_columns(web: Desk) -> None:
    answer = await upload(web, b"who,where\nAna,Oslo\n", "/bulk-upload?channel=sms&start=false")
    assert answer.status == 422
    assert "the columns are who, where" in answer.detail


async def test_a_start_that_is_past_or_far_ahead_is_refused(web: Desk) -> None:
    made = await upload(web, csv_of(NUMBERS[:1]))
    campaign_id = made.json["campaign"]["campaign_id"]
    now = datetime.now(UTC)
    for moment, said in (
        (now - timedelta(minutes=1), "which is past"),
        (now + timedelta(days=91), "up to 90 days"),
    ):
        answer = await post(web, campaign_id, "start", start_at=moment.isoformat())
        assert (answer.status, said in answer.detail) == (422, True)
    answer = await post(web, campaign_id, "start", start_at="2099-01-01T09:00:00")
    assert (answer.status, "no time zone" in answer.detail) == (422, True)


async def test_a_scheduled_campaign_runs_when_its_time_has_come(web: Desk) -> None:
    made = await upload(web, csv_of(NUMBERS[:1]))
    campaign_id = made.json["campaign"]["campaign_id"]
    await change(web, campaign_id, instruction="Hello")
    later = datetime.now(UTC) + timedelta(days=1)
    answer = await post(web, campaign_id, "start", start_at=later.isoformat())
    assert answer.json["status"] == "importing"
    claim = await web.app.campaigns.imports.claim()
    assert claim is not None
    await web.app.campaigns.imports.run(claim)
    await web.app.campaigns.campaigns.tend()
    assert (await imported(web, campaign_id))["status"] == "scheduled"
    await web.db.execute("UPDATE campaigns SET start_at = now()")
    await web.app.campaigns.campaigns.tend()
    assert (await imported(web, campaign_id))["status"] == "running"


async def test_pause_resume_and_cancel_and_what_each_allows(web: Desk) -> None:
    made = await upload(web, csv_of(NUMBERS[:5]))
    campaign_id = made.json["campaign"]["campaign_id"]
    await change(web, campaign_id, instruction="Hello")
    claim = await web.app.campaigns.imports.claim()
    assert claim is not None
    await web.app.campaigns.imports.run(claim)
    steps = [
        ("pause", 409, "ready"),
        ("start", 200, "running"),
        ("start", 409, "running"),
        ("pause", 200, "paused"),
        ("resume", 200, "running"),
        ("cancel", 200, "canceled"),
        ("cancel", 409, "canceled"),
        ("resume", 409, "canceled"),
    ]
    found: dict[str, Any] = {}
    for action, status, state in steps:
        answer = await post(web, campaign_id, action)
        assert answer.status == status, (action, answer.text)
        found = (await web.call("GET", f"/api/v1/campaigns/{campaign_id}")).json
        assert found["status"] == state
    assert found["counts"]["canceled"] == 5
    assert {row["status"] for row in await recipients(web, campaign_id)} == {"canceled"}
    path = f"/api/v1/campaigns/{campaign_id}"
    assert (await web.call("DELETE", path)).status == 204
    assert (await web.call("GET", path)).status == 404
    assert await web.count("outreach") == 0


async def test_a_check_says_who_would_get_it_and_who_not_and_what_it_costs(web: Desk) -> None:
    await web.call("POST", "/api/v1/domains/default/credits", json={"amount": 10, "reason": "x"})
    template_id = await template(web, body="Hello {{1}}")
    content = "phone,first\n" + "".join(f"{number},Ana\n" for number in NUMBERS[:5])
    content += f"{NUMBERS[5]},\n{NUMBERS[6]},Bea\n612,Cleo\n{NUMBERS[0]},Again\n"
    made = await upload(web, content.encode(), "/api/v1/campaigns/upload?channel=wmsg")
    campaign_id, contact_id = made.json["campaign"]["campaign_id"], new_id()
    claim = await web.app.campaigns.imports.claim()
    assert claim is not None
    await web.app.campaigns.imports.run(claim)
    await web.db.execute(
        "INSERT INTO contacts (domain_id, contact_id, address) VALUES ($1, $2, $3)",
        web.domain.domain_id,
        contact_id,
        NUMBERS[6],
    )
    await web.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason) VALUES ($1, $2, $3, 'x')",
        web.domain.domain_id,
        await channel_of(web),
        contact_id,
    )
    without = (await post(web, campaign_id, "check")).json
    assert without["skipped"] == {"no_window": 6, "opted_out": 1, "bad_number": 1, "duplicate": 1}
    assert without["would_send"] == 0
    answer = await change(
        web,
        campaign_id,
        template_id=str(template_id),
        variables={"1": {"column": "first"}},
    )
    assert answer.status == 200, answer.text
    report = (await post(web, campaign_id, "check")).json
    assert report["rows"] == 9
    assert report["skipped"] == {
        "opted_out": 1, "bad_number": 1, "duplicate": 1, "bad_variables": 1, "no_credit": 2,
    }  # fmt: skip
    assert (report["would_send"], report["cost"], report["balance"]) == (3, 9.0, 10.0)
    assert {sample["line"] for sample in report["samples"]} == {7, 8, 9, 10}


async def test_a_campaign_does_not_start_without_credit_for_one_message(desk: Desk) -> None:
    campaign_id = await ready(desk)
    await desk.call("POST", "/api/v1/domains/default/credits", json={"amount": 2, "reason": "x"})
    answer = await post(desk, campaign_id, "start")
    assert answer.status == 402
    assert "does not cover 3" in answer.detail


async def test_a_campaign_to_a_segment_takes_its_members_when_it_starts(desk: Desk) -> None:
    desk.app.campaigns.imports.batch = 2
    segment_id = await segment(desk, NUMBERS[:5])
    body = {"name": "Offer", "channel": "sms", "segment_id": segment_id, "instruction": "Hello"}
    answer = await desk.call("POST", "/api/v1/campaigns", json=body)
    assert (answer.status, answer.json["counts"]["rows"]) == (201, 0), answer.text
    campaign_id = answer.json["campaign_id"]
    report = (await post(desk, campaign_id, "check")).json
    assert (report["rows"], report["would_send"]) == (5, 5)
    assert (await post(desk, campaign_id, "start")).json["status"] == "importing"
    done = await reached(desk, campaign_id, "done")
    assert (done["counts"]["rows"], done["counts"]["sent"]) == (5, 5)
    found = [row["phone_number"] for row in await recipients(desk, campaign_id)]
    assert sorted(found) == NUMBERS[:5]


async def test_a_repeat_makes_a_campaign_each_time_and_only_once(web: Desk) -> None:
    segment_id = await segment(web, NUMBERS[:2])
    body = {
        "name": "Mondays",
        "segment_id": segment_id,
        "plan": {"channel": "sms", "type": "reminder", "instruction": "Hello"},
        "rule": {"every": "week", "on": 1, "at": "09:00", "timezone": "Europe/Madrid"},
    }
    answer = await web.call("POST", "/api/v1/repeats", json=body)
    assert answer.status == 201, answer.text
    repeats = web.app.campaigns.repeats
    assert await repeats.make_due() == 0
    await web.db.execute("UPDATE repeats SET next_at = now()")
    assert (await repeats.make_due(), await repeats.make_due()) == (1, 0)
    made = (await web.call("GET", "/api/v1/campaigns")).json["items"][0]
    assert (made["source"], made["type"], made["status"]) == ("repeat", "reminder", "importing")
    assert made["name"].startswith("Mondays · 2")
    await web.db.execute("UPDATE repeats SET next_at = now() - interval '7 hours'")
    assert await repeats.make_due() == 0
    path = f"/api/v1/repeats/{answer.json['repeat_id']}"
    stopped = await web.call("PATCH", path, json={"state": "stopped"})
    assert (stopped.json["state"], stopped.json["next_at"]) == ("stopped", None)
    assert (await web.call("DELETE", path)).status == 204
    assert (await web.call("GET", "/api/v1/repeats")).json["items"] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"type": "gossip"}, "use one of informational"),
        ({"rate": 0}, "messages a second"),
        ({"variables": {"1": {"cell": "x"}}}, "{'column': name} or {'value': text}"),
        ({"quiet_hours": {"from": "9", "to": "10:00"}}, "use a time as 21:00"),
        ({"name": " "}, "use 1 to 200"),
        ({"mapping": {"phone_number": "x"}}, "no column; they are phone_number"),
        ({"instruction": "\x00"}, "NUL"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    web: Desk, values: dict[str, Any], said: str
) -> None:
    made = await upload(web, csv_of(NUMBERS[:1]))
    answer = await change(web, made.json["campaign"]["campaign_id"], **values)
    assert (answer.status, said in answer.detail) == (422, True), answer.text


async def test_a_check_judges_each_row_by_its_own_channel(web: Desk) -> None:
    prices = [
        {"channel": "sms", "direction": "out", "unit": "message", "price": 1},
        {"channel": "wmsg", "direction": "out", "unit": "message", "price": 2},
        {"channel": "sms", "call_type": "survey", "unit": "message", "price": 5},
    ]
    await web.call("POST", "/api/v1/domains/default/credits", json={"amount": 100, "reason": "x"})
    await web.call("PUT", "/api/v1/domains/default/prices", json={"items": prices})
    template_id = await template(web, kind="sms", body="Hello {{1}}")
    content = "phone,channel,type,1\n" + f"{NUMBERS[0]},sms,,Ana\n{NUMBERS[1]},wmsg,,Bea\n"
    content += f"{NUMBERS[2]},sms,survey,Cleo\n"
    made = await upload(web, content.encode(), "/api/v1/campaigns/upload?channel=sms")
    campaign_id = made.json["campaign"]["campaign_id"]
    claim = await web.app.campaigns.imports.claim()
    assert claim is not None
    await web.app.campaigns.imports.run(claim)
    await change(web, campaign_id, instruction="Say hello")
    # No window on SMS, and no message within 24 hours on WhatsApp.
    without = (await post(web, campaign_id, "check")).json
    assert (without["would_send"], without["skipped"]) == (2, {"no_window": 1})
    await web.write("Hello", from_=NUMBERS[1])
    opened = (await post(web, campaign_id, "check")).json
    assert (opened["per_channel"], opened["cost"]) == ({"sms": 2, "wmsg": 1}, 1 + 2 + 5)
    # The SMS channel's template is none of WhatsApp's.
    await change(web, campaign_id, template_id=str(template_id))
    report = (await post(web, campaign_id, "check")).json
    assert (report["per_channel"], report["skipped"]) == ({"sms": 2}, {"template": 1})
    [sample] = report["samples"]
    assert (sample["phone_number"], "another channel" in sample["reason"]) == (NUMBERS[1], True)


async def test_an_uploaded_file_is_kept_as_long_as_other_files_and_its_rows_stay(
    web: Desk,
) -> None:
    made = await upload(web, csv_of(NUMBERS[:2], place="Oslo"))
    campaign_id = made.json["campaign"]["campaign_id"]
    claim = await web.app.campaigns.imports.claim()
    assert claim is not None
    settings = {"settings": {"media": {"keep_media_days": 30}}}
    assert (await web.call("PUT", "/api/v1/domains/default", json=settings)).status == 200
    later = datetime.now(UTC) + timedelta(days=31)
    retention = replace(web.app.files.retention, clock=lambda: later)
    await retention.run()
    assert await files(web) == 1, "what is being read is not taken away"
    await web.app.campaigns.imports.run(claim)
    await replace(retention, clock=lambda: later - timedelta(days=2)).run()
    assert await files(web) == 1
    await retention.run()
    assert await files(web) == 0
    [report] = (await web.call("GET", "/api/v1/domains/default/retention")).json["items"]
    size = made.json["campaign"]["progress"]["of"]
    assert (report["media_deleted"], report["bytes_deleted"]) == (1, size)
    assert len(await recipients(web, campaign_id)) == 2
    refused = await change(web, campaign_id, mapping={"phone_number": "place"})
    assert (refused.status, "upload it again" in refused.detail) == (409, True)
    assert (await change(web, campaign_id, instruction="Hello")).status == 200


async def test_a_deleted_campaigns_file_goes_with_it(web: Desk) -> None:
    made = await upload(web, csv_of(NUMBERS[:2]))
    campaign_id = made.json["campaign"]["campaign_id"]
    claim = await web.app.campaigns.imports.claim()
    assert claim is not None
    await web.app.campaigns.imports.run(claim)
    assert (await web.call("DELETE", f"/api/v1/campaigns/{campaign_id}")).status == 204
    assert await files(web) == 0
    await web.app.files.media.tidy()
    assert await web.count("media_garbage") == 0


async def files(desk: Desk) -> int:
    """How many uploads the store has."""
    root = desk.app.settings.data / "media" / "campaigns"
    return sum(path.is_file() for path in root.rglob("*"))


async def test_rare_recipients_are_found_some_lines_at_a_time_and_each_once(web: Desk) -> None:
    campaign_id = await campaign(web, 10, status="done")
    await web.db.execute(
        "UPDATE outreach SET status = CASE WHEN line % 4 = 1 THEN 'failed' ELSE 'skipped' END"
    )
    service = replace(web.app.campaigns.recipients, joined=3, read=4)
    domain_id = web.domain.domain_id
    for status, q, expected in (
        ("failed", None, [1, 5, 9]),
        ("sent", None, []),
        (None, "er 10", [10]),
        ("skipped", None, [2, 3, 4, 6, 7, 8, 10]),
    ):
        lines: list[int] = []
        after: int | None = 0
        while after is not None:
            found, after = await service.page(
                domain_id, campaign_id, after=after, status=status, q=q, most=2
            )
            lines += [each.line for each in found]
        assert lines == expected, (status, q)
    found, following = await service.page(domain_id, campaign_id, most=10)
    assert ([each.line for each in found], following) == (list(range(1, 11)), None)
