"""A campaign through everything that can go wrong: each valid row gets its message, once.

FRONTDESK_CAMPAIGN_ROWS=1000 for a quick look.
"""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import FormData

from faults.stack import Stack, until
from pipeline.desk import OWNER_TOKEN

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

ROWS = int(os.environ.get("FRONTDESK_CAMPAIGN_ROWS", "10000"))
STOPPED = 20
BAD = ("612", "not a number", "+1", "+34612345678901234", "")
RATE = 400
"""Messages a second: what is slow here is to be the product, not its channel's limit."""
PRICE, CATEGORY_PRICE = Decimal("0.5"), Decimal("0.0725")
"""Of a message, and of one from a template of the category that is sent."""
TOP_UP = 100_000
TEMPLATE = "appointment_reminder"
PATIENCE = 240.0


@dataclass
class Audience:
    """The file's rows, and what is to become of them."""

    valid: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    bad: int = 0
    without_variable: int = 0
    lines: list[str] = field(default_factory=lambda: ["city,when,mobile,first name"])

    @property
    def rows(self) -> int:
        return len(self.lines) - 1

    @property
    def skipped(self) -> dict[str, int]:
        return {
            "opted_out": len(self.stopped),
            "duplicate": len(self.twice),
            "bad_number": self.bad,
            "bad_variables": self.without_variable,
        }

    def file(self) -> bytes:
        return "\n".join(self.lines).encode()


