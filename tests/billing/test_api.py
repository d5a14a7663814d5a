"""Credit and prices over HTTP: paid in, looked at, exported, and shown to their own domain only."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.sending import CREDITS, balance, top_up
from frontdesk.billing.model import Charge
from inbox.people import audited, colleague
from pipeline.desk import Desk, another_domain

PRICES = "/api/v1/domains/default/prices"


async def charge(desk: Desk, key: str, amount: str, **more: Any) -> None:
    async with desk.app.database.tenant_tx(desk.domain.domain_id) as connection:
        charges = [Charge(key, Decimal(amount), **more)]
        assert await desk.app.ledger.charge(connection, desk.domain.domain_id, charges)


async def test_an_admin_pays_in_and_everybody_sees_it(web: Desk) -> None:
    grace, viewer = await colleague(web, "admin", "Grace"), await colleague(web, "viewer")
    before = await viewer.call("GET", CREDITS)
    assert before == {
        "balance": 0, "billed": False, "low_balance": None, "entries": [], "next": None,
    }  # fmt: skip
    body = {"amount": 500.25, "reason": "Invoice 7"}
    made = await grace.call("POST", CREDITS, 201, json=body)
    assert made["balance"] == 500.25
    entry = made["entry"]
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("top_up", 500.25, "Invoice 7")
    shown = await viewer.call("GET", CREDITS)
    assert shown == {**before, "balance": 500.25, "billed": True, "entries": [entry]}
    await viewer.refused("POST", CREDITS, 403, json=body)
    [logged] = await audited(web, "credits.top_up")
    assert (logged["name"], logged["detail"]["amount"]) == ("Grace", "500.25")


async def test_a_repeated_top_up_pays_in_once(web: Desk) -> None:
    headers, body = {"Idempotency-Key": "k1"}, {"amount": 5}
    made = await asyncio.gather(
        *(web.call("POST", CREDITS, json=body, headers=headers) for _ in range(5))
    )
    assert {answer.status for answer in made} == {201}
    assert len({answer.json["entry"]["entry_id"] for answer in made}) == 1
    assert await balance(web) == 5
    other = await web.call("POST", CREDITS, json={"amount": 6}, headers=headers)
    assert (other.status, "was used for 5 credits" in other.detail) == (409, True)
    reason = {"amount": 5, "reason": "Invoice 8"}
    other = await web.call("POST", CREDITS, json=reason, headers=headers)
    assert (other.status, "with 'Invoice 8'" in other.detail) == (409, True)
    assert await balance(web) == 5


@pytest.mark.parametrize(
    "amount", [0, "x", None, 0.00001, 1e30, -1e30, "NaN", "Infinity", [1], True]
)
async def test_an_amount_that_is_none_is_refused(web: Desk, amount: Any) -> None:
    answer = await web.call("POST", CREDITS, json={"amount": amount})
    assert answer.status == 422, answer.text
    assert await web.count("ledger") == 0


async def test_entries_come_page_by_page_with_the_balance_after_each(web: Desk) -> None:
    await top_up(web, 100)
    for number in range(7):
        await charge(web, f"message:{number}", "3")
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await web.call("GET", CREDITS, params={"limit": "3", "cursor": cursor})
        # What is added meanwhile does not change what was.
        await charge(web, f"later:{len(found)}", "1")
        found += page.json["entries"]
        cursor = page.json["next"]
    assert [entry["balance_after"] for entry in found] == [79, 82, 85, 88, 91, 94, 97, 100]
    only = (await web.call("GET", CREDITS, params={"kind": "top_up"})).json["entries"]
    assert [(entry["amount"], entry["balance_after"]) for entry in only] == [(100, None)]
    none = await web.call("GET", CREDITS, params={"from": "2100-01-01T00:00:00Z"})
    assert none.json["entries"] == []
    assert (await web.call("GET", CREDITS, params={"cursor": "bm8"})).status == 422


async def test_the_statement_adds_up_and_holds_no_formula(web: Desk) -> None:
    answer = await web.call("POST", CREDITS, json={"amount": 10, "reason": "=cmd()|'/C calc'!A0"})
    assert answer.status == 201
    await charge(web, "message:1", "2.5", channel="wmsg", country="ES", category="marketing")
    await charge(web, "message:2", "3", reason='+1, "two"\nthree')
    text = (await web.call("GET", f"{CREDITS}/statement.csv")).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["kind"], row["amount"], row["balance"]) for row in rows] == [
        ("top_up", "10", "10"),
        ("charge", "-2.5", "7.5"),
        ("charge", "-3", "4.5"),
    ]
    assert rows[0]["reason"] == "'=cmd()|'/C calc'!A0"
    assert rows[2]["reason"] == '\'+1, "two"\nthree'
    assert (rows[1]["channel"], rows[1]["country"]) == ("wmsg", "ES")
    later = {"from": rows[1]["at"]}
    part = (await web.call("GET", f"{CREDITS}/statement.csv", params=later)).text
    assert [row["balance"] for row in csv.DictReader(io.StringIO(part, newline=""))] == [
        "7.5", "4.5",
    ]  # fmt: skip


async def test_a_statement_is_kept_by_no_cache(web: Desk) -> None:
    answer = await web.call("GET", f"{CREDITS}/statement.csv")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("side", ["from", "to"])
async def test_a_moment_that_has_no_date_in_utc_is_refused(web: Desk, side: str) -> None:
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-14:00"):
        for path in (CREDITS, f"{CREDITS}/statement.csv"):
            answer = await web.call("GET", path, params={side: moment})
            assert (answer.status, "years 1 to 9999" in answer.text) == (422, True), answer.text


async def test_a_long_statement_comes_whole(web: Desk) -> None:
    await top_up(web, 5_000)
    async with web.app.database.tenant_tx(web.domain.domain_id) as connection:
        charges = [Charge(f"message:{number}", Decimal(1)) for number in range(2_500)]
        assert await web.app.ledger.charge(connection, web.domain.domain_id, charges)
    text = (await web.call("GET", f"{CREDITS}/statement.csv")).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [int(row["balance"]) for row in rows] == list(range(5_000, 2_499, -1))


async def test_a_months_report_and_the_days_add_up_to_the_balance(web: Desk) -> None:
    await top_up(web, 100)
    about = {"channel": "wmsg", "direction": "out", "country": "ES"}
    message = web.domain.domain_id
    for number in range(3):
        await charge(web, f"message:{number}", "3", message_id=message, **about)
    await charge(web, "model:1", "0.5", channel="model", category="openai:gpt-5")
    async with web.app.database.tenant_tx(web.domain.domain_id) as connection:
        await web.app.ledger.refund(connection, web.domain.domain_id, "message:2", "failed")
    today = datetime.now(UTC)
    report = (await web.call("GET", f"{CREDITS}/report?month={today:%Y-%m}")).json
    assert (report["top_ups"], report["spent"], report["messages"]) == (100, 6.5, 2)
    models, messages = report["totals"]
    assert (models["channel"], models["category"], models["amount"]) == (
        "model", "openai:gpt-5", 0.5,
    )  # fmt: skip
    assert (messages["country"], messages["quantity"], messages["messages"]) == ("ES", 2, 2)
    days = (await web.call("GET", f"{CREDITS}/daily?days=3")).json["items"]
    assert [day["balance"] for day in days] == [0, 0, 93.5]
    assert (days[-1]["spent"], days[-1]["topped_up"]) == (6.5, 100)
    other = (await web.call("GET", f"{CREDITS}/report?month=2020-01")).json
    assert (other["totals"], other["spent"]) == ([], 0)


@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "last", "2026", "9999-12", "0000-01", "2026-1", "2026-11-01", ""],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_a_month_that_is_none_is_refused(web: Desk, month: str, zone: str) -> None:
    await open_in(web, zone)
    answer = await web.call("GET", f"{CREDITS}/report", params={"month": month})
    assert (answer.status, "2026-11" in answer.text) == (422, True)


async def open_in(desk: Desk, zone: str) -> None:
    """Business hours in a time zone, which the reports' days are in from now on."""
    hours = {"timezone": zone, "days": {}}
    await desk.app.domains.update(desk.domain.domain_id, settings={"business_hours": hours})


