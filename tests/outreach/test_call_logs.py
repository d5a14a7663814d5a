"""Call logs: everything that was tried, found again and taken along."""

import csv
import io

import pytest

from frontdesk.kernel.ids import new_id
from frontdesk.outreach.call_logs import CallLogService, LogFilter
from outreach.starting import ANA, ended, started
from outreach.test_dispatch import campaign
from pipeline.desk import Desk, another_domain

pytestmark = pytest.mark.timeout(60)


async def test_what_was_tried_is_listed_with_what_came_of_it(desk: Desk) -> None:
    call_id = await started(desk, name="Ana")
    await ended(desk, call_id)
    await desk.settled()
    [row] = (await desk.call("GET", "/api/v1/call-logs")).json["items"]
    assert (row["call_id"], row["phone_number"], row["name"]) == (str(call_id), ANA, "Ana")
    assert row["status"] in ("sent", "delivered")
    assert (row["direction"], row["type"], row["source"]) == ("out", "reminder", "api")
    assert row["chat_id"] == str((await desk.conversation(ANA))["conversation_id"])


async def test_it_is_narrowed_down(web: Desk) -> None:
    await started(web, name="Ana")
    await started(web, phone_number="+34600000000", name="100% Bea")
    for query, names in {
        "q=6000": ["100% Bea"],
        "q=ana": ["Ana"],
        "q=100%25": ["100% Bea"],
        "q=1_0": [],
        "channel=wmsg": [],
        "channel=sms": ["100% Bea", "Ana"],
        "status=waiting": ["100% Bea", "Ana"],
        "status=failed": [],
        f"campaign_id={new_id()}": [],
        "from=2031-01-01T00:00:00Z": [],
        "to=2031-01-01T00:00:00Z": ["100% Bea", "Ana"],
    }.items():
        answer = await web.call("GET", f"/api/v1/call-logs?{query}")
        assert [row["name"] for row in answer.json["items"]] == names, query


async def test_its_pages_have_each_row_once(web: Desk) -> None:
    for place in range(5):
        await started(web, name=f"Customer {place}")
    names: list[str] = []
    cursor = ""
    while True:
        page = (await web.call("GET", f"/api/v1/call-logs?limit=2&cursor={cursor}")).json
        names += [row["name"] for row in page["items"]]
        if not page["next"]:
            break
        cursor = page["next"]
    assert names == [f"Customer {place}" for place in (4, 3, 2, 1, 0)]


async def test_what_is_rare_is_found_some_rows_at_a_time_and_each_once(web: Desk) -> None:
    logs = CallLogService(web.app.database, joined=3, read=4)
    await campaign(web, 10, status="done")
    await web.db.execute(
        "UPDATE outreach SET status = CASE WHEN line % 4 = 1 THEN 'failed' ELSE 'skipped' END,"
        " created_at = created_at + line * interval '1 second'"
    )
    domain_id, lines = web.domain.domain_id, {"failed": [9, 5, 1], "waiting": []}
    for status, expected in lines.items():
        names: list[str] = []
        pages, before = 0, None
        while before is not None or not pages:
            wanted = LogFilter(status=status)
            rows, before = await logs.page(domain_id, wanted, before, 2)
            names += [row["name"] for row in rows]
            pages += 1
        assert names == [f"Customer {line}" for line in expected]
        assert pages > 2, "no page looks at everything"
        batches = [rows async for rows in logs.all(domain_id, LogFilter(status=status))]
        assert sum(map(len, batches)) == len(expected)
    found, following = await logs.page(domain_id, LogFilter(), None, 10)
    assert (len(found), following) == (10, None)


async def test_a_campaigns_rows_are_looked_for_when_they_came_in(web: Desk) -> None:
    """Many newer ones do not stand before them."""
    first = await campaign(web, 3, status="done")
    second = await campaign(web, 5, status="done")
    later = "UPDATE outreach SET created_at = created_at + interval '1 day' WHERE campaign_id = $1"
    await web.db.execute(later, second)
    logs = CallLogService(web.app.database, joined=3, read=3)
    rows, following = await logs.page(web.domain.domain_id, LogFilter(campaign_id=first), None, 3)
    assert [row["campaign_id"] for row in rows] == [first] * 3
    assert following is None or (
        await logs.page(web.domain.domain_id, LogFilter(campaign_id=first), following, 3)
    ) == ([], None)


async def test_a_formula_in_the_table_calculates_nothing(web: Desk) -> None:
    await started(web, name="=cmd()", instruction='a, "b"')
    answer = await web.call("GET", "/api/v1/call-logs.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["name"], row["instruction"]) == ("'=cmd()", 'a, "b"')
    assert row["phone_number"] == ANA


@pytest.mark.parametrize("path", ["call-logs", "call-logs.csv"])
@pytest.mark.parametrize("side", ["from", "to"])
async def test_a_moment_that_has_no_date_in_utc_is_refused(web: Desk, path: str, side: str) -> None:
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-14:00"):
        answer = await web.call("GET", f"/api/v1/{path}", params={side: moment})
        assert (answer.status, "years 1 to 9999" in answer.text) == (422, True), answer.text


async def test_another_domains_calls_do_not_exist(web: Desk) -> None:
    call_id = await started(web)
    _, token = await another_domain(web)
    assert (await web.call("GET", "/api/v1/call-logs", token=token)).json["items"] == []
    for method in ("GET", "DELETE"):
        path = f"/api/v1/outreach/{call_id}"
        assert (await web.call(method, path, token=token)).status == 404