def audience(rows: int) -> Audience:
    """One row in fifty can never be sent, for one of four reasons."""
    made = Audience()
    for number in range(rows):
        address, when = f"+3461{number:07}", f"at {number}"
        if number % 200 == 50:
            made.bad += 1
            address = BAD[number // 200 % len(BAD)]
        elif number % 200 == 100:
            made.without_variable += 1
            when = ""
        elif number % 200 == 150 and made.valid:
            address = made.valid[number // 2]
            made.twice.append(address)
        elif number % (rows // STOPPED) == 7:
            made.stopped.append(address)
        else:
            made.valid.append(address)
        made.lines.append(f"Oslo,{when},{address},Ana {number}")
    return made


@dataclass
class Office:
    """A person's program, over HTTP."""

    stack: Stack

    async def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {OWNER_TOKEN}", **more.pop("headers", {})}
        http = self.stack.carrier.http
        url = self.stack.url + path
        async with http.request(method, url, headers=headers, **more) as answer:
            assert answer.status < 300, f"{path}: {answer.status} {await answer.text()}"
            if answer.content_type == "application/json":
                return await answer.json()
            return await answer.text()

    async def campaign(self, campaign_id: str) -> dict[str, Any]:
        return await self.call("GET", f"/api/v1/campaigns/{campaign_id}")

    async def reached(self, campaign_id: str, status: str, seconds: float = PATIENCE) -> None:
        last: dict[str, Any] = {}

        async def there() -> bool:
            nonlocal last
            last = await self.campaign(campaign_id)
            await asyncio.sleep(0.2)
            return last["status"] == status

        await until(there, seconds, lambda: f"{last}")

    async def uploaded(self, content: bytes) -> str:
        form = FormData()
        form.add_field("file", content, filename="people.csv", content_type="text/csv")
        made = await self.call("POST", "/api/v1/campaigns/upload?channel=wmsg", data=form)
        campaign_id: str = made["campaign"]["campaign_id"]
        await self.reached(campaign_id, "ready")
        return campaign_id

    async def template(self) -> str:
        await self.call("POST", "/api/v1/templates/sync", json={})
        found = (await self.call("GET", "/api/v1/templates"))["items"]
        return next(each["template_id"] for each in found if each["name"] == TEMPLATE)

    async def priced(self) -> None:
        unit = {"channel": "wmsg", "direction": "out", "unit": "message"}
        prices = [
            {**unit, "price": float(PRICE)},
            {**unit, "category": "utility", "price": float(CATEGORY_PRICE)},
        ]
        await self.call("PUT", "/api/v1/domains/default/prices", json={"items": prices})
        await self.call(
            "POST",
            "/api/v1/domains/default/credits",
            json={"amount": TOP_UP, "reason": "the campaign"},
            headers={"Idempotency-Key": "top-up"},
        )


async def test_each_valid_row_gets_one_message_and_is_paid_for_once_whatever_goes_wrong(
    stack: Stack,
) -> None:
    people, office = audience(ROWS), Office(stack)
    await stack.execute(f"UPDATE channels SET rate = {RATE}")
    await _say_stop(stack, people.stopped)
    await office.priced()
    campaign_id = await office.uploaded(people.file())
    await office.call(
        "PATCH",
        f"/api/v1/campaigns/{campaign_id}",
        json={
            "template_id": await office.template(),
            "variables": {"1": {"column": "first name"}, "2": {"column": "when"}},
            "mapping": {"phone_number": "mobile", "name": "first name"},
        },
    )
    await office.reached(campaign_id, "ready")
    dry = await office.call("POST", f"/api/v1/campaigns/{campaign_id}/check")
    assert (dry["would_send"], dry["skipped"]) == (len(people.valid), people.skipped)
    assert dry["cost"] == pytest.approx(float(CATEGORY_PRICE * len(people.valid)))

    before = (await stack.carrier.stats())["outbound"]
    await _bad_weather(stack)
    await office.call("POST", f"/api/v1/campaigns/{campaign_id}/start")
    await _sent(stack, before + len(people.valid) // 3)
    stack.worker.kill()
    taken = (await stack.carrier.stats())["outbound"] - before
    assert taken < len(people.valid), "all was sent before the worker was killed"
    stack.worker.start()
    await office.reached(campaign_id, "done")
    await stack.carrier.clear_faults()
    await until(stack.is_idle, PATIENCE, lambda: "messages are still on their way")
    await _all_delivered(stack)

    await _each_got_one(stack, people)
    await _report_adds_up(office, campaign_id, people)
    await _ledger_is_the_price_list_times_the_messages(stack, office, campaign_id, people)


async def _say_stop(stack: Stack, customers: list[str]) -> None:
    for customer in customers:
        assert await stack.carrier.write(customer, "STOP")

    async def all_opted_out() -> bool:
        rows = await stack.fetch("SELECT count(*) AS number FROM opt_outs")
        return rows[0]["number"] == len(customers)

    await until(all_opted_out)
    await until(stack.is_idle)


async def _bad_weather(stack: Stack) -> None:
    fault = stack.carrier.fault
    some = min(0.05, 60 / ROWS)
    await fault("rate_limit", probability=some, retry_after=1)
    await fault("server_error", probability=some)
    await fault("reset", when="before", probability=some, times=20)
    await fault("reset", when="after", probability=some, times=20)
    # Longer than the ten seconds that its client waits for an answer.
    await fault("timeout", seconds=11, probability=some, times=15)
    await fault("timeout_lost", seconds=11, probability=some, times=15)
    for kind in ("duplicate_callbacks", "out_of_order_callbacks", "callback_before_response"):
        await fault(kind, probability=0.2)


async def _sent(stack: Stack, count: int) -> None:
    async def enough() -> bool:
        return (await stack.carrier.stats())["outbound"] >= count

    await until(enough, PATIENCE)


async def _all_delivered(stack: Stack) -> None:
    """What the carrier took in spite of its silence is on its way a little longer."""
    found: dict[str, int] = {}

    async def all_delivered() -> bool:
        nonlocal found
        found = (await stack.carrier.stats())["outbound_status"]
        return set(found) == {"delivered"}

    await until(all_delivered, why=lambda: f"{found}")


async def _each_got_one(stack: Stack, people: Audience) -> None:
    url = f"{stack.carrier.url}/messages"
    async with stack.carrier.http.get(url) as answer:
        messages = (await answer.json())["messages"]
    got = Counter(each["customer"] for each in messages if each["direction"] == "out")
    assert {customer: count for customer, count in got.items() if count != 1} == {}
    assert set(got) == set(people.valid)
    met = (await stack.carrier.stats())["faults_taken"]
    wanted = {"rate_limit", "server_error", "reset", "timeout", "timeout_lost"}
    assert {*wanted, "duplicate_callbacks"} <= met.keys()


async def _report_adds_up(office: Office, campaign_id: str, people: Audience) -> None:
    valid = len(people.valid)

    async def all_delivered() -> dict[str, Any] | None:
        found = await office.campaign(campaign_id)
        return found if found["counts"]["delivered"] == valid else None

    report = await until(all_delivered, 60)
    assert report is not None
    counts = report["counts"]
    parts = ("waiting", "writing", "sent", "failed", "skipped", "canceled")
    assert counts["rows"] == sum(counts[part] for part in parts) == people.rows
    assert (counts["sent"], counts["failed"], counts["waiting"]) == (valid, 0, 0)
    assert {each["code"]: each["count"] for each in report["reasons"]} == people.skipped
    table = await office.call("GET", f"/api/v1/campaigns/{campaign_id}/recipients.csv")
    header, *lines = table.splitlines()
    status = header.split(",").index("status")
    assert Counter(line.split(",")[status] for line in lines) == {
        "delivered": valid,
        "skipped": counts["skipped"],
    }


async def _ledger_is_the_price_list_times_the_messages(
    stack: Stack, office: Office, campaign_id: str, people: Audience
) -> None:
    spent = CATEGORY_PRICE * len(people.valid)
    entries = await stack.fetch(
        "SELECT sum(amount) AS balance, count(*) FILTER (WHERE kind = 'charge') AS charges,"
        " count(DISTINCT message_id) FILTER (WHERE kind = 'charge') AS messages FROM ledger"
    )
    assert entries[0]["balance"] == TOP_UP - spent
    assert entries[0]["charges"] == entries[0]["messages"] == len(people.valid)
    account = await office.call("GET", "/api/v1/domains/default/credits")
    assert account["balance"] == float(TOP_UP - spent)
    assert (await office.campaign(campaign_id))["cost"] == pytest.approx(float(spent))
