"""What customers send may cost something, and never costs them an answer that it leaves credit for:
it is taken in whatever the balance is."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from billing.sending import CREDITS, balance, lines, respond, top_up
from frontdesk.conversations.model import Turn
from pipeline.desk import SMS_NUMBER, Desk

RECEIVED = {"channel": "wmsg", "direction": "in", "price": 0.5}


async def set_prices(desk: Desk, *prices: dict[str, Any]) -> None:
    path = "/api/v1/domains/default/prices"
    assert (await desk.call("PUT", path, json={"items": prices})).status == 200


async def received(desk: Desk) -> list[Any]:
    return await desk.db.fetch("SELECT * FROM ledger WHERE direction = 'in' ORDER BY at, entry_id")


async def test_a_message_that_a_customer_sends_costs_what_the_price_for_it_says(
    desk: Desk,
) -> None:
    await set_prices(desk, RECEIVED, {**RECEIVED, "country": "US", "price": 0.75})
    await top_up(desk, 10)
    await desk.write("Hello")
    assert await desk.replies(1) == ["Hello"]
    [entry] = await received(desk)
    message = (await desk.messages())[0]
    assert entry["charge_key"] == f"inbound:{message['message_id']}"
    assert (entry["kind"], entry["amount"]) == ("charge", Decimal("-0.75"))
    assert (entry["channel"], entry["country"]) == ("wmsg", "US")
    assert entry["message_id"] == message["message_id"]
    assert entry["conversation_id"] == message["conversation_id"]
    assert await balance(desk) == 10 - 3 - Decimal("0.75")
    await desk.write("Hello", from_="+14155550199", to=SMS_NUMBER)
    await desk.replies(1, "+14155550199")
    assert len(await received(desk)) == 1, "no price for what comes as an SMS"


async def test_each_of_a_turns_messages_is_paid_for_also_the_ones_that_get_no_answer(
    web: Desk,
) -> None:
    await set_prices(web, RECEIVED)
    await top_up(web, 10)
    for text in ("one", "/reset", "two", "STOP"):
        await web.write(text)
    await web.start_worker()
    await web.settled()
    assert [row["amount"] for row in await received(web)] == [Decimal("-0.5")] * 4


async def test_people_who_have_the_conversation_pay_for_what_comes_in(desk: Desk) -> None:
    await set_prices(desk, RECEIVED)
    await top_up(desk, 10)
    await desk.write("Hello")
    await desk.replies(1)
    assert (await respond(desk, "A person here")).status == 200
    await desk.write("Are you there?")
    await desk.settled()
    assert len(await received(desk)) == 2
    assert await balance(desk) == 10 - 2 * 3 - 1


async def test_what_a_blocked_customer_sends_is_paid_for_once(desk: Desk) -> None:
    await set_prices(desk, RECEIVED)
    await top_up(desk, 10)
    await desk.write("Hello")
    await desk.replies(1)
    contact_id = (await desk.conversation())["contact_id"]
    assert (await desk.call("POST", f"/api/v1/contacts/{contact_id}/block")).status == 200
    await desk.write("And another")
    await desk.settled()
    assert len(await received(desk)) == 2, "the carrier wants to be paid for it"


@pytest.mark.parametrize("left", [0, 0.3])
async def test_what_the_balance_does_not_cover_is_taken_in_and_not_owed(
    desk: Desk, left: float
) -> None:
    await set_prices(desk, RECEIVED)
    await top_up(desk, 1)
    if left < 1:
        await top_up(desk, left - 1)
    await desk.write("Hello")
    await desk.settled()
    assert [message["content"] for message in await desk.messages() if message["seq"] == 1] == [
        "Hello"
    ]
    assert (await desk.conversation())["needs_people"]
    [entry] = await received(desk)
    lacking = Decimal("0.5") - Decimal(str(left))
    assert entry["amount"] == -Decimal(str(left))
    assert entry["reason"] == f"the balance did not cover {lacking.normalize()} more"
    assert await balance(desk) == 0
    await top_up(desk, 10)
    assert await balance(desk) == 10, "nothing is owed"
    await desk.write("Hello again")
    assert await desk.replies(1) == ["Hello again"]
    assert await balance(desk) == Decimal("6.5")


async def test_a_turn_that_runs_again_pays_nothing_more(web: Desk) -> None:
    await set_prices(web, RECEIVED)
    await top_up(web, 10)
    await web.write("one")
    await web.write("two")
    turn = await claimed(web)
    credit = web.app.worker.turn.credit
    begun = [credit.begin(turn, turn.waiting, None) for _ in range(5)]
    assert await asyncio.gather(*begun) == [None] * 5
    assert await balance(web) == 9
    await web.start_worker()
    await web.settled()
    assert [amount for _, amount, _ in await lines(web)] == [Decimal("-0.5")] * 2 + [-3]


async def claimed(desk: Desk) -> Turn:
    """Ada's turn, taken by a worker that does not finish it."""
    row, lane = await desk.conversation(), desk.app.worker.turn
    ids = (row["domain_id"], row["conversation_id"])
    job: Any = await desk.db.fetchval("SELECT id FROM queue.pgqueuer WHERE entrypoint = 'turn'")
    async with desk.app.database.autocommit() as connection:
        claim = await lane.conversations.claim_turn(connection, *ids, job, lane.clock())
    assert claim is not None
    return claim.turn


async def test_a_domain_that_is_not_billed_pays_nothing_for_what_comes_in(desk: Desk) -> None:
    await set_prices(desk, RECEIVED)
    await desk.write("Hello")
    await desk.replies(1)
    assert await desk.count("ledger") == 0


async def test_prices_for_any_direction_are_for_what_is_sent(desk: Desk) -> None:
    await set_prices(desk, {"channel": "wmsg", "price": 4})
    await top_up(desk, 10)
    await desk.write("Hello")
    await desk.replies(1)
    assert await balance(desk) == 6


async def test_the_report_tells_what_came_in_from_what_went_out(desk: Desk) -> None:
    await set_prices(desk, RECEIVED)
    await top_up(desk, 10)
    await desk.write("Hello")
    await desk.replies(1)
    day = (await desk.call("GET", f"{CREDITS}/daily?days=1")).json["items"][0]["day"]
    report = (await desk.call("GET", f"{CREDITS}/report", params={"month": day[:7]})).json
    assert [(each["direction"], each["messages"], each["amount"]) for each in report["totals"]] == [
        ("in", 1, 0.5),
        ("out", 1, 3),
    ]
    assert report["spent"] == 3.5
