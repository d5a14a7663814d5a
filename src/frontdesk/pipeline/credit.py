"""Credit of a turn: no model is asked for an answer that could not be sent, and what a model used
is paid for where the domain has a price for it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from frontdesk.assistants.model import Usage
from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import Charge, exact, short_of
from frontdesk.conversations.model import Turn
from frontdesk.conversations.paying import price_of


@dataclass(frozen=True)
class TurnCredit:
    ledger: LedgerService

    async def lacking(self, turn: Turn) -> str | None:
        """Why people must answer: the balance does not cover one message. None: it does."""
        if not turn.billed:
            return None
        async with self.ledger.db.tenant_tx(turn.domain_id, durable=False) as connection:
            prices = await self.ledger.prices_of(connection, turn.domain_id)
            balance = await self.ledger.affordable(connection, turn.domain_id)
        if prices is None or balance is None:
            return None
        needed = price_of(prices, turn.channel_kind, turn.address)
        if balance >= needed:
            return None
        return f"no credit: {short_of(balance, needed, turn.domain_name)}"

    async def charge_usage(
        self, domain_id: UUID, conversation_id: UUID, model: str, usage: Usage, trace_id: UUID
    ) -> None:
        """Takes what the model's tokens cost, once for each trace, and never more than is left:
        they are used up already."""
        tokens = usage.input_tokens + usage.output_tokens
        if not tokens:
            return
        async with self.ledger.db.tenant_tx(domain_id, durable=False) as connection:
            prices = await self.ledger.prices_of(connection, domain_id)
            if prices is None:
                return
            quantity = Decimal(tokens) / 1000
            price = prices.price("model", category=model, unit="thousand_tokens")
            charge = Charge(
                f"model:{trace_id}",
                exact(price * quantity),
                channel="model",
                direction="out",
                category=model,
                conversation_id=conversation_id,
                reason=f"{tokens} tokens",
                quantity=exact(quantity),
            )
            if charge.amount:
                await self.ledger.charge_at_most(connection, domain_id, charge)
