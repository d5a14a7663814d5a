"""An opt-out is of a channel or of all, and every change of one is in the log."""

from uuid import UUID

import pytest

from conversations.conftest import Line
from conversations.factory import report
from frontdesk.contacts import service as contacts
from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.ports import Status

ADA = "+14155550101"


async def known(line: Line, address: str = ADA) -> UUID:
    await line.take_in(address, f"SM{address}")
    found = await line.db.fetchval("SELECT contact_id FROM contacts WHERE address = $1", address)
    assert found is not None
    return found


async def sms(line: Line) -> UUID:
    await line.app.channels.ensure(line.domain_id, "sms", "+15005550006")
    found = await line.db.fetchval("SELECT channel_id FROM channels WHERE kind = 'sms'")
    assert found is not None
    return found


async def stopped(line: Line) -> set[UUID]:
    return {row[0] for row in await line.db.fetch("SELECT channel_id FROM opt_outs")}


async def logged(line: Line) -> list[tuple[str, str, UUID | None, str]]:
    rows = await line.db.fetch(
        "SELECT action, via, channel_id, reason FROM opt_out_log ORDER BY at, action"
    )
    return [tuple(row) for row in rows]


async def test_what_stops_and_resumes_is_logged_with_who_said_so(line: Line) -> None:
    ids = (line.domain_id, line.channel_id, await known(line))
    async with line.app.database.tenant_tx(line.domain_id) as connection:
        assert await contacts.opt_out(connection, *ids, "STOP")
        assert not await contacts.opt_out(connection, *ids, "21610", "carrier")
        assert await contacts.opt_in(connection, *ids, "START")
        assert not await contacts.opt_in(connection, *ids, "START")
    assert await stopped(line) == set()
    assert await logged(line) == [
        ("stopped", "customer", line.channel_id, "STOP"),
        ("resumed", "customer", line.channel_id, "START"),
    ]
    assert await line.db.fetchval("SELECT DISTINCT address FROM opt_out_log") == ADA


async def test_an_opt_out_that_is_undone_with_its_transaction_leaves_no_trace(line: Line) -> None:
    ids = (line.domain_id, line.channel_id, await known(line))

    async def stop_and_fail() -> None:
        async with line.app.database.tenant_tx(line.domain_id) as connection:
            await contacts.opt_out(connection, *ids, "STOP")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stop_and_fail()
    assert (await stopped(line), await logged(line)) == (set(), [])


async def test_who_stopped_everything_and_resumes_one_channel_stays_stopped_on_others(
    line: Line,
) -> None:
    ada, other = await known(line), await sms(line)
    async with line.app.database.tenant_tx(line.domain_id) as connection:
        await contacts.opt_out(connection, line.domain_id, ALL_CHANNELS, ada, "STOP")
        assert await contacts.opt_in(connection, line.domain_id, line.channel_id, ada, "START")
    assert await stopped(line) == {other}
    assert [entry[:3] for entry in await logged(line)] == [
        ("stopped", "customer", None),
        ("resumed", "customer", line.channel_id),
    ]


async def test_a_start_for_all_channels_does_not_undo_a_stop_that_was_said_on_another(
    line: Line,
) -> None:
    ada, other = await known(line), await sms(line)
    here = line.channel_id
    async with line.app.database.tenant_tx(line.domain_id) as connection:
        for channel_id in (other, here, ALL_CHANNELS):
            await contacts.opt_out(connection, line.domain_id, channel_id, ada, "STOP")
        await contacts.opt_in(connection, line.domain_id, ALL_CHANNELS, ada, "START", said_on=here)
    assert await stopped(line) == {other}


async def test_who_stops_everything_stops_it_for_all_of_their_addresses(line: Line) -> None:
    ada, mobile = await known(line), await known(line, "+34600000102")
    await line.db.execute("UPDATE contacts SET merged_into = $1 WHERE contact_id = $2", ada, mobile)
    async with line.app.database.tenant_tx(line.domain_id) as connection:
        await contacts.opt_out(connection, line.domain_id, ALL_CHANNELS, mobile, "STOP")
    rows = await line.db.fetch("SELECT contact_id FROM opt_outs")
    assert {row[0] for row in rows} == {ada, mobile}
    assert len(await logged(line)) == 2
    async with line.app.database.tenant_tx(line.domain_id) as connection:
        await contacts.opt_in(connection, line.domain_id, ALL_CHANNELS, ada)
    assert await stopped(line) == set()


async def test_a_question_is_open_until_the_customer_stops_or_comes_back(line: Line) -> None:
    ids = (line.domain_id, line.channel_id, await known(line))
    async with line.app.database.tenant_tx(line.domain_id) as connection:
        await contacts.opt_out(connection, *ids, "STOP")
        assert await contacts.asked_at(connection, *ids) is None
        await contacts.ask_to_opt_in(connection, *ids, "START")
        assert await contacts.asked_at(connection, *ids) is not None
        await contacts.opt_out(connection, *ids, "STOP")
        assert await contacts.asked_at(connection, *ids) is None, "STOP takes the START back"


async def test_a_status_that_stops_a_contact_is_logged_once(line: Line) -> None:
    await line.outbound("SM7")
    refused = report(
        line.domain_id,
        line.channel_id,
        "SM7",
        Status.FAILED,
        error_code="21610",
        stops_contact=True,
    )
    for _ in range(2):
        await line.app.conversations.record([], [refused])
    assert await logged(line) == [("stopped", "carrier", line.channel_id, "21610")]
