"""Campaigns: each recipient gets one message, whoever sends, crashes or runs short of credit."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from frontdesk.app.wiring import App, running
from frontdesk.kernel.ids import new_id
from frontdesk.outreach.dispatch import Dispatcher
from frontdesk.settings import Settings
from outreach.starting import ANA, template
from pipeline.desk import Desk, until

pytestmark = pytest.mark.timeout(90)


def number(place: int) -> str:
    return f"+1415555{place:04}"


async def campaign(desk: Desk, size: int, **more: Any) -> UUID:
    """A running campaign with that many recipients, straight into the tables."""
    campaign_id = new_id()
    values: dict[str, Any] = {
        "name": "Spring",
        "source": "csv",
        "status": "running",
        "channel": "sms",
        **more,
    }
    names = list(values)
    # Together: one that runs and has no row left is done.
    async with desk.db.transaction():
        await desk.db.execute(
            f"INSERT INTO campaigns (domain_id, campaign_id, {', '.join(names)}) VALUES ($1, $2, "
            + ", ".join(f"${place}" for place in range(3, len(names) + 3))
            + ")",
            desk.domain.domain_id,
            campaign_id,
            *values.values(),
        )
        await desk.db.execute(
            "INSERT INTO outreach (domain_id, outreach_id, campaign_id, line, source, channel,"
            " address, name, call_type, variables, status)"
            " SELECT $1, uuidv7(), $2, n, 'campaign', $3, '+1415555' || lpad(n::text, 4, '0'),"
            " 'Customer ' || n, 'informational', jsonb_build_object('2', n::text), 'waiting'"
            " FROM generate_series(1, $4::int) n",
            desk.domain.domain_id,
            campaign_id,
            values["channel"],
            size,
        )
    await desk.db.execute("UPDATE channels SET rate = 400")
    return campaign_id


async def sms_campaign(desk: Desk, size: int, **more: Any) -> UUID:
    """One that needs no window, made from a template."""
    template_id = await template(desk, kind="sms")
    variables = {"1": {"column": "name"}}
    return await campaign(desk, size, template_id=template_id, variables=variables, **more)


async def statuses(desk: Desk, app: App | None = None) -> dict[str, int]:
    """How many rows there are of each; seen over an app's own connections, where one is named."""
    db = desk.db if app is None else app.database.pool
    rows = await db.fetch("SELECT status, count(*) AS n FROM outreach GROUP BY status")
    return {row["status"]: row["n"] for row in rows}


def at(dispatcher: Dispatcher, moment: datetime) -> Dispatcher:
    return replace(dispatcher, clock=lambda: moment)


async def test_every_recipient_gets_one_message_with_their_own_values(desk: Desk) -> None:
    await sms_campaign(desk, 30)
    await until(lambda: _all(desk, "sent", 30))
    await desk.settled()
    for place in (1, 30):
        sent = await desk.sent(number(place))
        expected = f"Hello Customer {place}, you are expected at {place}."
        assert [each["body"] for each in sent] == [expected]
    assert await desk.count("messages") == 30


async def _all(desk: Desk, status: str, size: int) -> bool:
    return (await statuses(desk)).get(status) == size


async def test_many_senders_at_once_send_each_row_once(
    web: Desk, settings: Callable[..., Settings], dsn: str
) -> None:
    campaign_id = await sms_campaign(web, 120)
    domain_id = web.domain.domain_id

    async def send(app: App) -> int:
        sent = 0
        while await statuses(web, app) != {"sent": 120}:
            batch = await app.dispatcher.send_batch(domain_id, campaign_id, 7)
            sent += batch.sent
        return sent

    async with running(settings(), dsn) as other:
        numbers = await asyncio.gather(*(send(app) for app in (web.app, other) * 3))
    assert sum(numbers) == 120
    assert await statuses(web) == {"sent": 120}
    assert await web.count("messages") == 120
    twice = await web.db.fetchval(
        "SELECT count(*) FROM (SELECT conversation_id FROM messages GROUP BY 1 HAVING count(*) > 1)"
    )
    assert twice == 0


async def test_many_senders_of_single_rows_send_each_once(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 60)
    await web.db.execute(
        "UPDATE outreach SET campaign_id = NULL, source = 'api', variables = $1,"
        " template_id = (SELECT template_id FROM campaigns WHERE campaign_id = $2)",
        {"1": "Ana", "2": "nine"},
        campaign_id,
    )

    async def send() -> int:
        batches = [
            await web.app.dispatcher.send_batch(web.domain.domain_id, None, 5) for _ in range(6)
        ]
        return sum(batch.sent for batch in batches)

    assert sum(await asyncio.gather(*(send() for _ in range(6)))) == 60
    assert await web.count("messages") == 60


