"""Call logs: what was tried on any channel, what came of it and what it cost."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import NotFound
from frontdesk.outreach._store import call_logs, scanning
from frontdesk.outreach._store.call_logs import Position

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
        return {
            "channel": self.channel,
            "status": self.status,
            "campaign_id": self.campaign_id,
            "typed": (self.typed or "").strip()[:LONGEST_QUERY],
            "since": self.since,
            "until": self.until,
        }

    @property
    def narrows(self) -> bool:
        """Whether rows of the time asked for are left out."""
        return any((self.channel, self.status, self.campaign_id, (self.typed or "").strip()))


@dataclass(frozen=True)
class CallLogService:
    db: Database
    joined: int = scanning.JOINED
    read: int = scanning.READ

    async def page(
        self, domain_id: UUID, wanted: LogFilter, before: Position | None, most: int
    ) -> tuple[Sequence[Row], Position | None]:
        """The newest first, and what to go on before; None at the end.

        There may be few of them although more follow: rare ones are looked for in some thousand
        rows at a time.
        """
        reach = scanning.reach(wanted.status, self.joined, self.read)
        reach = reach if wanted.narrows else most + 1
        async with self.db.tenant_tx(domain_id) as connection:
            values = await self._within(connection, domain_id, wanted)
            rows = await call_logs.page(connection, domain_id, values, before, most + 1, reach)
            if len(rows) > most:
                last = rows[most - 1]
                return rows[:most], (last["created_at"], last["call_id"])
            if not wanted.narrows:
                return rows, None
            return rows, await call_logs.reached(connection, domain_id, values, before, reach)

    async def _within(
        self, connection: Connection, domain_id: UUID, wanted: LogFilter
    ) -> dict[str, Any]:
        """The filters; a campaign's rows came in within some time, the only one to look at."""
        values = wanted.values()
        if wanted.campaign_id is None:
            return values
        span = await call_logs.span(connection, domain_id, wanted.campaign_id)
        if span is None:
            return values | {"until": datetime.min.replace(tzinfo=UTC)}
        since, until = span[0], span[1] + timedelta(microseconds=1)
        return values | {
            "since": max(filter(None, (since, wanted.since))),
            "until": min(filter(None, (until, wanted.until))),
        }

    async def one(self, domain_id: UUID, call_id: UUID) -> Row:
        async with self.db.tenant_tx(domain_id) as connection:
            found = await call_logs.one(connection, domain_id, call_id)
        if found is None:
            raise NotFound(f"call {call_id} does not exist")
        return found

    async def all(self, domain_id: UUID, wanted: LogFilter) -> AsyncGenerator[Sequence[Row]]:
        """Everything that fits, in batches, each read in a transaction of its own."""
        before, more = None, True
        while more:
            rows, before = await self.page(domain_id, wanted, before, BATCH)
            if rows:
                yield rows
            more = before is not None
