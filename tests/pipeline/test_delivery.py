"""Delivery: each message once and in order, whatever the carrier or our own process does."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from frontdesk.app.wiring import running
from frontdesk.carriers.twilio import Twilio
from frontdesk.ports import Outbound
from frontdesk.settings import Settings
from pipeline.desk import ADA, SMS_NUMBER, Desk, until


def in_the_future(desk: Desk, by: timedelta) -> None:
    """Deliveries live in the future: what was attempted now was attempted long ago."""
    desk.app.worker.deliver = replace(desk.app.worker.deliver, clock=lambda: datetime.now(UTC) + by)


def hurry(desk: Desk) -> None:
    """A carrier that does not answer within half a second is given up."""
    carriers: Any = desk.app.carriers
    twilio: Twilio = carriers["twilio"]
    carriers["twilio"] = replace(twilio, timeout=aiohttp.ClientTimeout(total=0.5))


@pytest.fixture
async def late(web: Desk) -> Desk:
    """A desk that need not wait for a carrier to settle; its worker is still to be started."""
    in_the_future(web, timedelta(seconds=6))
    hurry(web)
    return web


async def status_of_reply(desk: Desk) -> str:
    return (await desk.messages())[1]["status"]


FAULTS: list[dict[str, Any]] = [
    {"kind": "rate_limit", "retry_after": 1, "times": 2},
    {"kind": "server_error", "status": 500, "times": 1},
    {"kind": "reset", "when": "before", "times": 1},
    {"kind": "reset", "when": "after", "times": 1},
    {"kind": "timeout", "seconds": 5, "times": 1},
    {"kind": "timeout_lost", "seconds": 5, "times": 1},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
async def test_order_and_number_survive_a_carriers_fault(late: Desk, fault: dict[str, Any]) -> None:
    await late.fault(**fault)
    await late.start_worker()
    for number in range(3):
        await late.write(f"{number}")

        async def taken_up() -> bool:
            return (await late.conversation())["turn"] == "idle"

        await until(taken_up)
    await late.settled()
    sent = [message["body"] for message in await late.sent()]
    assert "\n".join(sent).split("\n") == ["0", "1", "2"]


@pytest.mark.parametrize("lost", [False, True], ids=["the carrier has it", "the carrier has not"])
async def test_a_worker_that_dies_in_mid_send_neither_loses_nor_repeats(
    late: Desk, lost: bool
) -> None:
    await late.write("Hello")
    row = await late.conversation()
    ids = (row["domain_id"], row["conversation_id"])
    await late.app.worker.turn.run(*ids, 71)
    # What a worker does until it dies: `sending` is committed, the carrier called or not yet.
    deliveries = late.app.worker.deliver.deliveries
    found = await deliveries.claim(*ids, 71)
    assert found is not None
    lane, delivery = found
    assert delivery is not None
    assert await deliveries.sending(lane, delivery, "wmsg")
    assert not await deliveries.sending(lane, delivery, "wmsg"), "it is not queued any more"
    if not lost:
        await late.fault("drop_callbacks", times=1)
        channel = await late.app.channels.get(ids[0], delivery.channel_id)
        outbound = Outbound(delivery.message_id, delivery.address, delivery.content)
        await late.app.carriers[channel.carrier].send(outbound, channel)
    await late.db.execute("DELETE FROM queue.pgqueuer")
    await late.app.conversations.rescue_lanes(timedelta(0))
    assert await status_of_reply(late) == "sending"
    await late.start_worker()
    assert await late.replies(1) == ["Hello"]
    assert (await late.messages())[1]["carrier_id"] == (await late.sent())[0]["sid"]


async def test_the_jobs_of_a_dead_worker_are_taken_over(desk: Desk) -> None:
    await desk.stop_worker()
    await desk.write("Hello")
    # A worker that is gone had taken the job: nobody holds the lock that is named after it.
    await desk.db.execute(
        "UPDATE queue.pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid()"
    )
    await desk.start_worker()
    assert await desk.replies(1) == ["Hello"]


async def test_a_lane_that_lost_its_job_is_given_another(desk: Desk) -> None:
    await desk.stop_worker()
    await desk.write("Hello")
    await desk.db.execute("DELETE FROM queue.pgqueuer")
    assert await desk.app.conversations.rescue_lanes(timedelta(0)) == 1
    assert await desk.app.conversations.rescue_lanes(timedelta(0)) == 0
    await desk.start_worker()
    assert await desk.replies(1) == ["Hello"]


async def test_a_lane_with_a_job_is_left_alone(web: Desk) -> None:
    await web.write("Hello")
    assert await web.app.conversations.rescue_lanes(timedelta(0)) == 0


async def test_a_worker_that_was_given_up_for_dead_changes_nothing(web: Desk) -> None:
    await web.write("Hello")
    row = await web.conversation()
    ids = (row["domain_id"], row["conversation_id"])
    service = web.app.conversations
    now = datetime.now(UTC)
    async with web.app.database.autocommit() as connection:
        slow = await service.claim_turn(connection, *ids, 71, now)
    assert slow is not None
    # The same job again, by another worker: then the first one is gone for all that we know.
    async with web.app.database.autocommit() as connection:
        quick = await service.claim_turn(connection, *ids, 71, now)
    assert quick is not None
    async with web.app.database.autocommit() as connection:
        assert await service.claim_turn(connection, *ids, 72, now) is None, "taken already"
    outcome = await web.app.worker.turn._decide(  # pyright: ignore[reportPrivateUsage]  # what a turn decides, apart from its claim
        quick.turn, quick.turn.waiting, None
    )
    assert await service.finish_turn(slow, 1, outcome) is None
    assert await web.count("messages") == 1
    assert await service.finish_turn(quick, 1, outcome) is not None
    assert await service.finish_turn(quick, 1, outcome) is None
    assert await web.count("messages") == 3


async def test_two_workers_share_the_work_without_repeating_any(
    desk: Desk, dsn: str, settings: Callable[..., Settings]
) -> None:
    made = settings(
        FRONTDESK_PUBLIC_URL=desk.url,
        TWILIO_API_BASE_URL=desk.sandbox_url,
    )
    people = [f"+1415555{number:04}" for number in range(300, 330)]
    async with running(made, dsn) as second:
        task = asyncio.create_task(second.worker.run())
        await asyncio.gather(
            *(desk.write(f"{text}", from_=person) for person in people for text in "ab")
        )
        await desk.settled()
        second.worker.stop.set()
        await task
    for person in people:
        said = "\n".join(message["body"] for message in await desk.sent(person))
        assert sorted(said.split("\n")) == ["a", "b"], person


# What may go ----------------------------------------------------------------------------------


async def test_outside_the_window_nothing_is_sent_and_people_see_why(web: Desk) -> None:
    in_the_future(web, timedelta(hours=25))
    await web.start_worker()
    await web.write("Hello")
    await web.settled()
    assert await web.sent() == []
    reply = (await web.messages())[1]
    assert (reply["status"], reply["error_code"]) == ("failed", "window_closed")
    assert "24 hours" in reply["error"]
    [letter] = await web.app.conversations.dead_letters(web.domain.domain_id, 5)
    assert letter["message_id"] == reply["message_id"]


async def test_an_sms_has_no_window(web: Desk) -> None:
    in_the_future(web, timedelta(hours=25))
    await web.start_worker()
    await web.write("Hello", to=SMS_NUMBER)
    assert await web.replies(1) == ["Hello"]


async def test_refused_credentials_stop_the_channel_until_somebody_mends_it(desk: Desk) -> None:
    await desk.fault("error_code", code=20003, at_once=True, times=1)
    await desk.write("one")
    await desk.settled()
    await desk.write("two")
    await desk.settled()
    assert await desk.sent() == []
    first, second = [m for m in await desk.messages() if m["sender"] != "user"]
    assert first["error_code"] == "20003"
    assert second["error_code"] == "channel_stopped"
    row = await desk.conversation()
    await desk.app.channels.resume(row["domain_id"], row["channel_id"])
    await desk.app.conversations.resend(row["domain_id"], first["message_id"])
    assert await desk.replies(1) == ["one"]


async def test_a_message_that_the_carrier_refuses_does_not_hold_up_the_next(desk: Desk) -> None:
    await desk.fault("error_code", code=21614, at_once=True, times=1)
    await desk.write("one")
    await desk.settled()
    await desk.write("two")
    assert await desk.replies(1) == ["two"]


@pytest.mark.parametrize("at_once", [True, False], ids=["on sending", "on the status"])
async def test_a_carriers_opt_out_counts_as_ours(desk: Desk, at_once: bool) -> None:
    await desk.fault("error_code", code=21610, at_once=at_once, times=1)
    await desk.write("Hello")

    async def noted() -> bool:
        return bool(await desk.count("opt_outs"))

    await until(noted)
    assert await desk.db.fetchval("SELECT reason FROM opt_outs") == "21610"
    [entry] = await desk.db.fetch("SELECT action, via, reason, address FROM opt_out_log")
    assert tuple(entry) == ("stopped", "carrier", "21610", ADA)
    await desk.write("Hello?")
    await desk.settled()
    assert len(await desk.sent()) == (0 if at_once else 1)


# Statuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["callback_before_response", "out_of_order_callbacks", "duplicate_callbacks"],
)
async def test_statuses_in_any_order_end_as_delivered(desk: Desk, kind: str) -> None:
    await desk.fault(kind, times=1)
    await desk.write("Hello")
    await desk.replies(1)

    async def delivered() -> bool:
        return await status_of_reply(desk) == "delivered"

    await until(delivered)
    reply = (await desk.messages())[1]
    assert reply["carrier_id"] == (await desk.sent())[0]["sid"]
    assert None not in (reply["sent_at"], reply["delivered_at"])
    assert await desk.count("parked_statuses") == 0


async def test_a_read_message_is_shown_as_read(desk: Desk) -> None:
    await desk.write("Hello")
    await desk.replies(1)

    async def delivered() -> bool:
        return await status_of_reply(desk) == "delivered"

    await until(delivered)
    sids = [message["sid"] for message in await desk.sent()]
    async with desk.http.post(f"{desk.sandbox_url}/phone/read", json={"sids": sids}) as answer:
        assert answer.status == 204

    async def read() -> bool:
        return await status_of_reply(desk) == "read"

    await until(read)
    assert (await desk.messages())[1]["read_at"] is not None


# After downtime -------------------------------------------------------------------------------


async def test_what_was_written_while_nobody_listened_is_taken_in_once_and_in_order(
    desk: Desk,
) -> None:
    await desk.write("before")
    await desk.replies(1)
    await desk.stop_worker()
    await desk.fault("no_webhook")
    missed = [await desk.write(f"{number}") for number in range(5)]
    assert await desk.app.catch_up.run() == 5
    assert await desk.app.catch_up.run() == 0
    await desk.start_worker()
    replies = await desk.replies(2)
    assert replies == ["before", "0\n1\n2\n3\n4"]
    inbound = [m["carrier_id"] for m in await desk.messages() if m["sender"] == "user"]
    assert inbound[1:] == missed


async def test_old_messages_are_caught_up_but_not_answered(desk: Desk) -> None:
    # The worker catches up by itself as well; here it must not come first.
    await desk.stop_worker()
    await desk.fault("no_webhook")
    sid = await desk.write("Is anybody there?")
    old = desk.exchange.get(sid)
    assert old is not None
    old.created = old.updated = old.sent = datetime.now(UTC) - timedelta(hours=20)
    await desk.db.execute("UPDATE channels SET caught_up_to = now() - interval '2 days'")
    assert await desk.app.catch_up.run() == 1
    await desk.start_worker()
    await desk.settled()
    [message] = await desk.messages()
    assert message["content"] == "Is anybody there?"
    assert abs(message["sent_at_carrier"] - old.sent) < timedelta(seconds=2)
    assert await desk.sent() == []


async def test_a_carrier_that_cannot_be_asked_is_asked_again_from_the_same_moment(
    web: Desk,
) -> None:
    before = await web.db.fetchval("SELECT caught_up_to FROM channels WHERE kind = 'wmsg'")
    await web.fault("no_webhook")
    await web.write("Hello")
    await web.fault("server_error", operation="list", times=2)
    assert await web.app.catch_up.run() == 0
    after = await web.db.fetchval("SELECT caught_up_to FROM channels WHERE kind = 'wmsg'")
    assert before is not None
    assert after is not None
    assert after >= before
    assert await web.app.catch_up.run() == 1
    assert (await web.conversation())["address"] == ADA
