"""Who changed what: the log that services write, for people to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.db.tenancy import Database
from frontdesk.domains._store import audit as rows


@dataclass(frozen=True)
class Entry:
    """Name and e-mail are today's, or those that the person had when they went."""

    entry_id: UUID
    at: datetime
    person_id: UUID | None
    name: str
    email: str
    action: str
    target: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class AuditLog:
    db: Database

    async def entries(
        self, domain_id: UUID, before: UUID | None, limit: int
    ) -> tuple[Sequence[Entry], bool]:
        """The newest entries before one, and whether there are older ones."""
        async with self.db.tenant_tx(domain_id) as connection:
            found = await rows.entries(connection, domain_id, before, limit + 1)
        return [Entry(*row.values()) for row in found[:limit]], len(found) > limit
