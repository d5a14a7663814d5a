"""Messages are paid for when they are handed over, once, and never from nothing."""

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest

from billing.sending import balance, lines, respond, top_up
from frontdesk.billing.model import Charge, Price, PriceList
from frontdesk.conversations._store import payments
from frontdesk.conversations.model import Delivery, Fare, Lane
from pipeline.desk import ADA, SMS_NUMBER, Desk, until


async def claimed(desk: Desk) -> tuple[Lane, Delivery]:
    """The delivery lane of Ada's conversation, taken by a worker of its own."""
    row = await desk.conversation()
    ids = (row["domain_id"], row["conversation_id"])
    await desk.app.worker.turn.run(*ids, 71)
    found = await desk.app.worker.deliver.deliveries.claim(*ids, 71)
    assert found is not None
    lane, delivery = found
    assert delivery is not None
    return lane, delivery


async def test_a_domain_sends_until_its_credit_is_gone_and_again_after_a_top_up(
    desk: Desk,
) -> None:
    assert (await top_up(desk, 6))["balance"] == 6
    await desk.write("one")
    await desk.replies(1)
    await desk.write("two")
    assert await desk.replies(2) == ["one", "two"]
    assert await balance(desk) == 0
    await desk.write("three")
    await desk.settled()
    row = await desk.conversation()
    assert row["needs_people"]
    assert row["mode"] == "assistant"
    assert row["needs_people_reason"].startswith(
        "no credit: the balance of 0 credits does not cover 3; top up with "
        "POST /api/v1/domains/default/credits"
    )
    assert len(await desk.sent()) == 2
    refused = await respond(desk, "Sorry")
    assert (refused.status, "does not cover 3" in refused.detail) == (402, True)
    assert not [m for m in await desk.messages() if m["sender"] == "human"], "not even queued"
    assert await desk.count("dead_letters") == 0
    await top_up(desk, 3)
    assert (await respond(desk, "Here we are")).status == 200
    assert (await desk.replies(3))[-1] == "Here we are"
    assert await balance(desk) == 0
    assert [kind for kind, _, _ in await lines(desk)] == ["charge"] * 3


async def test_people_are_told_once_that_the_credit_is_gone(desk: Desk) -> None:
    await top_up(desk, 1)
    for text in ("one", "two"):
        await desk.write(text)
        await desk.settled()
    told = [m for m in await desk.messages() if m["kind"] == "event"]
    assert [m["structured"]["event"] for m in told] == ["handoff"]


async def test_a_message_that_the_balance_does_not_cover_is_kept_and_sent_after_a_top_up(
    web: Desk,
) -> None:
    await top_up(web, 5)
    await web.write("Hello")
    # The credit goes while the answer waits in its lane.
    row = await web.conversation()
    lane = await web.app.worker.turn.run(row["domain_id"], row["conversation_id"], 71)
    assert lane is not None
    await top_up(web, -3)
    await web.app.worker.deliver.empty(lane)
    reply = (await web.messages())[1]
    assert (reply["status"], reply["error_code"]) == ("failed", "no_credit")
    assert "did not cover the 3 credits" in reply["error"]
    assert await web.sent() == []
    assert await balance(web) == 2
    retry = f"/api/v1/messages/{reply['message_id']}/retry"
    assert (await web.call("POST", retry)).status == 402
    await top_up(web, 1)
    await web.start_worker()
    answer = await web.call("POST", retry)
    assert (answer.status, answer.json["sent"]) == (200, True)
    assert await web.replies(1) == ["Hello"]
    assert await balance(web) == 0
    key = await web.db.fetchval("SELECT charge_key FROM ledger WHERE kind = 'charge'")
    assert key == f"message:{reply['message_id']}:2"


async def test_a_domain_that_never_topped_up_pays_nothing(desk: Desk) -> None:
    await desk.write("Hello")
    assert await desk.replies(1) == ["Hello"]
    assert await desk.count("ledger") == 0


async def test_words_that_the_law_asks_for_are_free(desk: Desk) -> None:
    await top_up(desk, 1)
    await desk.write("HELP")
    assert len(await desk.replies(1)) == 1
    assert await balance(desk) == 1


