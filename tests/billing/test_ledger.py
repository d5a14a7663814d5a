"""The ledger: its sum is the balance, which is never below zero, and nothing is paid for twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from frontdesk.app.wiring import App
from frontdesk.billing.model import Charge
from frontdesk.kernel.errors import Conflict, NotFound, PaymentRequired
from frontdesk.kernel.ids import new_id

KEYS = [f"message:{number}" for number in range(6)]
HOLDS = [f"call:{number}" for number in range(3)]
AMOUNTS = [Decimal(text) for text in ("0.0001", "0.5", "1", "3", "3.25", "7", "20")]


@dataclass
class Purse:
    """A billed domain, and what is done with its credit; each in a transaction of its own."""

    app: App
    domain_id: UUID

    async def charge(self, key: str, amount: Decimal) -> bool:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.charge(connection, self.domain_id, [Charge(key, amount)])

    async def charge_all(self, keys: list[str], amount: Decimal) -> bool:
        charges = [Charge(key, amount) for key in keys]
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.charge(connection, self.domain_id, charges)

    async def charge_at_most(self, key: str, amount: Decimal) -> Decimal:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            charge = Charge(key, amount)
            return await self.app.ledger.charge_at_most(connection, self.domain_id, charge)

    async def refund(self, key: str) -> None:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            await self.app.ledger.refund(connection, self.domain_id, key, "failed")

    async def hold(self, key: str, amount: Decimal) -> bool:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.hold(connection, self.domain_id, Charge(key, amount))

    async def settle(self, key: str, amount: Decimal) -> Decimal:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await self.app.ledger.settle(connection, self.domain_id, key, amount)

    async def top_up(self, amount: Decimal, key: str | None = None) -> Decimal:
        balance, _ = await self.app.ledger.top_up(self.domain_id, amount, "test", key=key)
        return balance

    async def balance(self) -> Decimal:
        return (await self.app.ledger.account(self.domain_id)).balance

    async def entries(self) -> list[asyncpg.Record]:
        async with self.app.database.tenant_tx(self.domain_id) as connection:
            return await connection.fetch("SELECT * FROM ledger ORDER BY at, entry_id")

    async def check(self) -> None:
        """What holds whatever was done before."""
        entries, balance = await self.entries(), await self.balance()
        running = Decimal(0)
        for entry in entries:
            running += entry["amount"]
            assert running >= 0, "the entries' order is the one in which the balance changed"
        assert running == balance
        by_key = {entry["charge_key"]: entry for entry in entries}
        assert len(by_key) == len(entries)
        for key, entry in by_key.items():
            if entry["kind"] == "refund":
                assert entry["amount"] == -by_key[key.removeprefix("refund:")]["amount"]
            elif entry["kind"] == "settlement":
                held = -by_key[key.removeprefix("settle:")]["amount"]
                assert entry["amount"] <= held, "no more comes back than was held"
            else:
                assert (entry["amount"] > 0) == (entry["kind"] == "top_up")


@pytest.fixture
def make_purse(app: App) -> Callable[[], Awaitable[Purse]]:
    async def make() -> Purse:
        domain = await app.domains.create(f"d{new_id().hex[:20]}", "A domain", None)
        return Purse(app, domain.domain_id)

    return make


@pytest.fixture
async def purse(make_purse: Callable[[], Awaitable[Purse]]) -> Purse:
    return await make_purse()


@dataclass
class Model:
    """The same by arithmetic."""

    balance: Decimal = Decimal(0)
    charged: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    refunded: set[str] = field(default_factory=set[str])
    held: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    settled: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    def charge(self, keys: list[str], amount: Decimal) -> bool:
        new = [key for key in keys if key not in self.charged]
        if self.balance < amount * len(new):
            return False
        self.charged.update(dict.fromkeys(new, amount))
        self.balance -= amount * len(new)
        return True

    def charge_at_most(self, key: str, amount: Decimal) -> Decimal:
        if key in self.charged:
            return Decimal(0)
        self.charged[key] = taken = min(amount, self.balance)
        self.balance -= taken
        return taken

    def refund(self, key: str) -> None:
        if key in self.charged and key not in self.refunded:
            self.refunded.add(key)
            self.balance += self.charged[key]

    def hold(self, key: str, amount: Decimal) -> bool:
        if key not in self.held:
            if self.balance < amount:
                return False
            self.held[key] = amount
            self.balance -= amount
        return True

    def settle(self, key: str, amount: Decimal) -> Decimal | None:
        if key not in self.held:
            return None
        if key not in self.settled:
            self.settled[key] = min(amount, self.held[key] + self.balance)
            self.balance += self.held[key] - self.settled[key]
        return self.settled[key]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_done_comes_to_what_arithmetic_says(purse: Purse, seed: int) -> None:
    dice, model = random.Random(seed), Model()
    await purse.top_up(Decimal(10))
    model.balance = Decimal(10)
    for _ in range(120):
        amount = dice.choice(AMOUNTS)
        match dice.randrange(6):
            case 0:
                keys = dice.choices(KEYS, k=3)
                assert await purse.charge_all(keys, amount) == model.charge(
                    list(dict.fromkeys(keys)), amount
                )
            case 1:
                key = dice.choice(KEYS)
                taken = await purse.charge_at_most(key, amount)
                assert taken == model.charge_at_most(key, amount)
            case 2:
                key = dice.choice(KEYS)
                await purse.refund(key)
                model.refund(key)
            case 3:
                key = dice.choice(HOLDS)
                assert await purse.hold(key, amount) == model.hold(key, amount)
            case 4:
                key = dice.choice(HOLDS)
                wanted = model.settle(key, amount)
                if wanted is None:
                    with pytest.raises(NotFound):
                        await purse.settle(key, amount)
                else:
                    assert await purse.settle(key, amount) == wanted
            case _:
                await purse.top_up(amount)
                model.balance += amount
        assert await purse.balance() == model.balance
    await purse.check()


async def one_step(purse: Purse, dice: random.Random, paid: Counter[str]) -> None:
    amount, key, held = dice.choice(AMOUNTS), dice.choice(KEYS), dice.choice(HOLDS)
    match dice.randrange(7):
        case 0 | 1:
            if await purse.charge(key, amount):
                paid[key] += 1
        case 2:
            keys = dice.sample(KEYS, 3)
            if await purse.charge_all(keys, amount):
                paid.update(keys)
        case 3:
            await purse.refund(key)
        case 4:
            await purse.hold(held, amount)
        case 5:
            try:
                await purse.settle(held, amount)
            except NotFound:
                return
        case _:
            await purse.top_up(amount, dice.choice([None, f"again-{amount}"]))


@pytest.mark.parametrize("seed", range(8))
async def test_under_any_interleaving_nothing_is_paid_twice_or_from_nothing(
    purse: Purse, seed: int
) -> None:
    dice, paid = random.Random(seed), Counter[str]()
    await purse.top_up(Decimal(12))

    async def somebody(mine: random.Random) -> None:
        for _ in range(15):
            await one_step(purse, mine, paid)

    await asyncio.gather(*(somebody(random.Random(dice.random())) for _ in range(10)))
    await purse.check()
    charges = {row["charge_key"] for row in await purse.entries() if row["kind"] == "charge"}
    assert charges == set(paid), "who was told that it is paid has an entry, and nobody else"


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
    assert await purse.charge_at_most("model:1", Decimal(3)) == 0
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
    assert await purse.charge_at_most("model:1", Decimal("2.5")) == 2
    assert (await purse.entries())[-1]["reason"] == "the balance did not cover 0.5 more"
    assert await purse.charge_at_most("model:2", Decimal(1)) == 0
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
