"""The ledger: its sum is the balance, which is never below zero, and nothing is paid for twice."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from billing.purse import Purse
from frontdesk.billing.model import Charge
from frontdesk.kernel.errors import Conflict, PaymentRequired


async def test_a_hundred_at_once_with_credit_for_thirty_seven(purse: Purse) -> None:
    await purse.top_up(Decimal(37 * 3 + 2))
    done = await asyncio.gather(*(purse.charge(f"message:{n}", Decimal(3)) for n in range(100)))
    assert sum(done) == 37
    assert await purse.balance() == 2
    await purse.check()


async def test_a_repeated_charge_is_paid_once_however_many_ask_at_once(purse: Purse) -> None:
    await purse.top_up(Decimal(3))
    done = await asyncio.gather(*(purse.charge("message:1", Decimal(3)) for _ in range(20)))
    assert all(done), "also the ones that came when the balance was gone: it is paid"
    assert await purse.balance() == 0
    assert len(await purse.entries()) == 2


async def test_charges_are_all_taken_or_none(purse: Purse) -> None:
    await purse.top_up(Decimal(5))
    assert not await purse.charge_all(["a", "b"], Decimal(3))
    assert await purse.balance() == 5
    assert await purse.charge_all(["a", "a"], Decimal(3)), "the same twice is one"
    assert await purse.balance() == 2
    assert await purse.charge("free", Decimal(0))
    assert len(await purse.entries()) == 2, "what costs nothing leaves no line"


async def test_a_charge_that_its_transaction_takes_back_was_never_there(purse: Purse) -> None:
    await purse.top_up(Decimal(5))

    async def undone() -> None:
        async with purse.app.database.tenant_tx(purse.domain_id) as connection:
            charges = [Charge("message:1", Decimal(3))]
            assert await purse.app.ledger.charge(connection, purse.domain_id, charges)
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await undone()
    assert await purse.balance() == 5
    await purse.check()


async def test_a_domain_that_never_topped_up_sends_freely(purse: Purse) -> None:
    app, domain_id = purse.app, purse.domain_id
    assert await purse.charge("message:1", Decimal(3))
    assert await purse.hold("call:1", Decimal(3))
    assert await purse.settle("call:1", Decimal(9)) == 0
    assert await purse.take("model:1", amount=Decimal(3)) == 0
    await purse.refund("message:1")
    async with app.database.tenant_tx(domain_id) as connection:
        assert await app.ledger.prices_of(connection, domain_id) is None
        assert await app.ledger.affordable(connection, domain_id) is None
        await app.ledger.require(connection, domain_id, Decimal(3))
    assert await purse.entries() == []
    assert not (await app.ledger.account(domain_id)).billed


async def test_what_is_required_is_refused_with_what_to_do(purse: Purse) -> None:
    await purse.top_up(Decimal(2))
    async with purse.app.database.tenant_tx(purse.domain_id) as connection:
        await purse.app.ledger.require(connection, purse.domain_id, Decimal(2))
        with pytest.raises(
            PaymentRequired, match=r"2 credits does not cover 3;.*domains/d[0-9a-f]"
        ):
            await purse.app.ledger.require(connection, purse.domain_id, Decimal(3))


async def test_a_hold_that_costs_more_takes_what_is_left_and_says_what_is_missing(
    purse: Purse,
) -> None:
    await purse.top_up(Decimal(12))
    assert await purse.hold("call:1", Decimal(10))
    assert await purse.settle("call:1", Decimal(20)) == 12
    assert await purse.settle("call:1", Decimal(5)) == 12, "it is settled once"
    assert await purse.balance() == 0
    assert (await purse.entries())[-1]["reason"] == "8 more were not covered"


async def test_what_is_known_afterwards_takes_what_is_left(purse: Purse) -> None:
    await purse.top_up(Decimal(2))
    assert await purse.take("model:1", amount=Decimal("2.5")) == 2
    assert (await purse.entries())[-1]["reason"] == "the balance did not cover 0.5 more"
    assert await purse.take("model:2", amount=Decimal(1)) == 0
    await purse.check()


async def test_a_correction_goes_down_to_zero_and_no_further(purse: Purse) -> None:
    with pytest.raises(Conflict):
        await purse.top_up(Decimal(-1))
    assert not (await purse.app.ledger.account(purse.domain_id)).billed
    await purse.top_up(Decimal(500))
    with pytest.raises(Conflict, match="cannot go below 0"):
        await purse.top_up(Decimal(-501))
    assert await purse.top_up(Decimal(-500)) == 0
    assert [row["kind"] for row in await purse.entries()] == ["top_up", "adjustment"]


async def test_first_top_ups_at_once_are_all_there(purse: Purse) -> None:
    await asyncio.gather(*(purse.top_up(Decimal(1)) for _ in range(8)))
    assert await purse.balance() == 8


async def test_a_crossing_of_the_low_balance_is_told_once(
    purse: Purse, make_purse: Callable[[], Awaitable[Purse]]
) -> None:
    ledger = purse.app.ledger
    other = await make_purse()
    await other.top_up(Decimal(1))
    await purse.top_up(Decimal(10))
    await ledger.set_low_balance(purse.domain_id, Decimal(5))
    assert await ledger.tell_low() == 0
    await purse.charge("message:1", Decimal(6))
    assert await asyncio.gather(ledger.tell_low(), ledger.tell_low()) in ([0, 1], [1, 0])
    await purse.charge("message:2", Decimal(3))
    assert await ledger.tell_low() == 0, "it was told"
    await purse.top_up(Decimal(10))
    assert await ledger.tell_low() == 0, "it is over"
    await purse.charge("message:3", Decimal(8))
    assert await ledger.tell_low() == 1, "and crossed again"
