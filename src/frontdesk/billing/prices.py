"""Use cases of the people who say what things cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from frontdesk.billing._store import prices as rows
from frontdesk.billing.ledger import WHAT
from frontdesk.billing.model import MOST_PRICE, MOST_PRICES, Price, exact
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Unprocessable

UNITS = {"wmsg": "message", "sms": "message", "phone": "minute", "wvoice": "minute"} | {
    "model": "thousand_tokens"
}
"""What each channel is counted in."""


@dataclass(frozen=True)
class PriceService:
    domains: DomainService

    async def all_of(self, domain_id: UUID) -> list[Price]:
        """The domain's own prices; where none of them matches, the defaults hold."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            found = await rows.of_domain(connection, domain_id)
        return [Price(*row.values()) for row in found]

    async def replace(
        self, domain_id: UUID, prices: Sequence[Price], by: Caller | None = None
    ) -> list[Price]:
        """Sets all of them at once. Raises Unprocessable naming the line that cannot be."""
        check(prices)
        async with self.domains.db.tenant_tx(domain_id) as connection:
            await rows.replace(connection, domain_id, prices)
            await self.domains.record(
                connection, domain_id, by, "credits.prices", "", prices=len(prices)
            )
        self.domains.db.changes.tell_settings(domain_id, WHAT)
        return await self.all_of(domain_id)


def check(prices: Sequence[Price]) -> None:
    if len(prices) > MOST_PRICES:
        raise Unprocessable(f"there are {len(prices)} prices; use up to {MOST_PRICES:,}")
    seen: dict[tuple[str | None, ...], int] = {}
    for line, price in enumerate(prices, 1):
        if not 0 <= price.price <= MOST_PRICE or price.price != exact(price.price):
            raise Unprocessable(
                f"line {line}: price is {price.price}; use 0 to {MOST_PRICE:,} with up to 4 "
                "decimals"
            )
        unit = UNITS.get(price.channel or "")
        if unit not in (None, price.unit):
            raise Unprocessable(
                f"line {line}: {price.channel} is counted in {unit}, not in {price.unit}"
            )
        if (known := seen.setdefault(price.place, line)) != line:
            raise Unprocessable(f"line {line} has a price for the same as line {known}; keep one")
