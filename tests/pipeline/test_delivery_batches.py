"""Deliveries that go to the database together: none waits for another, none pays for another."""

import asyncio
from uuid import UUID

import pytest

from billing.sending import top_up
from frontdesk.conversations._store import deliveries as store
from frontdesk.conversations.model import Delivery, Lane
from frontdesk.db.pool import prepare
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Sent
from pipeline.desk import ADA, Desk

BEN = "+14155550102"
CLEO = "+14155550103"
HOLD = "SELECT FROM {} WHERE conversation_id = $1 FOR UPDATE"


@pytest.fixture
async def late(desk: Desk) -> Desk:
    """A desk whose worker is away: three customers' answers wait to be sent."""
    await desk.stop_worker()
    await prepare(desk.db)
    return desk


async def answered(desk: Desk, *customers: str) -> list[tuple[UUID, UUID]]:
    """Conversations whose answer is queued under job 71."""
    ids: list[tuple[UUID, UUID]] = []
    for customer in customers:
        await desk.write("Hello", from_=customer)
        row = await desk.conversation(customer)
        ids.append((row["domain_id"], row["conversation_id"]))
        await desk.app.worker.turn.run(*ids[-1], 71)
    return ids


async def claimed(desk: Desk, *customers: str) -> list[tuple[Lane, Delivery]]:
    found = await asyncio.gather(
        *(
            desk.app.worker.deliver.deliveries.claim(*ids, 71)
            for ids in await answered(desk, *customers)
        )
    )
    lanes: list[tuple[Lane, Delivery]] = []
    for each in found:
        assert each is not None
        lane, delivery = each
        assert delivery is not None
        lanes.append((lane, delivery))
    return lanes


async def statuses(desk: Desk, *customers: str) -> list[str]:
    return [(await desk.messages(customer))[-1]["status"] for customer in customers]


async def test_each_lane_gets_its_own_message(late: Desk) -> None:
    lanes = await claimed(late, ADA, BEN, CLEO)
    assert [delivery.address for _, delivery in lanes] == [ADA, BEN, CLEO]
    for lane, delivery in lanes:
        row = await late.conversation(delivery.address)
        assert (lane.conversation_id, lane.token) == (
            row["conversation_id"],
            row["delivery_token"],
        )


async def test_a_conversation_that_somebody_holds_keeps_no_other_waiting(late: Desk) -> None:
    ada, ben = await answered(late, ADA, BEN)
    service = late.app.worker.deliver.deliveries
    async with late.db.transaction():
        await late.db.execute(HOLD.format("conversations"), ada[1])
        held = asyncio.create_task(service.claim(*ada, 71))
        free = await service.claim(*ben, 71)
        assert free is not None
        assert not held.done()
    found = await held
    assert found is not None
    assert found[1] is not None
    assert found[1].address == ADA


async def test_a_message_that_somebody_holds_keeps_no_other_waiting(late: Desk) -> None:
    ada, ben = await claimed(late, ADA, BEN)
    service = late.app.worker.deliver.deliveries
    async with late.db.transaction():
        await late.db.execute(HOLD.format("messages"), ada[0].conversation_id)
        held = asyncio.create_task(service.sending(*ada, "wmsg"))
        assert await service.sending(*ben, "wmsg")
        assert not held.done()
    assert await held
    async with late.db.transaction():
        await late.db.execute(HOLD.format("messages"), ada[0].conversation_id)
        held = asyncio.create_task(service.sent(*ada, Sent("SM" + "a" * 32)))
        assert await service.sent(*ben, Sent("SM" + "b" * 32))
        assert not held.done()
    assert await held
    assert await statuses(late, ADA, BEN) == ["sent", "sent"]
    assert (await late.conversation())["delivery"] == "idle"


async def test_a_lane_that_was_taken_sends_nothing_and_the_others_do(late: Desk) -> None:
    ada, ben = await claimed(late, ADA, BEN)
    service = late.app.worker.deliver.deliveries
    taken = Lane(ada[0].domain_id, ada[0].conversation_id, new_id())
    going = await asyncio.gather(
        service.sending(taken, ada[1], "wmsg"), service.sending(*ben, "wmsg")
    )
    assert going == [False, True]
    assert await statuses(late, ADA, BEN) == ["queued", "sending"]


async def test_what_was_paid_for_goes_and_what_is_not_is_charged_or_refused(late: Desk) -> None:
    ada, ben, cleo = await claimed(late, ADA, BEN, CLEO)
    await top_up(late, 3)
    billed = [await late.app.worker.deliver.deliveries.next_message(each[0]) for each in (ada, ben)]
    lanes = [(found[0], found[1]) for found in billed if found is not None]
    assert [delivery is not None and delivery.billed for _, delivery in lanes] == [True, True]
    service = late.app.worker.deliver.deliveries
    results = await asyncio.gather(
        *(
            service.sending(lane, delivery, "wmsg")
            for lane, delivery in lanes
            if delivery is not None
        ),
        service.sending(*cleo, "wmsg"),
    )
    assert results[2] is True, "it was looked at before the domain was billed"
    assert sorted(result is True for result in results[:2]) == [False, True]
    [refused] = [result for result in results[:2] if isinstance(result, tuple)]
    assert refused[0] == "no_credit"


async def test_a_status_that_came_before_the_carriers_answer_counts(late: Desk) -> None:
    lanes = await claimed(late, ADA, BEN)
    service = late.app.worker.deliver.deliveries
    await asyncio.gather(*(service.sending(*each, "wmsg") for each in lanes))
    lane, delivery = lanes[0]
    await late.db.execute(
        "INSERT INTO parked_statuses (domain_id, channel_id, carrier_id, status, status_rank,"
        " carrier_status, at) VALUES ($1, $2, $3, 'delivered', 4, 'delivered', now())",
        lane.domain_id,
        delivery.channel_id,
        "SM" + "a" * 32,
    )
    sids = ("SM" + "a" * 32, "SM" + "b" * 32)
    done = [service.sent(*each, Sent(sid)) for each, sid in zip(lanes, sids, strict=True)]
    assert await asyncio.gather(*done) == [True, True]
    assert await statuses(late, ADA, BEN) == ["delivered", "sent"]
    assert await late.count("parked_statuses") == 0


async def test_a_batch_of_lanes_is_one_statement(late: Desk) -> None:
    ids = await answered(late, ADA, BEN, CLEO)
    jobs = [(*each, 71) for each in ids]
    async with late.app.database.autocommit() as connection:
        found = await store.claim(connection, jobs)
        assert sorted(found) == [0, 1, 2]
        assert await store.claim(connection, [(*each, 72) for each in ids]) == {}, "not theirs"
