"""What a conversation was begun for, for whoever answers in it."""

from dataclasses import dataclass
from uuid import UUID

from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.outreach._store import outreach
from frontdesk.outreach.model import REMEMBERED


@dataclass(frozen=True)
class ContextService:
    db: Database
    clock: Clock = utc_now

    async def instruction(self, domain_id: UUID, conversation_id: UUID) -> str | None:
        """The instruction of the conversation's newest outreach, while that is remembered."""
        since = self.clock() - REMEMBERED
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            return await outreach.instruction_of(connection, domain_id, conversation_id, since)
