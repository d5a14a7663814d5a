"""Nobody writes to the business itself, nor an SMS to somebody without a phone number."""

from typing import Any

import pytest

from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import variants
from outreach.campaigning import NUMBERS, post, reached, recipients, upload, uploaded
from outreach.starting import bodies, ended, row_of, start
from pipeline.desk import SMS_NUMBER, WHATSAPP_NUMBER, Desk, until

pytestmark = pytest.mark.timeout(60)

USER_ID = "US.13491208655302741918"


@pytest.mark.parametrize(
    ("channel", "address", "said"),
    [
        ("sms", SMS_NUMBER, "own numbers"),
        ("sms", WHATSAPP_NUMBER, "own numbers"),
        ("wmsg", SMS_NUMBER, "own numbers"),
        ("sms", USER_ID, "WhatsApp user id"),
    ],
)
async def test_a_start_says_why_nobody_would_get_it(
    web: Desk, channel: str, address: str, said: str
) -> None:
    answer = await start(web, channel=channel, phone_number=address)
    assert (answer.status, said in answer.detail) == (422, True), answer.text
    assert answer.detail.startswith("phone_number")
    assert await web.count("outreach") == 0


async def test_another_spelling_of_an_own_line_is_an_own_number(web: Desk) -> None:
    mexican = "+525512345678"
    await web.app.channels.ensure(web.domain.domain_id, "sms", mexican)
    [other] = variants(mexican)
    assert (await start(web, phone_number=other)).status == 422


async def test_a_whatsapp_user_id_is_written_to_over_whatsapp(desk: Desk) -> None:
    answer = await start(desk, channel="wmsg", phone_number=USER_ID)
    assert answer.status == 202, answer.text
    row = await ended(desk, answer.json["call_id"])
    assert row["reason_code"] == "no_window"


async def test_a_files_rows_to_the_business_are_skipped_with_the_reason(desk: Desk) -> None:
    content = (
        f"phone,channel\n{SMS_NUMBER},\n{USER_ID},sms\n{NUMBERS[0]},\n{WHATSAPP_NUMBER},wmsg\n"
    )
    shown = (await upload(desk, content.encode())).json["preview"]
    assert [bool(row["problems"]) for row in shown] == [True, True, False, True]
    made = await uploaded(desk, content.replace("phone,", "number,").encode())
    rows = {row["phone_number"]: row for row in await recipients(desk, made["campaign_id"])}
    assert [rows[each]["status"] for each in (SMS_NUMBER, USER_ID, WHATSAPP_NUMBER)] == [
        "skipped"
    ] * 3
    assert rows[NUMBERS[0]]["status"] == "waiting"
    assert "own numbers" in rows[SMS_NUMBER]["reason"]
    assert "WhatsApp user id" in rows[USER_ID]["reason"]


async def test_a_segments_members_are_judged_likewise(desk: Desk) -> None:
    for address in (NUMBERS[0], SMS_NUMBER, USER_ID):
        await desk.db.execute(
            "INSERT INTO contacts (domain_id, contact_id, address) VALUES ($1, uuidv7(), $2)",
            desk.domain.domain_id,
            address,
        )
    segment = {"name": "Everybody", "kind": "rule", "rule": {}}
    segment_id = (await desk.call("POST", "/api/v1/segments", json=segment)).json["segment_id"]
    body = {"name": "X", "channel": "sms", "segment_id": segment_id, "instruction": "Hello"}
    made = (await desk.call("POST", "/api/v1/campaigns", json=body)).json
    report = (await post(desk, made["campaign_id"], "check")).json
    assert (report["would_send"], report["skipped"]) == (1, {"bad_number": 2})
    assert (await post(desk, made["campaign_id"], "start")).status == 200
    done = await reached(desk, made["campaign_id"], "done")
    assert (done["counts"]["sent"], done["counts"]["skipped"]) == (1, 2)
    assert len(await bodies(desk, NUMBERS[0])) == 1


@pytest.mark.parametrize("more", [{}, {"instruction": None}])
async def test_what_became_an_own_number_while_it_waited_is_skipped(
    web: Desk, more: dict[str, Any]
) -> None:
    """However the row came in: here it is there before the channel is."""
    call_id, address = new_id(), NUMBERS[5]
    template_id = new_id() if more else None
    await web.db.execute(
        "INSERT INTO outreach (domain_id, outreach_id, source, channel, address, call_type,"
        " instruction, template_id, status, message_id)"
        " VALUES ($1, $2, 'email', 'sms', $3, 'reminder', 'Hello', $4, 'waiting', $2)",
        web.domain.domain_id,
        call_id,
        address,
        template_id,
    )
    await web.app.channels.ensure(web.domain.domain_id, "sms", address)
    await web.start_worker()

    async def over() -> bool:
        return (await row_of(web, call_id))["status"] == "skipped"

    await until(over)
    assert (await row_of(web, call_id))["reason_code"] == "bad_number"
