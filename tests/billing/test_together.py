"""The whole product at once: customers write, people answer and send again, someone tops up, the
carrier fails; in the end the ledger is the price list times what was sent and received."""

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest

from billing.sending import CREDITS, balance, top_up
from pipeline.desk import Desk

SENT, RECEIVED = Decimal(3), Decimal("0.5")
PRICES = [
    {"channel": "wmsg", "direction": "out", "price": float(SENT)},
    {"channel": "wmsg", "direction": "in", "price": float(RECEIVED)},
]
PEOPLE = [f"+1415555{number:04}" for number in range(500, 508)]

FAULTS: dict[str, dict[str, Any]] = {
    "rate_limit": {"times": 5},
    "server_error": {"times": 5},
    "error_code": {"code": 21614, "at_once": True, "times": 3},
}

# Of each message that customers got, or sent: what was paid for it and not given back, how often.
PAID = """
SELECT m.message_id, m.sender, m.status, m.carrier_id IS NOT NULL AS taken,
    count(l.*) FILTER (WHERE l.kind = 'charge') AS charges,
    count(l.*) FILTER (WHERE l.kind = 'charge')
        - count(l.*) FILTER (WHERE l.kind = 'refund') AS kept,
    coalesce(-sum(l.amount), 0) AS paid,
    coalesce(string_agg(l.reason, '; '), '') AS reasons
FROM messages m LEFT JOIN ledger l USING (domain_id, message_id)
WHERE m.kind <> 'event' AND m.status <> 'noted'
GROUP BY m.domain_id, m.message_id, m.sender, m.status, m.carrier_id
"""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("fault", FAULTS)
async def test_each_message_is_paid_for_once_whatever_happens_at_once(
    desk: Desk, fault: str
) -> None:
    dice = random.Random(fault)
    path = "/api/v1/domains/default/prices"
    assert (await desk.call("PUT", path, json={"items": PRICES})).status == 200
    await top_up(desk, 40)
    await desk.fault(fault, **FAULTS[fault])

    async def customer(address: str, texts: int) -> None:
        for number in range(texts):
            await desk.write(f"Hello {number}", from_=address)

    async def person() -> None:
        for _ in range(5):
            chats = await desk.db.fetch("SELECT conversation_id FROM conversations")
            if chats:
                chat = dice.choice(chats)["conversation_id"]
                body = {"content": "A person here"}
                answer = await desk.call("POST", f"/chat/{chat}/manual-response", json=body)
                assert answer.status in (200, 402), answer.text

    async def payer() -> None:
        for number in range(4):
            headers = {"Idempotency-Key": f"invoice {number // 2}"}
            answer = await desk.call("POST", CREDITS, json={"amount": 12}, headers=headers)
            assert answer.status == 201, answer.text

    customers = [customer(address, dice.randrange(1, 4)) for address in PEOPLE]
    await asyncio.gather(*customers, person(), payer())
    await desk.settled()
    for row in await desk.db.fetch(PAID):
        if row["sender"] == "user":
            short = "did not cover" in row["reasons"]
            assert row["charges"] == 1, dict(row)
            assert row["paid"] < RECEIVED if short else row["paid"] == RECEIVED, dict(row)
        else:
            assert row["kept"] == row["taken"], dict(row)
            assert row["paid"] == SENT * row["kept"], dict(row)
    assert await balance(desk) >= 0
    paid_in = await desk.db.fetchval("SELECT sum(amount) FROM ledger WHERE kind = 'top_up'")
    assert paid_in == 40 + 2 * 12