async def paid_at(desk: Desk, moments: list[str]) -> None:
    """A charge of 1 at each of the moments, long after a top-up."""
    await top_up(desk, 100)
    await desk.db.execute("UPDATE ledger SET at = '2025-01-01T00:00:00Z'")
    for moment in moments:
        await charge(desk, f"message:{moment}", "1", channel="sms", direction="out")
        await desk.db.execute(
            "UPDATE ledger SET at = $1::text::timestamptz WHERE charge_key = $2",
            moment,
            f"message:{moment}",
        )


async def test_a_months_report_ends_at_the_businesss_midnight(web: Desk) -> None:
    # The clocks go back on 25 October: that day has 25 hours, and November begins at 23:00 in UTC.
    moments = [
        "2026-09-30T21:59:59Z",
        "2026-09-30T22:00:00Z",
        "2026-10-25T21:59:59Z",
        "2026-10-25T22:30:00Z",
        "2026-10-25T23:00:00Z",
        "2026-10-31T22:59:59.999999Z",
        "2026-10-31T23:00:00Z",
    ]
    await paid_at(web, moments)
    reports = {}
    for zone in (None, "Europe/Madrid"):
        if zone is not None:
            await open_in(web, zone)
        report = (await web.call("GET", f"{CREDITS}/report?month=2026-10")).json
        reports[report["timezone"]] = [(day["day"], day["amount"]) for day in report["totals"]]
    assert reports == {
        "UTC": [("2026-10-25", 3), ("2026-10-31", 2)],
        "Europe/Madrid": [
            ("2026-10-01", 1),
            ("2026-10-25", 2),
            ("2026-10-26", 1),
            ("2026-10-31", 1),
        ],
    }


