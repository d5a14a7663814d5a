"""Use cases of the delivery lane, apart from the service because only `deliver` needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from frontdesk.billing import ledger
from frontdesk.billing.model import message_key, plain
from frontdesk.contacts import service as contacts
from frontdesk.conversations._store import deliveries, letters, payments
from frontdesk.conversations._store.deliveries import Found
from frontdesk.conversations.model import Delivery, Fare, Lane
from frontdesk.conversations.paying import NO_CREDIT, fare_of
from frontdesk.db.batching import Batcher
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.ports import ChannelKind, Sent

RECENT = 200
"""How many of a conversation's carrier ids are excluded when the carrier is asked for one."""


@dataclass(frozen=True)
class DeliveryService:
    """What lanes ask at the same time goes to the database together."""

    db: Database
    _claim: Batcher[tuple[UUID, UUID, int], Found] = field(init=False, repr=False, compare=False)
    _next: Batcher[Lane, Found] = field(init=False, repr=False, compare=False)
    _sending: Batcher[tuple[Lane, Delivery, str | None], bool] = field(
        init=False, repr=False, compare=False
    )
    _sent: Batcher[tuple[Lane, Delivery, Sent], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_claim", Batcher(self.claim_all))
        object.__setattr__(self, "_next", Batcher(self.next_messages))
        object.__setattr__(self, "_sending", Batcher(self.sending_all))
        object.__setattr__(self, "_sent", Batcher(self.sent_all))

    async def claim(
        self, domain_id: UUID, conversation_id: UUID, job: int
    ) -> tuple[Lane, Delivery | None] | None:
        """Takes the lane, with its next message; None when it is not this job's to take."""
        return await self._claim((domain_id, conversation_id, job))

    async def next_message(self, lane: Lane) -> tuple[Lane, Delivery | None] | None:
        """The next message to hand over; None when the lane was taken from us."""
        return await self._next(lane)

    async def release(self, lane: Lane) -> bool:
        async with self.db.autocommit() as connection:
            return await deliveries.release(connection, lane)

    async def sending(
        self, lane: Lane, delivery: Delivery, channel: ChannelKind
    ) -> bool | tuple[str, str]:
        """Commits, durably, that the carrier is about to be called, paid for where the domain pays.

        False when it is not queued any more, or the lane was taken; when the domain lacks credit,
        why the message is refused.
        """
        if not delivery.billed or delivery.is_opt_out_notice:
            return bool(await self._sending((lane, delivery, None)))
        fare = fare_of(delivery, channel)
        # A campaign has paid when it queued its messages: they go together. An answer never has.
        is_answer = delivery.received_at is not None
        if not is_answer and await self._sending((lane, delivery, fare.key)):
            return True
        return await self._sending_paid(lane, delivery, fare)

    async def _sending_paid(
        self, lane: Lane, delivery: Delivery, fare: Fare
    ) -> bool | tuple[str, str]:
        async with self.db.autocommit() as connection:
            payment = await payments.sending_paid(connection, lane, delivery, fare)
        if payment is None or payment.goes:
            return payment is not None
        return (
            NO_CREDIT,
            f"The balance did not cover the {plain(payment.price)} credits that this message "
            "costs. Top up, then send it again.",
        )

    async def sent(self, lane: Lane, delivery: Delivery, sent: Sent) -> bool:
        """Records that the carrier took it. True when that was the lane's last message."""
        last = bool(await self._sent((lane, delivery, sent)))
        self.tell(delivery)
        return last

    async def claim_all(self, jobs: Sequence[tuple[UUID, UUID, int]]) -> Mapping[int, Found]:
        async with self.db.autocommit() as connection:
            return await deliveries.claim(connection, jobs)

    async def next_messages(self, lanes: Sequence[Lane]) -> Mapping[int, Found]:
        async with self.db.autocommit() as connection:
            return await deliveries.next_message(connection, lanes)

    async def sending_all(
        self, going: Sequence[tuple[Lane, Delivery, str | None]]
    ) -> Mapping[int, bool]:
        async with self.db.autocommit() as connection:
            return await deliveries.sending(connection, going)

    async def sent_all(self, taken: Sequence[tuple[Lane, Delivery, Sent]]) -> Mapping[int, bool]:
        async with self.db.autocommit() as connection:
            return await deliveries.sent(connection, taken)

    def tell(self, delivery: Delivery) -> None:
        """Says that the message has changed. After the commit."""
        self.db.changes.tell(delivery.domain_id, delivery.conversation_id, delivery.message_id)

    async def failed(
        self, connection: Connection, delivery: Delivery, code: str, text: str
    ) -> None:
        """A message that can never be sent: marked, and put where it is seen. What was paid for it
        comes back unless the carrier had it."""
        never_taken = await deliveries.failed(connection, delivery, code, text)
        await letters.write(
            connection,
            delivery.domain_id,
            "deliver",
            f"{code}: {text}",
            channel_id=delivery.channel_id,
            conversation_id=delivery.conversation_id,
            message_id=delivery.message_id,
        )
        if never_taken:
            await self.refund(connection, delivery, f"not sent: {code}")

    async def refund(self, connection: Connection, delivery: Delivery, reason: str) -> None:
        """Gives back what was paid for a message. Last in a transaction: it locks the account."""
        if delivery.billed:
            key = message_key(delivery.message_id, delivery.structured)
            await ledger.refund(connection, delivery.domain_id, key, reason)

    async def opted_out(self, connection: Connection, delivery: Delivery, reason: str) -> None:
        ids = (delivery.domain_id, delivery.channel_id, delivery.contact_id)
        await contacts.opt_out(connection, *ids, reason, "carrier")

    async def unsent(
        self,
        connection: Connection,
        lane: Lane,
        delivery: Delivery,
        code: str | None,
        text: str | None,
    ) -> bool:
        """A message that the carrier certainly did not take: it waits again. True when it was
        canceled instead, because a person took over meanwhile."""
        return await deliveries.unsent(connection, lane, delivery, code, text)

    async def again(self, connection: Connection, lane: Lane, delay: timedelta) -> None:
        await deliveries.again(connection, lane, delay)

    async def carrier_ids(self, lane: Lane) -> set[str]:
        async with self.db.tenant_tx(lane.domain_id) as connection:
            return await deliveries.carrier_ids(
                connection, lane.domain_id, lane.conversation_id, RECENT
            )
