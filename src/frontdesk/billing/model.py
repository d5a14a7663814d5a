"""What things cost, and what a domain has paid: values without I/O.

Amounts are credits, exact to four decimals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, get_args
from uuid import UUID

PriceChannel = Literal["wmsg", "wvoice", "sms", "phone", "model"]
PRICE_CHANNELS: tuple[PriceChannel, ...] = get_args(PriceChannel)
Direction = Literal["in", "out"]
Unit = Literal["message", "minute", "thousand_tokens"]
EntryKind = Literal["top_up", "adjustment", "hold", "settlement", "charge", "refund"]
PAID_IN: tuple[EntryKind, ...] = ("top_up", "adjustment")
"""What comes from outside; the other kinds are what was spent, and what came back of it."""

SMALLEST: Final = Decimal("0.0001")
MOST_CREDITS: Final = Decimal(1_000_000_000)
"""Of one top-up, and of a price's thousandth: far above what is sold, far below what overflows."""
MOST_PRICE: Final = Decimal(1_000_000)
MOST_PRICES = 2_000
NOTHING: Final = Decimal(0)
RESENT = "resent"
"""In a message's `structured`: how often it was put back into its lane after it had failed."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs where everything that is set matches; None matches everything."""

    price: Decimal
    unit: Unit = "message"
    channel: PriceChannel | None = None
    direction: Direction | None = None
    call_type: str | None = None
    category: str | None = None
    country: str | None = None

    @property
    def place(self) -> tuple[str | None, ...]:
        """What it is for: a domain has one price for each."""
        return (
            self.channel,
            self.direction,
            self.call_type,
            self.category,
            self.country,
            self.unit,
        )


WEIGHTS: Mapping[str, int] = {
    "country": 32 + 16,
    "category": 32 + 8,
    "call_type": 32 + 4,
    "channel": 32 + 2,
    "direction": 32 + 1,
}
"""A price's rank is the sum over its columns that are set: the most columns win, and among as many
the ones that say more. No two prices that match have the same rank, because those would have the
same columns set, to the same values. SQL that looks a price up orders by the same numbers."""

DEFAULTS: tuple[Price, ...] = (
    Price(Decimal(3), "message", "wmsg", "out"),
    Price(Decimal(3), "message", "sms", "out"),
    Price(Decimal(10), "minute", "phone"),
    Price(Decimal(10), "minute", "wvoice"),
)
"""What a billed domain pays where no price of its own matches; everything else costs nothing."""


def rank(price: Price) -> int:
    return sum(weight for name, weight in WEIGHTS.items() if getattr(price, name) is not None)


@dataclass(frozen=True)
class PriceList:
    """A billed domain's own prices, over the ones that hold where it has none."""

    prices: Sequence[Price] = ()

    def price(
        self,
        channel: str,
        direction: Direction = "out",
        call_type: str | None = None,
        category: str | None = None,
        country: str | None = None,
        unit: Unit = "message",
    ) -> Decimal:
        """Of one unit. A message that is received costs what a price for `in` says, and nothing
        where only prices for any direction match: customers write when they like."""
        asked = {
            "channel": channel,
            "direction": direction,
            "call_type": call_type,
            "category": category,
            "country": country,
        }

        received = direction == "in" and unit == "message"

        def best(prices: Sequence[Price]) -> Price | None:
            matching = (
                price
                for price in prices
                if price.unit == unit
                and not (received and price.direction is None)
                and all(getattr(price, name) in (None, value) for name, value in asked.items())
            )
            return max(matching, key=rank, default=None)

        found = best(self.prices) or best(DEFAULTS)
        return found.price if found else NOTHING

    @property
    def has_received(self) -> bool:
        """Whether messages that customers send may cost something."""
        return any(
            each.direction == "in" and each.unit == "message" and each.price for each in self.prices
        )


@dataclass(frozen=True, slots=True)
class Charge:
    """Something that costs credits. The key is what it is for: nothing is paid for twice."""

    key: str
    amount: Decimal
    channel: str | None = None
    direction: Direction | None = None
    call_type: str | None = None
    category: str | None = None
    country: str | None = None
    message_id: UUID | None = None
    conversation_id: UUID | None = None
    outreach_id: UUID | None = None
    campaign_id: UUID | None = None
    reason: str = ""
    quantity: Decimal = field(default=Decimal(1))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. What comes in is positive."""

    entry_id: UUID
    charge_key: str
    kind: EntryKind
    amount: Decimal
    channel: str | None
    direction: str | None
    call_type: str | None
    category: str | None
    country: str | None
    quantity: Decimal
    message_id: UUID | None
    conversation_id: UUID | None
    outreach_id: UUID | None
    campaign_id: UUID | None
    person_id: UUID | None
    reason: str
    at: datetime
    balance_after: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What a domain has left. A domain that never topped up is not billed: it sends freely."""

    balance: Decimal = NOTHING
    low_balance: Decimal | None = None
    billed: bool = False


@dataclass(frozen=True, slots=True)
class EntryPage:
    account: Account
    entries: Sequence[Entry]
    next: tuple[datetime, UUID, Decimal | None] | None
    """The last entry's place, and the balance before it where that is known."""


@dataclass(frozen=True, slots=True)
class Total:
    """What a month came to for one kind of thing on one day."""

    day: date
    channel: str | None
    direction: str | None
    category: str | None
    country: str | None
    call_type: str | None
    quantity: Decimal
    messages: int
    amount: Decimal
    """Spent, less what came back."""


@dataclass(frozen=True, slots=True)
class MonthReport:
    month: str
    timezone: str
    totals: Sequence[Total]
    top_ups: Decimal
    spent: Decimal
    messages: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    spent: Decimal
    topped_up: Decimal
    balance: Decimal
    """At the day's end."""


@dataclass(frozen=True, slots=True)
class DailyReport:
    timezone: str
    days: Sequence[Day]


def message_key(message_id: UUID, structured: Mapping[str, Any] | None = None) -> str:
    """What a message is charged under: each time it is sent anew after it had failed, another."""
    resent = int((structured or {}).get(RESENT) or 0)
    return f"message:{message_id}" + (f":{resent + 1}" if resent else "")


def inbound_key(message_id: UUID) -> str:
    """What a message that a customer sent is charged under."""
    return f"inbound:{message_id}"


def exact(amount: Decimal) -> Decimal:
    """To the ledger's four decimals, half upwards."""
    return amount.quantize(SMALLEST, rounding=ROUND_HALF_UP)


def plain(amount: Decimal) -> str:
    """For people: without zeros that say nothing."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_of(balance: Decimal, needed: Decimal, domain: str = "{name}") -> str:
    """Why something is refused for want of credit, and what to do."""
    return (
        f"the balance of {plain(balance)} credits does not cover {plain(needed)}; "
        f"top up with POST /api/v1/domains/{domain}/credits"
    )