async def test_a_batch_that_breaks_leaves_nothing_behind(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 3)
    taken = new_id()
    await web.db.execute("UPDATE outreach SET message_id = $1 WHERE line = 2", taken)
    await web.write("Hello")
    await web.db.execute("UPDATE messages SET message_id = $1", taken)
    with pytest.raises(Exception, match="messages_by_id"):
        await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    assert await statuses(web) == {"waiting": 3}
    assert await web.count("messages") == 1


async def test_one_bad_row_never_stops_the_others(web: Desk) -> None:
    await sms_campaign(web, 4)
    taken = new_id()
    await web.db.execute("UPDATE outreach SET message_id = $1, attempts = 3 WHERE line = 1", taken)
    await web.db.execute("UPDATE outreach SET variables = '{}' WHERE line = 2")
    await web.write("Hello")
    await web.db.execute("UPDATE messages SET message_id = $1", taken)
    await web.start_worker()
    await until(lambda: _all(web, "sent", 2), 60)
    await until(lambda: _all(web, "failed", 1), 60)
    bad = await web.db.fetchrow("SELECT * FROM outreach WHERE line = 2")
    assert bad is not None
    assert (bad["status"], bad["reason_code"]) == ("skipped", "bad_variables")
    assert "{{2}}" in bad["reason"]


async def test_the_credit_covers_what_is_sent_and_then_the_campaign_waits(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 10)
    await web.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 13)", web.domain.domain_id
    )
    batch = await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 100)
    assert (batch.sent, batch.paused is not None) == (4, True)
    assert await web.db.fetchval("SELECT balance FROM credit_accounts") == Decimal(1)
    assert await statuses(web) == {"sent": 4, "waiting": 6}
    row = await web.db.fetchrow("SELECT status, status_reason FROM campaigns")
    assert row is not None
    assert row["status"] == "paused"
    assert row["status_reason"].startswith("no_credit")


async def test_the_balance_never_goes_below_zero_when_many_send_at_once(web: Desk) -> None:
    await sms_campaign(web, 40)
    template_id = await web.db.fetchval("SELECT template_id FROM campaigns")
    await web.db.execute(
        "UPDATE outreach SET campaign_id = NULL, source = 'api', variables = $1, template_id = $2",
        {"1": "Ana", "2": "nine"},
        template_id,
    )
    await web.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 50)", web.domain.domain_id
    )

    async def send() -> None:
        for _ in range(20):
            await web.app.dispatcher.send_batch(web.domain.domain_id, None, 3)

    await asyncio.gather(*(send() for _ in range(6)))
    assert await statuses(web) == {"sent": 16, "failed": 24}
    assert await web.db.fetchval("SELECT balance FROM credit_accounts") == Decimal(2)
    assert await web.db.fetchval("SELECT sum(amount) FROM ledger") == Decimal(-48)


async def test_quiet_hours_put_a_recipient_off_until_their_morning(web: Desk) -> None:
    quiet = {"from": "21:00", "to": "08:00"}
    campaign_id = await sms_campaign(web, 2, quiet_hours=quiet)
    await web.db.execute("UPDATE outreach SET address = '+34600000001' WHERE line = 2")
    noon_in_madrid = datetime(2027, 1, 10, 11, tzinfo=UTC)
    dispatcher = at(web.app.dispatcher, noon_in_madrid)
    batch = await dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    assert (batch.sent, batch.postponed) == (1, 1)
    waits = await web.db.fetchrow("SELECT line, due_at FROM outreach WHERE status = 'waiting'")
    assert waits is not None
    assert (waits["line"], waits["due_at"]) == (1, datetime(2027, 1, 10, 16, tzinfo=UTC))
    morning = at(web.app.dispatcher, waits["due_at"])
    assert (await morning.send_batch(web.domain.domain_id, campaign_id, 10)).sent == 1


async def test_a_campaigns_rate_spreads_it_over_time(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 50, rate=5.0)
    now = datetime(2027, 1, 10, tzinfo=UTC)
    sent: list[int] = []
    for second in range(4):
        dispatcher = at(web.app.dispatcher, now + timedelta(seconds=second))
        batches = [
            await dispatcher.send_batch(web.domain.domain_id, campaign_id, 100) for _ in range(2)
        ]
        sent.append(sum(batch.sent for batch in batches))
    assert sent == [10, 5, 5, 5]


async def test_no_more_waits_for_a_channel_than_it_sends_in_two_seconds(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 50)
    await web.db.execute("UPDATE channels SET rate = 10")
    dispatcher = web.app.dispatcher
    sent = [
        (await dispatcher.send_batch(web.domain.domain_id, campaign_id, 100)).sent for _ in range(3)
    ]
    assert sent == [20, 0, 0]


async def test_a_paused_campaign_sends_nothing(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 5, status="paused")
    batch = await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    assert (batch.claimed, batch.sent) == (0, 0)


