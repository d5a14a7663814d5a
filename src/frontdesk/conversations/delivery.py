"""Use cases of the delivery lane, apart from the service because only `deliver` needs them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from frontdesk.contacts import service as contacts
from frontdesk.conversations._store import deliveries, letters
from frontdesk.conversations.model import Delivery
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.ports import Sent, Status

RECENT = 200
"""How many of a conversation's carrier ids are excluded when the carrier is asked for one."""


@dataclass(frozen=True)
class Lane:
    """A conversation's delivery lane that is ours."""

    domain_id: UUID
    conversation_id: UUID
    token: UUID
    attempts: int


@dataclass(frozen=True)
class DeliveryService:
    db: Database

    async def claim(
        self, connection: Connection, domain_id: UUID, conversation_id: UUID, job: int
    ) -> Lane | None:
        """Takes the lane in the caller's transaction; None when it is not this job's to take."""
        claimed = await deliveries.claim(connection, domain_id, conversation_id, job)
        return claimed and Lane(domain_id, conversation_id, *claimed)

    async def next_message(self, connection: Connection, lane: Lane) -> Delivery | None:
        """The next message to hand over; gives the lane back when there is none."""
        ids = (lane.domain_id, lane.conversation_id, lane.token)
        found = await deliveries.next_message(connection, *ids)
        while found is Status.SENT:
            if await deliveries.release(connection, *ids):
                return None
            found = await deliveries.next_message(connection, *ids)
        return found if isinstance(found, Delivery) else None

    async def sending(self, connection: Connection, delivery: Delivery) -> None:
        await deliveries.sending(connection, delivery)

    async def sent(self, connection: Connection, delivery: Delivery, sent: Sent) -> None:
        await deliveries.sent(connection, delivery, sent.carrier_id, sent.status.value)

    async def failed(
        self, connection: Connection, delivery: Delivery, code: str, text: str
    ) -> None:
        """A message that can never be sent: marked, and put where it is seen."""
        await deliveries.failed(connection, delivery, code, text)
        await letters.write(
            connection,
            delivery.domain_id,
            "deliver",
            f"{code}: {text}",
            channel_id=delivery.channel_id,
            conversation_id=delivery.conversation_id,
            message_id=delivery.message_id,
        )

    async def opted_out(self, connection: Connection, delivery: Delivery, reason: str) -> None:
        ids = (delivery.domain_id, delivery.channel_id, delivery.contact_id)
        await contacts.opt_out(connection, *ids, reason)

    async def unsent(
        self, connection: Connection, delivery: Delivery, code: str | None, text: str | None
    ) -> None:
        """A message that the carrier certainly did not take: it waits again."""
        await deliveries.unsent(connection, delivery, code, text)

    async def again(self, connection: Connection, lane: Lane, delay: timedelta) -> None:
        await deliveries.again(connection, lane.domain_id, lane.conversation_id, lane.token, delay)

    async def carrier_ids(self, lane: Lane) -> set[str]:
        async with self.db.tenant_tx(lane.domain_id) as connection:
            return await deliveries.carrier_ids(
                connection, lane.domain_id, lane.conversation_id, RECENT
            )
