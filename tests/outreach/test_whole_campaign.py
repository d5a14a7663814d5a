"""A person's whole way through a campaign: file, mapping, template, dry run, start, report."""

from typing import Any

import pytest

from frontdesk.outreach.dispatch import MOST_ATTEMPTS
from outreach.campaigning import change, post, reached, recipients, upload
from outreach.campaigning import uploaded as imported_file
from outreach.starting import REMINDER, template
from pipeline.desk import Desk, until

pytestmark = pytest.mark.timeout(90)

ANA, BEA, CLEO, DORA = (f"+3461234500{place}" for place in range(1, 5))
WHATSAPP = {"channel": "wmsg"}
FILE = f"""\ufeffcity;Mobile;order;First Name;1
Oslo;+34 612 34 50 01;7;Ana;not me
Bergen;612;8;Bea;not me
"Sto
ckholm";0034612345003;9;Cleo;not me
Rome;{DORA};;Dora;not me
Paris;{ANA};5;Eve;not me
Wien;12;6;Fay;not me
""".encode()
COLUMNS = ["city", "Mobile", "order", "First Name", "1"]
MAPPING = {"phone_number": "Mobile", "name": "First Name"}
VARIABLES = {"1": {"column": "First Name"}, "2": {"column": "order"}}
SKIPPED = {"bad_number": 2, "bad_variables": 1, "duplicate": 1}


async def mapped(desk: Desk, **more: Any) -> str:
    """A campaign of the file above, with its mapping and an approved template."""
    answer = await upload(desk, FILE, "/api/v1/campaigns/upload?channel=wmsg")
    assert answer.status == 201, answer.text
    assert answer.json["columns"] == COLUMNS
    campaign_id: str = answer.json["campaign"]["campaign_id"]
    template_id = str(await template(desk, carrier_id=await approved(desk)))
    answer = await change(
        desk,
        campaign_id,
        mapping=MAPPING,
        template_id=template_id,
        variables=VARIABLES,
        follow_up={
            "after_hours": 24,
            "template_id": template_id,
            "variables": {"1": {"column": "First Name"}, "2": {"value": "the same place"}},
        },
        **more,
    )
    assert answer.status == 200, answer.text
    await reached(desk, campaign_id, "ready")
    return campaign_id


async def approved(desk: Desk) -> str:
    """The carrier's id of a template that it has approved."""
    await desk.call("POST", "/api/v1/templates/sync", json={})
    found = (await desk.call("GET", "/api/v1/templates")).json["items"]
    return next(each["carrier_id"] for each in found if each["name"] == "appointment_reminder")


async def delivered(desk: Desk, campaign_id: str, count: int) -> dict[str, Any]:
    async def all_of_them() -> dict[str, Any] | None:
        found = (await desk.call("GET", f"/api/v1/campaigns/{campaign_id}")).json
        return found if found["counts"]["delivered"] == count else None

    found = await until(all_of_them)
    assert found is not None
    return found


async def test_a_file_in_any_order_with_a_mapping_and_a_template_reaches_whom_the_dry_run_said(
    desk: Desk,
) -> None:
    campaign_id = await mapped(desk)
    dry = (await post(desk, campaign_id, "check")).json
    assert (dry["rows"], dry["would_send"], dry["skipped"]) == (6, 2, SKIPPED)
    assert (await post(desk, campaign_id, "start")).status == 200
    await reached(desk, campaign_id, "done")
    report = await delivered(desk, campaign_id, 2)
    assert {name: report["counts"][name] for name in ("rows", "sent", "skipped", "failed")} == {
        "rows": 6, "sent": 2, "skipped": 4, "failed": 0,
    }  # fmt: skip
    # What the carrier sends is its own text, filled in with this row's cells.
    for customer, name, order in ((ANA, "Ana", "7"), (CLEO, "Cleo", "9")):
        bodies = [each["body"] for each in await desk.sent(customer)]
        assert len(bodies) == 1
        assert name in bodies[0]
        assert order in bodies[0]
        assert "not me" not in bodies[0]
    assert [await desk.sent(customer) for customer in (BEA, DORA)] == [[], []]


async def test_the_report_says_why_of_all_rows_with_a_code_not_of_one(desk: Desk) -> None:
    campaign_id = await mapped(desk)
    await post(desk, campaign_id, "start")
    await reached(desk, campaign_id, "done")
    found = (await desk.call("GET", f"/api/v1/campaigns/{campaign_id}")).json
    reasons = {each["code"]: each for each in found["reasons"]}
    assert {code: each["count"] for code, each in reasons.items()} == SKIPPED
    # Two numbers are bad in two ways; of one row its own reason is the best there is.
    assert reasons["bad_number"]["reason"] == "the phone number cannot be used"
    assert reasons["duplicate"]["reason"] == "the same number is in line 2"
    assert "{{2}}" in reasons["bad_variables"]["reason"]
    own = {row["line"]: row["reason"] for row in await recipients(desk, campaign_id)}
    assert own[3].startswith("'612' has no country")
    assert own[8].startswith("'12' has no country")