async def test_a_template_that_is_gone_stops_the_campaign_and_not_its_people(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 5)
    await web.db.execute("UPDATE templates SET status = 'paused'")
    batch = await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    assert batch.paused is not None
    assert await statuses(web) == {"waiting": 5}


async def test_outside_the_window_an_instruction_reaches_nobody(web: Desk) -> None:
    await web.write("Hello", from_=number(1))
    campaign_id = await campaign(web, 2, channel="wmsg", instruction="Say hello")
    batch = await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    assert (batch.writing, batch.ended) == (1, 1)
    row = await web.db.fetchrow("SELECT reason_code FROM outreach WHERE status = 'skipped'")
    assert row is not None
    assert row["reason_code"] == "no_window"


async def test_a_campaigns_conversations_are_closed_until_somebody_answers(desk: Desk) -> None:
    await sms_campaign(desk, 2)
    await until(lambda: _all(desk, "sent", 2))
    await desk.settled()
    assert (await desk.conversation(number(1)))["status"] == "closed"
    await desk.write("Yes", from_=number(1), to="+15005550006")
    await desk.settled()
    assert (await desk.conversation(number(1)))["status"] == "open"
    assert (await desk.conversation(number(2)))["status"] == "closed"


async def test_a_number_in_two_spellings_is_one_new_contact(web: Desk) -> None:
    campaign_id = await sms_campaign(web, 2)
    await web.db.execute(
        "UPDATE outreach SET address = CASE line WHEN 1 THEN '+5511987654321'"
        " ELSE '+551187654321' END"
    )
    assert (await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)).sent == 2
    assert await web.count("contacts") == 1
    assert [row["seq"] for row in await web.messages("+551187654321")] == [1, 2]


async def test_a_row_whose_writer_died_is_written_by_another_one(web: Desk) -> None:
    campaign_id = await campaign(web, 1, instruction="Say hello")
    await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    writing = web.app.worker.outreach.writing
    [(row, token)] = await writing.claim(8)
    assert await writing.claim(8) == []
    await web.db.execute("UPDATE outreach SET job_at = now() - interval '2 minutes'")
    [(again, other)] = await writing.claim(8)
    assert (again.outreach_id, again.message_id) == (row.outreach_id, row.message_id)
    task = await writing.begin(again, other)
    assert task is not None
    assert await writing.begin(row, token) is None
    assert await writing.send(task, "Hello")
    assert not await writing.send(task, "Hello")
    assert await web.count("messages") == 1


async def test_what_the_assistant_cannot_write_costs_nothing(web: Desk) -> None:
    campaign_id = await campaign(web, 1, instruction="Say hello")
    await web.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 10)", web.domain.domain_id
    )
    await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    writing = web.app.worker.outreach.writing
    for attempt in range(1, 5):
        await web.db.execute("UPDATE outreach SET job_at = now() - interval '2 minutes'")
        [(row, token)] = await writing.claim(8)
        assert row.attempts == attempt
        assert await writing.begin(row, token) is not None
        assert await web.db.fetchval("SELECT balance FROM credit_accounts") == 7
        await writing.failed(row, token, "it is silent")
    assert await web.db.fetchval("SELECT balance FROM credit_accounts") == 10
    row = await web.db.fetchrow("SELECT status, reason FROM outreach")
    assert row is not None
    assert (row["status"], row["reason"]) == ("failed", "it is silent")


async def test_no_assistant_is_asked_without_credit(web: Desk) -> None:
    campaign_id = await campaign(web, 1, instruction="Say hello")
    await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    await web.db.execute(
        "INSERT INTO credit_accounts (domain_id, balance) VALUES ($1, 2)", web.domain.domain_id
    )
    writing = web.app.worker.outreach.writing
    [(row, token)] = await writing.claim(8)
    assert await writing.begin(row, token) is None
    assert await statuses(web) == {"waiting": 1}
    assert await web.db.fetchval("SELECT status FROM campaigns") == "paused"


async def test_who_stopped_while_the_assistant_wrote_gets_nothing(web: Desk) -> None:
    await web.write("Hello", from_=ANA, to="+15005550006")
    campaign_id = await campaign(web, 1, instruction="Say hello")
    await web.db.execute("UPDATE outreach SET address = $1", ANA)
    await web.app.dispatcher.send_batch(web.domain.domain_id, campaign_id, 10)
    writing = web.app.worker.outreach.writing
    [(row, token)] = await writing.claim(8)
    task = await writing.begin(row, token)
    assert task is not None
    await web.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)"
        " SELECT domain_id, channel_id, contact_id, 'STOP' FROM conversations"
    )
    assert not await writing.send(task, "Hello")
    assert await statuses(web) == {"skipped": 1}
    assert [row["sender"] for row in await web.messages(ANA)] == ["user"]
