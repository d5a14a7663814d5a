"""A message's status moves forwards only, whatever order its callbacks come in."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.conftest import Line
from conversations.factory import report
from frontdesk.conversations.model import RANKS
from frontdesk.kernel.clock import utc_now
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Status

CALLBACKS = [Status.QUEUED, Status.SENDING, Status.SENT, Status.DELIVERED, Status.READ]
START = datetime(2026, 1, 1, tzinfo=UTC)


@given(
    callbacks=st.lists(
        st.sampled_from([*CALLBACKS, Status.FAILED, Status.PLAYED]), min_size=1, max_size=8
    ),
    cuts=st.sets(st.integers(1, 7), max_size=3),
    known=st.booleans(),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_order_of_callbacks_ends_the_same(
    line: Line, callbacks: list[Status], cuts: set[int], known: bool
) -> None:
    """`cuts` says which callbacks share a transaction; `known`, whether the id is known first."""
    sid = f"SM{new_id().hex}"
    message_id = await line.outbound(sid if known else None)
    named = None if known else message_id
    edges = [0, *sorted(cut for cut in cuts if cut < len(callbacks)), len(callbacks)]
    highest = RANKS[Status.SENDING]
    for start, end in itertools.pairwise(edges):
        batch = [
            report(line.domain_id, line.channel_id, sid, status, message_id=named)
            for status in callbacks[start:end]
        ]
        await line.app.conversations.record([], batch)
        row = await line.message(message_id)
        assert row["status_rank"] >= highest, "a status moved back"
        highest = row["status_rank"]
    row = await line.message(message_id)
    best = max([Status.SENDING, *callbacks], key=RANKS.__getitem__)
    assert row["status"] == best
    assert row["status_rank"] == RANKS[best]
    assert row["carrier_id"] == sid


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_early_statuses_wait_for_their_message_in_any_order(
    line: Line, order: tuple[int, ...]
) -> None:
    statuses = [Status.SENT, Status.DELIVERED, Status.READ]
    message_id = await line.outbound(None)
    for place in order:
        status = statuses[place]
        at = START + timedelta(seconds=place)
        await line.app.conversations.record(
            [], [report(line.domain_id, line.channel_id, "SM7", status, at=at)]
        )
    assert (await line.message(message_id))["status"] == "sending"
    await line.db.execute(
        "UPDATE messages SET carrier_id = 'SM7' WHERE message_id = $1", message_id
    )
    assert await line.app.conversations.unpark() == 3
    row = await line.message(message_id)
    assert row["status"] == "read"
    assert (row["delivered_at"], row["read_at"]) == (
        START + timedelta(seconds=1),
        START + timedelta(seconds=2),
    )
    assert await line.app.conversations.unpark() == 0


async def test_a_delivery_disproves_a_failure_but_its_reason_is_kept(line: Line) -> None:
    message_id = await line.outbound("SM7")
    ids = (line.domain_id, line.channel_id, "SM7")
    failed = report(*ids, Status.FAILED, error_code="30008", error="Unknown error")
    await line.app.conversations.record([], [failed])
    assert (await line.message(message_id))["status"] == "failed"
    await line.app.conversations.record([], [report(*ids, Status.SENT)])
    assert (await line.message(message_id))["status"] == "failed", "sent does not disprove it"
    await line.app.conversations.record([], [report(*ids, Status.DELIVERED)])
    row = await line.message(message_id)
    assert row["status"] == "delivered"
    assert (row["error_code"], row["error"]) == ("30008", "Unknown error")


async def test_a_parked_opt_out_is_not_forgotten(line: Line) -> None:
    message_id = await line.outbound(None)
    early = report(
        line.domain_id,
        line.channel_id,
        "SM7",
        Status.FAILED,
        error_code="21610",
        stops_contact=True,
    )
    await line.app.conversations.record([], [early])
    await line.db.execute(
        "UPDATE messages SET carrier_id = 'SM7' WHERE message_id = $1", message_id
    )
    await line.app.conversations.unpark()
    assert await line.db.fetchval("SELECT reason FROM opt_outs") == "21610"


async def test_statuses_of_what_others_sent_are_kept_for_a_week(line: Line) -> None:
    ids, now = (line.domain_id, line.channel_id), utc_now()
    old = replace(report(*ids, "SM7", Status.SENT), at=now - timedelta(days=8))
    young = replace(report(*ids, "SM8", Status.SENT), at=now - timedelta(days=6))
    await line.app.conversations.record([], [old, young])
    assert await line.app.conversations.forget_parked() == 1
    assert await line.app.conversations.forget_parked() == 0
    assert await line.db.fetchval("SELECT carrier_id FROM parked_statuses") == "SM8"


async def test_a_customers_message_has_no_status_to_change(line: Line) -> None:
    await line.take_in("+14155550777", "SM8")
    [row] = await line.db.fetch("SELECT message_id FROM messages")
    mine = report(
        line.domain_id, line.channel_id, "SM8", Status.FAILED, message_id=row["message_id"]
    )
    await line.app.conversations.record([], [mine])
    assert (await line.message(row["message_id"]))["status"] == "received"
