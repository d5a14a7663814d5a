"""A campaign's recipients, one by one: as pages, and as a CSV that streams."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from uuid import UUID

from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import iso
from frontdesk.outreach._store import recipients as rows
from frontdesk.outreach._store.recipients import Recipient

BATCH = 2_000
COLUMNS = (
    "line", "phone_number", "name", "email", "channel", "status", "reason", "answered", "sent_at",
    "delivered_at", "read_at", "chat_id", "message_id", "outreach_id",
)  # fmt: skip


@dataclass(frozen=True)
class RecipientService:
    db: Database

    async def page(
        self,
        domain_id: UUID,
        campaign_id: UUID,
        *,
        after: int = 0,
        status: str | None = None,
        q: str | None = None,
        most: int = 50,
    ) -> list[Recipient]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await rows.page(
                connection, domain_id, campaign_id, after=after, status=status, q=q, most=most
            )

    async def all(
        self, domain_id: UUID, campaign_id: UUID, *, status: str | None = None, q: str | None = None
    ) -> AsyncGenerator[list[Sequence[str | None]]]:
        """For a CSV, page by page; each page is a transaction of its own."""
        after, more = 0, True
        while more:
            found = await self.page(
                domain_id, campaign_id, after=after, status=status, q=q, most=BATCH
            )
            more = len(found) == BATCH
            if found:
                yield [_cells(each) for each in found]
                after = found[-1].line


def _cells(row: Recipient) -> Sequence[str | None]:
    return (
        str(row.line),
        row.phone_number,
        row.name,
        row.email,
        row.channel,
        row.status,
        row.reason,
        "yes" if row.answered else "no",
        iso(row.sent_at),
        iso(row.delivered_at),
        iso(row.read_at),
        row.conversation_id and str(row.conversation_id),
        row.message_id and str(row.message_id),
        str(row.outreach_id),
    )
