"""The ledger as a state machine, on PostgreSQL: one step after another does what arithmetic says;
with many at once it is never below zero, and nothing is paid for twice."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from billing.purse import Purse
from frontdesk.billing.model import Charge
from frontdesk.kernel.errors import Conflict, NotFound

Making = Callable[[], Awaitable[Purse]]
What = Literal[
    "charge", "take", "refund", "hold", "settle", "top_up", "correct", "charge and roll back"
]


@dataclass(frozen=True)
class Step:
    what: What
    keys: tuple[str, ...]
    amount: Decimal
    keep: Decimal = Decimal(0)


# `:2` is a message that is sent anew, after it had failed and was given back.
SENT = [f"message:{number}{again}" for number in range(3) for again in ("", ":2")]
HAPPENED = ["inbound:1", "inbound:2", "model:1:in", "model:1:out"]
CALLS = ["call:1", "call:2"]
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0.0001", "0.5", "1", "3", "3.25", "7")])
NO_KEY = ("",)


def steps(
    what: What, keys: Sequence[str], most: int = 1, keeps: Sequence[int] = (0,)
) -> st.SearchStrategy[Step]:
    some = st.lists(st.sampled_from(keys), min_size=1, max_size=most).map(tuple)
    return st.builds(Step, st.just(what), some, AMOUNTS, st.sampled_from(keeps).map(Decimal))


STEP = st.one_of(
    steps("charge", SENT, 3),
    steps("charge and roll back", SENT, 2),
    steps("take", HAPPENED, 3, keeps=(0, 0, 3)),
    steps("refund", SENT + HAPPENED),
    steps("hold", CALLS),
    steps("settle", CALLS),
    steps("top_up", ["", "invoice 1", "invoice 2"]),
    steps("correct", NO_KEY),
)


class RolledBack(Exception):
    pass


async def do(purse: Purse, step: Step) -> Any:
    """What came of it: what the ledger said, or which error it raised."""
    key, amount = step.keys[0], step.amount
    try:
        match step.what:
            case "charge":
                return await purse.charge_all(list(step.keys), amount)
            case "charge and roll back":
                return await charge_and_roll_back(purse, step)
            case "take":
                return await purse.take(*step.keys, amount=amount, keep=step.keep)
            case "refund":
                return await purse.refund(key)
            case "hold":
                return await purse.hold(key, amount)
            case "settle":
                return await purse.settle(key, amount)
            case "top_up":
                await purse.top_up(amount, key or None)
            case "correct":
                await purse.top_up(-amount)
    except (NotFound, Conflict, RolledBack) as error:
        return type(error)


async def charge_and_roll_back(purse: Purse, step: Step) -> None:
    async with purse.app.database.tenant_tx(purse.domain_id) as connection:
        charges = [Charge(key, step.amount) for key in step.keys]
        await purse.app.ledger.charge(connection, purse.domain_id, charges)
        raise RolledBack


@dataclass
class Model:
    """The same by arithmetic."""

    balance: Decimal = Decimal(0)
    charged: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    refunded: set[str] = field(default_factory=set[str])
    held: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    settled: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    paid_in: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    def do(self, step: Step) -> Any:
        key, amount = step.keys[0], step.amount
        new = [each for each in dict.fromkeys(step.keys) if each not in self.charged]
        match step.what:
            case "charge":
                if self.balance < amount * len(new):
                    return False
                self._charge(dict.fromkeys(new, amount))
                return True
            case "charge and roll back":
                return RolledBack
            case "take":
                taken: dict[str, Decimal] = {}
                for each in new:
                    free = self.balance - step.keep - sum(taken.values())
                    taken[each] = max(min(amount, free), Decimal(0))
                self._charge(taken)
                return sum(taken.values())
            case "refund":
                if key in self.charged and key not in self.refunded:
                    self.refunded.add(key)
                    self.balance += self.charged[key]
                return None
            case "hold":
                return self._hold(key, amount)
            case "settle":
                return self._settle(key, amount)
            case "top_up":
                return self._top_up(key, amount)
            case "correct":
                if amount > self.balance:
                    return Conflict
                self.balance -= amount
                return None

    def _charge(self, amounts: dict[str, Decimal]) -> None:
        self.charged |= amounts
        self.balance -= sum(amounts.values())

    def _hold(self, key: str, amount: Decimal) -> bool:
        if key not in self.held:
            if self.balance < amount:
                return False
            self.held[key] = amount
            self.balance -= amount
        return True

    def _settle(self, key: str, amount: Decimal) -> Any:
        if key not in self.held:
            return NotFound
        if key not in self.settled:
            self.settled[key] = min(amount, self.held[key] + self.balance)
            self.balance += self.held[key] - self.settled[key]
        return self.settled[key]

    def _top_up(self, key: str, amount: Decimal) -> Any:
        if key and key in self.paid_in:
            return None if self.paid_in[key] == amount else Conflict
        self.paid_in[key] = amount
        self.balance += amount
        return None


REAL = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40
)


@pytest.mark.timeout(240)
@REAL
@given(st.lists(STEP, max_size=25))
async def test_whatever_is_done_comes_to_what_arithmetic_says(
    make_purse: Making, done: list[Step]
) -> None:
    purse, model = await make_purse(), Model()
    for step in (Step("top_up", NO_KEY, Decimal(10)), *done):
        expected = model.do(step)
        assert await do(purse, step) == expected, step
        assert await purse.balance() == model.balance, step
    await purse.check()


@pytest.mark.timeout(240)
@REAL
@example([[Step("charge", ("message:1",), Decimal(7))]] * 4)
@example([[Step("take", ("inbound:1",), Decimal(7))], [Step("charge", ("message:1",), Decimal(7))]])
@example([[Step("hold", ("call:1",), Decimal(7)), Step("settle", ("call:1",), Decimal(3))]] * 3)
@given(st.lists(st.lists(STEP, min_size=1, max_size=6), min_size=2, max_size=8))
async def test_under_any_interleaving_nothing_is_paid_twice_or_from_nothing(
    make_purse: Making, everybody: list[list[Step]]
) -> None:
    purse = await make_purse()
    await purse.top_up(Decimal(10))
    told: list[tuple[Step, Any]] = []

    async def somebody(mine: list[Step]) -> None:
        for step in mine:
            told.append((step, await do(purse, step)))

    await asyncio.gather(*(somebody(mine) for mine in everybody))
    await purse.check()
    rows = await purse.entries()
    charges = {row["charge_key"]: row for row in rows if row["kind"] == "charge"}
    sent = {key for key in charges if key in SENT}
    paid = {key for step, gone in told if step.what == "charge" and gone for key in step.keys}
    assert sent == paid, "who was told that it is paid has an entry, and nobody else"
    asked = {key for step, _ in told if step.what == "take" for key in step.keys}
    assert charges.keys() - sent == asked, "what has happened is noted, whatever the balance was"
    took = sum(gone for step, gone in told if step.what == "take")
    assert took == -sum(charges[key]["amount"] for key in asked), "each was taken once"
    held = {row["charge_key"] for row in rows if row["kind"] == "hold"}
    assert held == {step.keys[0] for step, gone in told if step.what == "hold" and gone}
    event(f"{len(rows)} entries")


@pytest.mark.timeout(240)
@REAL
@given(st.lists(st.tuples(AMOUNTS, st.booleans()), min_size=2, max_size=12))
async def test_what_is_taken_at_once_is_less_than_its_price_only_when_nothing_is_left(
    make_purse: Making, wanted: list[tuple[Decimal, bool]]
) -> None:
    purse = await make_purse()
    await purse.top_up(Decimal(10))
    keys = {f"inbound:{number}": amount for number, (amount, _) in enumerate(wanted)}
    asked = [
        asyncio.gather(*(purse.take(key, amount=amount) for _ in range(2 if twice else 1)))
        for (key, amount), (_, twice) in zip(keys.items(), wanted, strict=True)
    ]
    await asyncio.gather(*asked)
    running, entries = Decimal(10), (await purse.entries())[1:]
    assert {entry["charge_key"] for entry in entries} == keys.keys()
    for entry in entries:
        price = keys[entry["charge_key"]]
        assert -entry["amount"] == min(price, running)
        running += entry["amount"]
        assert bool(entry["reason"]) == (-entry["amount"] < price)
    assert running == max(Decimal(10) - sum(keys.values()), 0) == await purse.balance()