async def test_what_is_outstanding_costs_what_the_prices_say(desk: Desk) -> None:
    prices = [
        {"channel": "wmsg", "price": 4},
        {"channel": "wmsg", "country": "US", "price": 4.5},
        {"channel": "sms", "price": 0},
    ]
    path = "/api/v1/domains/default/prices"
    assert (await desk.call("PUT", path, json={"items": prices})).status == 200
    await top_up(desk, 10)
    await desk.write("Hello")
    await desk.replies(1)
    assert await balance(desk) == Decimal("5.5")
    await desk.write("Hello", from_="+14155550199", to=SMS_NUMBER)
    await desk.replies(1, "+14155550199")
    assert await balance(desk) == Decimal("5.5")
    entry = await desk.db.fetchrow("SELECT * FROM ledger WHERE kind = 'charge'")
    assert entry is not None
    found = (entry["channel"], entry["direction"], entry["country"], entry["amount"])
    assert found == ("wmsg", "out", "US", Decimal("-4.5"))


async def test_a_carriers_final_refusal_gives_the_price_back(desk: Desk) -> None:
    await top_up(desk, 3)
    await desk.fault("error_code", code=21614, at_once=True, times=1)
    await desk.write("Hello")
    await desk.settled()
    assert (await desk.messages())[1]["status"] == "failed"
    assert await balance(desk) == 3
    assert await lines(desk) == [
        ("charge", Decimal(-3), ""),
        ("refund", Decimal(3), "not sent: 21614"),
    ]
    message_id = (await desk.messages())[1]["message_id"]
    answer = await desk.call("POST", f"/api/v1/messages/{message_id}/retry")
    assert answer.json["sent"]
    assert await balance(desk) == 0, "another try is paid for anew"


async def test_what_the_carrier_took_is_paid_for_though_it_failed_later(desk: Desk) -> None:
    await top_up(desk, 3)
    await desk.fault("error_code", code=30008, at_once=False, times=1)
    await desk.write("Hello")

    async def failed() -> bool:
        return (await desk.messages())[-1]["status"] == "failed"

    await until(failed)
    assert await balance(desk) == 0


async def test_what_was_paid_for_when_it_was_queued_is_not_paid_again(web: Desk) -> None:
    await top_up(web, 3)
    await web.write("Hello")
    lane, delivery = await claimed(web)
    key, service = f"message:{delivery.message_id}", web.app.worker.deliver.deliveries
    async with web.app.database.tenant_tx(lane.domain_id) as connection:
        assert await web.app.ledger.charge(connection, lane.domain_id, [Charge(key, Decimal(3))])
    assert await service.sending(lane, delivery, "wmsg") is True
    assert await balance(web) == 0


async def test_a_carriers_fault_costs_nothing_more(web: Desk) -> None:
    await top_up(web, 9)
    await web.write("Hello")
    lane, delivery = await claimed(web)
    service = web.app.worker.deliver.deliveries
    for _ in range(3):
        assert await service.sending(lane, delivery, "wmsg") is True
        async with web.app.database.tenant_tx(lane.domain_id) as connection:
            assert not await service.unsent(connection, lane, delivery, "20500", "later")
    assert await balance(web) == 6


async def test_a_worker_that_was_given_up_for_dead_pays_nothing(web: Desk) -> None:
    await top_up(web, 9)
    await web.write("Hello")
    lane, delivery = await claimed(web)
    service = web.app.worker.deliver.deliveries
    again = await service.claim(lane.domain_id, lane.conversation_id, 71)
    assert again is not None
    assert await service.sending(lane, delivery, "wmsg") is False
    assert await balance(web) == 9
    mine = [service.sending(again[0], delivery, "wmsg") for _ in range(5)]
    assert sorted(await asyncio.gather(*mine)) == [False] * 4 + [True]
    assert await balance(web) == 6


@pytest.mark.parametrize("how", ["switch", "answer"])
async def test_an_answer_that_is_canceled_by_a_take_over_is_given_back(web: Desk, how: str) -> None:
    await top_up(web, 9)
    await web.write("Hello")
    lane, delivery = await claimed(web)
    service = web.app.worker.deliver.deliveries
    assert await service.sending(lane, delivery, "wmsg") is True
    async with web.app.database.tenant_tx(lane.domain_id) as connection:
        await service.unsent(connection, lane, delivery, "20500", "later")
    if how == "switch":
        path = f"/api/v1/conversations/{lane.conversation_id}"
        assert (await web.call("PATCH", path, json={"mode": "manual"})).status == 200
    else:
        person = await web.db.fetchval("SELECT person_id FROM people LIMIT 1")
        ids = (lane.domain_id, lane.conversation_id)
        await web.app.manual.send(*ids, "I am here", person_id=person)
    assert (await web.messages())[1]["status"] == "canceled"
    assert await balance(web) == 9
    assert (await lines(web))[-1] == ("refund", Decimal(3), "canceled")


