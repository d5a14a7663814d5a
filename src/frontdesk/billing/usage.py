"""What models use, where a domain has a price for it: known only afterwards, so it takes what is
left, and no model is asked when that is less than a thousand tokens cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import NOTHING, Charge, Direction, PriceList, exact

PER: Decimal = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an answer took, as the model counted."""

    model: str
    read: int
    written: int

    @property
    def number(self) -> int:
        return self.read + self.written


def price_of_thousand(prices: PriceList, model: str, direction: Direction) -> Decimal:
    """Of tokens that the model reads (`in`) or writes (`out`)."""
    return prices.price("model", direction, category=model, unit="thousand_tokens")


def least_of(prices: PriceList, model: str) -> Decimal:
    """What must be left before the model is asked."""
    return max(price_of_thousand(prices, model, each) for each in ("in", "out"))


def charges_of(prices: PriceList, tokens: Tokens, about: Charge) -> Sequence[Charge]:
    """A line for what was read and one for what was written, each with its own price."""
    counted: tuple[tuple[Direction, int], ...] = (("in", tokens.read), ("out", tokens.written))
    return [
        replace(
            about,
            key=f"{about.key}:{direction}",
            amount=exact(price_of_thousand(prices, tokens.model, direction) * number / PER),
            channel="model",
            direction=direction,
            category=tokens.model,
            quantity=exact(number / PER),
            reason=f"{number} tokens",
        )
        for direction, number in counted
        if number > 0
    ]


@dataclass(frozen=True)
class UsageService:
    ledger: LedgerService

    async def require(self, domain_id: UUID, model: str) -> None:
        """Raises PaymentRequired when nothing could be paid of what the model will use."""
        async with self.ledger.db.tenant_tx(domain_id, durable=False) as connection:
            prices = await self.ledger.prices_of(connection, domain_id)
            if prices is not None:
                await self.ledger.require(connection, domain_id, least_of(prices, model))

    async def charge(
        self,
        domain_id: UUID,
        tokens: Tokens,
        about: Charge,
        keep: Callable[[PriceList], Decimal] | None = None,
    ) -> None:
        """Takes what the tokens cost, once for each key, and never more than is left beside what
        is to be kept."""
        if not tokens.number:
            return
        async with self.ledger.db.tenant_tx(domain_id, durable=False) as connection:
            prices = await self.ledger.prices_of(connection, domain_id)
            if prices is not None:
                charges = charges_of(prices, tokens, about)
                kept = keep(prices) if keep is not None else NOTHING
                await self.ledger.take(connection, domain_id, charges, kept)


def about(
    trace_id: object,
    *,
    conversation_id: UUID | None = None,
    outreach_id: UUID | None = None,
    campaign_id: UUID | None = None,
) -> Charge:
    """What an answer's tokens are charged under: its trace is the same whoever asks again."""
    return Charge(
        f"model:{trace_id}",
        NOTHING,
        conversation_id=conversation_id,
        outreach_id=outreach_id,
        campaign_id=campaign_id,
    )