async def test_the_months_of_a_year_add_up_to_it_in_any_time_zone(web: Desk) -> None:
    months = [f"2026-{month:02}" for month in range(1, 13)]
    moments = [f"{month}-{rest}:30:00Z" for month in months for rest in ("01T01", "28T23")]
    await paid_at(web, moments)
    for zone in ("America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe"):
        await open_in(web, zone)
        spent = 0
        for month in ("2025-12", *months):
            spent += (await web.call("GET", f"{CREDITS}/report?month={month}")).json["spent"]
        assert spent == len(moments), zone


async def test_the_days_of_the_chart_are_the_businesss(web: Desk) -> None:
    await top_up(web, 10)
    await open_in(web, "Pacific/Kiritimati")
    report = (await web.call("GET", f"{CREDITS}/daily?days=2")).json
    today = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    assert report["timezone"] == "Pacific/Kiritimati"
    assert [day["day"] for day in report["items"]] == [str(today - timedelta(days=1)), str(today)]
    assert [day["balance"] for day in report["items"]] == [0, 10]


async def test_people_choose_below_what_they_want_to_be_told(web: Desk) -> None:
    assert (await web.call("PATCH", CREDITS, json={"low_balance": 5})).status == 409
    await top_up(web, 10)
    changed = await web.call("PATCH", CREDITS, json={"low_balance": 5.5})
    assert changed.json == {"balance": 10, "billed": True, "low_balance": 5.5}
    assert (await web.call("PATCH", CREDITS, json={"low_balance": -1})).status == 422
    cleared = await web.call("PATCH", CREDITS, json={"low_balance": None})
    assert cleared.json["low_balance"] is None


async def test_prices_are_set_together_and_bad_ones_change_nothing(web: Desk) -> None:
    empty = (await web.call("GET", PRICES)).json
    assert empty["items"] == []
    assert {name: empty["defaults"][0][name] for name in ("channel", "price")} == {
        "channel": "wmsg",
        "price": 3,
    }
    items = [
        {"channel": "wmsg", "country": "es", "price": 4.5},
        {"channel": "model", "category": "openai:gpt-5", "unit": "thousand_tokens", "price": 0.02},
    ]
    made = await web.call("PUT", PRICES, json={"items": items})
    assert [(item["channel"], item["country"], item["price"]) for item in made.json["items"]] == [
        ("wmsg", "ES", 4.5),
        ("model", None, 0.02),
    ]
    twice = await web.call("PUT", PRICES, json={"items": [items[0], items[0]]})
    assert (twice.status, "line 2 has a price for the same as line 1" in twice.detail) == (
        422, True,
    )  # fmt: skip
    for bad in (
        {"country": "Spain"},
        {"country": "E1"},
        {"channel": "fax"},
        {"direction": "both"},
        {"price": -1},
        {"price": "NaN"},
        {"price": "Infinity"},
        {"price": 1e30},
        {"price": 0.00001},
        {"price": None},
        {"category": "x" * 201},
        {"unit": "minute"},
    ):
        answer = await web.call("PUT", PRICES, json={"items": [{**items[0], **bad}]})
        assert answer.status == 422, bad
    assert (await web.call("GET", PRICES)).json["items"] == made.json["items"]


async def test_lists_of_prices_that_are_set_at_once_never_mix(web: Desk) -> None:
    lists = [
        [{"channel": "wmsg", "country": code, "price": price} for code in ("ES", "FR", "DE")]
        for price in range(1, 7)
    ]
    await asyncio.gather(*(web.call("PUT", PRICES, json={"items": items}) for items in lists))
    found = (await web.call("GET", PRICES)).json["items"]
    assert len(found) == 3
    assert len({item["price"] for item in found}) == 1


async def test_another_domains_credit_is_its_own(web: Desk) -> None:
    _, rival = await another_domain(web)
    await top_up(web, 10)
    for method, path in (("GET", CREDITS), ("GET", f"{CREDITS}/statement.csv"), ("GET", PRICES)):
        assert (await web.call(method, path, rival)).status == 404
    theirs = (await web.call("GET", "/api/v1/domains/rival/credits", rival)).json
    assert (theirs["balance"], theirs["billed"]) == (0, False)
    paid = {"amount": 1}
    await web.call("POST", "/api/v1/domains/rival/credits", rival, json=paid)
    assert await balance(web) == 10
