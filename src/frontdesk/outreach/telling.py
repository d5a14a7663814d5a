"""Tells the application of a campaign's progress, once a second at most."""

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

    def tell(self, domain_id: UUID, campaign_id: UUID, *, now: bool = False) -> None:
        """`now`: it changed in a way that must be seen, such as its end."""
        at = time.monotonic()
        if not now and at - self._told.get(campaign_id, -EVERY_SECONDS) < EVERY_SECONDS:
            return
        if len(self._told) >= MOST_KNOWN:
            self._told.clear()
        self._told[campaign_id] = at
        self.changes.tell_settings(domain_id, "campaigns", campaign_id)