async def test_an_answer_that_is_canceled_while_it_is_sent_is_given_back(web: Desk) -> None:
    await top_up(web, 9)
    await web.write("Hello")
    await web.fault("rate_limit", times=1)
    await web.fault("latency", seconds=0.5, times=1)
    row = await web.conversation()
    lane = await web.app.worker.turn.run(row["domain_id"], row["conversation_id"], 71)
    assert lane is not None
    emptying = asyncio.create_task(web.app.worker.deliver.empty(lane))

    async def under_way() -> bool:
        return (await web.messages())[1]["status"] == "sending"

    await until(under_way)
    path = f"/api/v1/conversations/{lane.conversation_id}"
    assert (await web.call("PATCH", path, json={"mode": "manual"})).status == 200
    await emptying
    assert (await web.messages())[1]["status"] == "canceled"
    assert await balance(web) == 9
    assert (await lines(web))[-1] == ("refund", Decimal(3), "a person took over")


@pytest.mark.timeout(120)
async def test_a_hundred_at_once_with_credit_for_thirty_seven_send_thirty_seven(
    web: Desk,
) -> None:
    people = [f"+1415555{number:04}" for number in range(300, 400)]
    await top_up(web, 37 * 3 + 2)
    await asyncio.gather(*(web.write("Hello", from_=person) for person in people))
    await web.start_worker()
    await web.settled()
    sent = [len(await web.sent(person)) for person in people]
    assert (sum(sent), max(sent)) == (37, 1)
    assert await balance(web) == 2
    paid = await web.db.fetchval(
        "SELECT count(*) FROM ledger l JOIN messages m USING (message_id)"
        " WHERE l.kind = 'charge' AND m.carrier_id IS NOT NULL"
    )
    assert paid == 37


async def test_the_deliverys_sql_finds_the_price_that_python_finds(web: Desk) -> None:
    dice = random.Random(7)
    await top_up(web, 1_000_000)
    await web.write("Hello")
    lane, delivery = await claimed(web)
    kinds, categories, countries = ("wmsg", "sms"), ("utility", "marketing"), ("ES", "FR", "US")
    calls = ("reminder", "survey")
    for case in range(60):
        places = {
            tuple(
                dice.choice((None, dice.choice(values)))
                for values in (kinds, ("in", "out"), calls, categories, countries)
            )
            for _ in range(dice.randrange(14))
        }
        prices: list[Price] = [
            Price(Decimal(dice.randrange(100)) / 4, "message", *place)  # pyright: ignore[reportArgumentType]  # values of the literals
            for place in places
        ]
        await replace_prices(web, prices)
        kind: Any = dice.choice(kinds)
        category, country, call = (
            dice.choice((None, dice.choice(values))) for values in (categories, countries, calls)
        )
        await web.db.execute("DELETE FROM outreach")
        if call is not None:
            await outreach(web, lane, delivery, call)
        await web.db.execute(
            "UPDATE messages SET status = 'queued', status_rank = 1 WHERE sender <> 'user'"
        )
        fare = Fare(f"case:{case}", kind, category, country, PriceList().price(kind))
        async with web.app.database.autocommit() as connection:
            payment = await payments.sending_paid(connection, lane, delivery, fare)
        assert payment is not None
        assert payment.goes
        expected = PriceList(prices).price(kind, "out", call, category, country)
        assert payment.price == expected, (prices, fare, call)
    assert await balance(web) < 1_000_000


async def replace_prices(desk: Desk, prices: list[Price]) -> None:
    items = [
        {
            "channel": each.channel,
            "direction": each.direction,
            "call_type": each.call_type,
            "category": each.category,
            "country": each.country,
            "price": float(each.price),
        }
        for each in prices
    ]
    path = "/api/v1/domains/default/prices"
    answer = await desk.call("PUT", path, json={"items": items})
    assert answer.status == 200, answer.text


async def outreach(desk: Desk, lane: Lane, delivery: Delivery, call_type: str) -> None:
    await desk.db.execute(
        "INSERT INTO outreach (domain_id, outreach_id, source, channel, address, call_type,"
        " status, conversation_id, message_id)"
        " VALUES ($1, gen_random_uuid(), 'api', 'wmsg', $2, $3, 'sent', $4, $5)",
        lane.domain_id,
        ADA,
        call_type,
        lane.conversation_id,
        delivery.message_id,
    )
