"""Call logs: what was tried on any channel, what came of it and what it cost."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Row
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import NotFound
from frontdesk.outreach._store import call_logs

BATCH = 1_000
LONGEST_QUERY = 100


@dataclass(frozen=True)
class LogFilter:
    channel: str | None = None
    status: str | None = None
    campaign_id: UUID | None = None
    typed: str | None = None
    """A part of a number or a name."""
    since: datetime | None = None
    until: datetime | None = None

    def values(self) -> dict[str, Any]:
        typed = (self.typed or "").strip()[:LONGEST_QUERY]
        escaped = typed.translate(str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"}))
        return {
            "channel": self.channel,
            "status": self.status,
            "campaign_id": self.campaign_id,
            "like": f"%{escaped}%" if escaped else None,
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True)
class CallLogService:
    db: Database

    async def page(
        self,
        domain_id: UUID,
        wanted: LogFilter,
        before: tuple[datetime, UUID] | None,
        most: int,
    ) -> Sequence[Row]:
        """The newest first."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await call_logs.page(connection, domain_id, wanted.values(), before, most)

    async def one(self, domain_id: UUID, call_id: UUID) -> Row:
        async with self.db.tenant_tx(domain_id) as connection:
            found = await call_logs.one(connection, domain_id, call_id)
        if found is None:
            raise NotFound(f"call {call_id} does not exist")
        return found

    async def all(self, domain_id: UUID, wanted: LogFilter) -> AsyncGenerator[Sequence[Row]]:
        """Everything that fits, in batches, each read in a transaction of its own."""
        before: tuple[datetime, UUID] | None = None
        while True:
            rows = await self.page(domain_id, wanted, before, BATCH)
            if rows:
                yield rows
                before = (rows[-1]["created_at"], rows[-1]["call_id"])
            if len(rows) < BATCH:
                return
