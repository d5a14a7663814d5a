"""A campaign's recipients, one by one: as pages, and as a CSV that streams."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from uuid import UUID

from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import iso
from frontdesk.outreach._store import recipients as rows
from frontdesk.outreach._store import scanning
from frontdesk.outreach._store.recipients import Recipient

BATCH = 2_000
COLUMNS = (
    "line", "phone_number", "name", "email", "channel", "status", "reason", "answered", "sent_at",
    "delivered_at", "read_at", "chat_id", "message_id", "outreach_id",
)  # fmt: skip


@dataclass(frozen=True)
class RecipientService:
    db: Database
    joined: int = scanning.JOINED
    read: int = scanning.READ

    async def page(
        self,
        domain_id: UUID,
        campaign_id: UUID,
        *,
        after: int = 0,
        status: str | None = None,
        q: str | None = None,
        most: int = 50,
    ) -> tuple[list[Recipient], int | None]:
        """Recipients after a line, and the line to go on after; None at the end.

        There may be few of them although more follow: rare ones are looked for in some thousand
        lines at a time.
        """
        filtered = status is not None or bool(q)
        reach = scanning.reach(status, self.joined, self.read) if filtered else most + 1
        async with self.db.tenant_tx(domain_id) as connection:
            found = await rows.page(
                connection,
                domain_id,
                campaign_id,
                after=after,
                status=status,
                q=q,
                most=most + 1,
                reach=reach,
            )
            if len(found) > most:
                return found[:most], found[most - 1].line
            if not filtered:
                return found, None
            return found, await rows.reached(connection, domain_id, campaign_id, after, reach)

    async def all(
        self, domain_id: UUID, campaign_id: UUID, *, status: str | None = None, q: str | None = None
    ) -> AsyncGenerator[list[Sequence[str | None]]]:
        """For a CSV, page by page; each page is a transaction of its own."""
        after: int | None = 0
        while after is not None:
            found, after = await self.page(
                domain_id, campaign_id, after=after, status=status, q=q, most=BATCH
            )
            if found:
                yield [_cells(each) for each in found]


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
