"""Credit of a turn: what the customer sent and what a model used are paid for where the domain has
a price for it, and no model is asked for an answer that could not be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from frontdesk.assistants.model import Assistant, Usage
from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import PriceList, short_of
from frontdesk.billing.usage import Tokens, UsageService, about, least_of
from frontdesk.conversations.model import Turn, Waiting
from frontdesk.conversations.paying import charges_of_received, price_of


@dataclass(frozen=True)
class TurnCredit:
    usage: UsageService

    @property
    def ledger(self) -> LedgerService:
        return self.usage.ledger

    async def begin(
        self, turn: Turn, waiting: Sequence[Waiting], assistant: Assistant | None
    ) -> str | None:
        """Pays for what was received, as far as the balance goes; then, why people must answer:
        what is left covers no answer. None: it does.

        Committed before the turn is, so that nothing that was answered is left unpaid; a turn that
        runs again pays nothing more.
        """
        if not turn.billed:
            return None
        async with self.ledger.db.tenant_tx(turn.domain_id, durable=False) as connection:
            prices = await self.ledger.prices_of(connection, turn.domain_id)
            if prices is None:
                return None
            received = charges_of_received(prices, turn, waiting)
            await self.ledger.take(connection, turn.domain_id, received)
            balance = await self.ledger.affordable(connection, turn.domain_id)
        if balance is None or turn.mode != "assistant":
            return None
        needed = _cost(prices, turn)
        if assistant is not None and assistant.is_model:
            needed += least_of(prices, assistant.model)
        if balance >= needed:
            return None
        return f"no credit: {short_of(balance, needed, turn.domain_name)}"

    async def charge_usage(self, turn: Turn, model: str, usage: Usage, trace_id: UUID) -> None:
        """Takes what the model's tokens cost, once for each trace, and never what the answer's
        message costs: they are used up already, and it is to be sent."""
        if turn.billed:
            tokens = Tokens(model, usage.input_tokens, usage.output_tokens)
            what = about(trace_id, conversation_id=turn.conversation_id)
            await self.usage.charge(
                turn.domain_id, tokens, what, keep=lambda prices: _cost(prices, turn)
            )


def _cost(prices: PriceList, turn: Turn) -> Decimal:
    """Of a message of the answer."""
    return price_of(prices, turn.channel_kind, turn.address)