async def test_a_follow_up_is_filled_in_from_the_row_that_it_follows(desk: Desk) -> None:
    campaign_id = await mapped(desk)
    await post(desk, campaign_id, "start")
    await delivered(desk, campaign_id, 2)
    await desk.settled()
    await desk.db.execute("UPDATE follow_ups SET due_at = now()")

    async def both() -> bool:
        return [len(await desk.sent(customer)) for customer in (ANA, CLEO)] == [2, 2]

    await until(both)
    for customer, name in ((ANA, "Ana"), (CLEO, "Cleo")):
        second = (await desk.sent(customer))[1]["body"]
        assert name in second
        assert "the same place" in second


async def test_a_bulk_upload_takes_a_column_that_is_named_as_a_variable(desk: Desk) -> None:
    await template(desk, kind="sms", body="Hello {{1}}, see you at {{2}}.")
    content = f"x,2,phone_number,1,name\n,noon,{ANA},Ana,Ann\n,,{BEA},Bea,B\n,one,0,C,C\n"
    path = f"/bulk-upload?channel=sms&template={REMINDER}"
    answer = await upload(desk, content.encode(), path)
    assert answer.status == 202, answer.text
    batch_id = answer.json["batch_id"]
    started = await reached(desk, batch_id, "running", "done")
    assert started["started_by_hand"] is False
    await reached(desk, batch_id, "done")
    await delivered(desk, batch_id, 1)
    state = (await desk.call("GET", f"/bulk-upload/{batch_id}")).json
    assert [row["status"] for row in state["rows"]] == ["delivered", "skipped", "skipped"]
    assert state["counts"]["valid"] == 1
    assert [each["body"] for each in await desk.sent(ANA)] == ["Hello Ana, see you at noon."]


async def test_a_segments_attributes_are_variables(desk: Desk) -> None:
    template_id = await template(desk, kind="sms", body="Hello {{1}}, see you at {{2}}.")
    made = await desk.call("POST", "/api/v1/segments", json={"name": "Guests", "kind": "list"})
    segment_id = made.json["segment_id"]
    content = f"phone_number,name,seat\n{ANA},Ana,4\n{BEA},Bea,\n".encode()
    answer = await upload(desk, content, f"/api/v1/contacts/import?segment_id={segment_id}")
    assert (answer.status, answer.json["added"]) == (200, 2), answer.text
    body = {
        "name": "Seats",
        "channel": "sms",
        "segment_id": segment_id,
        "template_id": str(template_id),
        "variables": {"1": {"column": "name"}, "2": {"column": "seat"}},
    }
    campaign_id = (await desk.call("POST", "/api/v1/campaigns", json=body)).json["campaign_id"]
    dry = (await post(desk, campaign_id, "check")).json
    assert (dry["would_send"], dry["skipped"]) == (1, {"bad_variables": 1})
    assert (await post(desk, campaign_id, "start")).json["started_by_hand"] is False
    await reached(desk, campaign_id, "done")
    await delivered(desk, campaign_id, 1)
    assert [each["body"] for each in await desk.sent(ANA)] == ["Hello Ana, see you at 4."]
    stored = await desk.db.fetchval("SELECT jsonb_typeof(variables) FROM outreach LIMIT 1")
    assert stored == "object"


async def test_a_person_reads_no_code_of_ours_when_a_row_breaks_the_sender(desk: Desk) -> None:
    made = await imported_file(desk, f"phone_number,name\n{ANA},Ana\n".encode())
    campaign_id = made["campaign_id"]
    # Nothing of ours writes this: a row that cannot even be read, on its last try.
    await desk.db.execute(
        "UPDATE outreach SET variables = '\"broken\"'::text::jsonb, attempts = $1",
        MOST_ATTEMPTS - 1,
    )
    template_id = str(await template(desk, kind="sms", body="Hello {{1}}"))
    await change(desk, campaign_id, template_id=template_id, variables={"1": {"column": "name"}})
    await post(desk, campaign_id, "start")

    async def failed() -> str | None:
        rows = await recipients(desk, campaign_id)
        return rows[0]["reason"] if rows[0]["status"] == "failed" else None

    reason = await until(failed)
    assert reason is not None
    assert reason.startswith("Frontdesk could not send this")
    assert await desk.sent(ANA) == []
