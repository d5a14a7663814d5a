"""What messages cost their domain, and what of it comes back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from frontdesk.billing import ledger
from frontdesk.billing.model import Charge, PriceList, inbound_key, message_key
from frontdesk.conversations._store import payments
from frontdesk.conversations.model import Delivery, Fare, Turn, Waiting
from frontdesk.db.pool import Connection
from frontdesk.kernel.phone import country_of
from frontdesk.ports import ChannelKind

NO_CREDIT = "no_credit"
"""The error code of a message that the balance did not cover."""


def category_of(structured: Mapping[str, Any] | None) -> str | None:
    """Of the template that a message was made from."""
    template = (structured or {}).get("template") or {}
    return template.get("category")


def price_of(
    prices: PriceList,
    channel: ChannelKind,
    address: str,
    structured: Mapping[str, Any] | None = None,
    call_type: str | None = None,
) -> Decimal:
    """Of one message to an address."""
    return prices.price(
        channel,
        call_type=call_type,
        category=category_of(structured),
        country=country_of(address),
    )


def fare_of(delivery: Delivery, channel: ChannelKind) -> Fare:
    return Fare(
        message_key(delivery.message_id, delivery.structured),
        channel,
        category_of(delivery.structured),
        country_of(delivery.address),
        PriceList().price(channel),
    )


def charges_of_received(prices: PriceList, turn: Turn, messages: Sequence[Waiting]) -> list[Charge]:
    """What a customer's messages cost."""
    if not prices.has_received:
        return []
    country = country_of(turn.address)
    price = prices.price(turn.channel_kind, "in", country=country)
    return [
        Charge(
            inbound_key(message.message_id),
            price,
            channel=turn.channel_kind,
            direction="in",
            country=country,
            message_id=message.message_id,
            conversation_id=turn.conversation_id,
        )
        for message in messages
    ]


async def refund_canceled(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> None:
    """Gives back what was paid for those of the messages that were canceled. Before the commit."""
    if message_ids and (keys := await payments.canceled_keys(connection, domain_id, message_ids)):
        await ledger.refund(connection, domain_id, keys, "canceled")
