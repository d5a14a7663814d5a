"""Tells the application of a campaign's progress, once a second at most."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

from frontdesk.db.changes import Changes

EVERY_SECONDS = 1.0
MOST_KNOWN = 10_000


@dataclass
class Telling:
    changes: Changes
    _told: dict[UUID, float] = field(default_factory=dict[UUID, float])
    _pending: set[UUID] = field(default_factory=set[UUID])

    def tell(self, domain_id: UUID, campaign_id: UUID, *, now: bool = False) -> None:
        """`now`: it changed in a way that must be seen, such as its end. What comes too soon is
        told when the second is over: it may be the last for long."""
        rest = self._told.get(campaign_id, -EVERY_SECONDS) + EVERY_SECONDS - time.monotonic()
        if now or rest <= 0:
            self._tell(domain_id, campaign_id)
        elif campaign_id not in self._pending:
            self._pending.add(campaign_id)
            asyncio.get_running_loop().call_later(rest, self._tell, domain_id, campaign_id)

    def _tell(self, domain_id: UUID, campaign_id: UUID) -> None:
        self._pending.discard(campaign_id)
        if len(self._told) >= MOST_KNOWN:
            self._told.clear()
        self._told[campaign_id] = time.monotonic()
        self.changes.tell_settings(domain_id, "campaigns", campaign_id)
