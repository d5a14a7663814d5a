"""A campaign's numbers as they are now, without counting a million rows for everybody who looks.

Each process counts a campaign once for all who ask, and not again before a while that is a multiple
of how long the counting took. Whoever asks meanwhile gets the last numbers.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from frontdesk.db.pool import Row
from frontdesk.db.tenancy import Database
from frontdesk.outreach._store import recipients as rows
from frontdesk.outreach.campaign import Campaign
from frontdesk.outreach.reasons import of_all

LEAST_SECONDS = 0.5
TIMES = 20
"""Counting takes a twentieth of the time at most."""
MOST_KEPT = 2_000
NAMES: tuple[str, ...] = (
    "rows", "waiting", "writing", "sent", "delivered", "read", "answered", "failed", "skipped",
    "canceled",
)  # fmt: skip
FUNNEL: Mapping[str, tuple[str, ...]] = {
    "sent": ("sent",),
    "delivered": ("sent", "delivered"),
    "read": ("sent", "delivered", "read"),
}
"""Who read it also got it: each step counts those beyond it."""


@dataclass(frozen=True, slots=True)
class Reason:
    status: str
    code: str | None
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Numbers:
    counts: Mapping[str, int]
    """rows = waiting + writing + sent + failed + skipped + canceled."""
    cost: Decimal = Decimal(0)


@dataclass(slots=True)
class _Kept:
    numbers: Numbers
    stamp: tuple[object, ...]
    until: float


@dataclass
class Counting:
    db: Database
    _kept: dict[UUID, _Kept] = field(default_factory=dict[UUID, _Kept])
    _under_way: dict[UUID, asyncio.Task[Numbers]] = field(
        default_factory=dict[UUID, asyncio.Task[Numbers]]
    )

    _reasons: dict[UUID, tuple[Numbers, list[Reason]]] = field(
        default_factory=dict[UUID, tuple[Numbers, list[Reason]]]
    )

    async def of(self, campaign: Campaign) -> Numbers:
        known = self._kept.get(campaign.campaign_id)
        stamp = (campaign.status, campaign.lines_read)
        if known is not None and known.stamp == stamp and known.until > time.monotonic():
            return known.numbers
        task = self._under_way.get(campaign.campaign_id)
        if task is None:
            task = asyncio.create_task(self._count(campaign, stamp))
            self._under_way[campaign.campaign_id] = task
            task.add_done_callback(lambda _: self._under_way.pop(campaign.campaign_id, None))
        # Long counts are not waited for by those who have seen earlier ones.
        if known is not None and known.stamp[0] == campaign.status:
            done, _ = await asyncio.wait([task], timeout=LEAST_SECONDS)
            if not done:
                return known.numbers
        return await asyncio.shield(task)

    async def of_all(self, campaigns: Sequence[Campaign]) -> list[Numbers]:
        """One after the other: a page of campaigns takes one connection, not fifty."""
        return [await self.of(each) for each in campaigns]

    async def reasons(self, campaign: Campaign, numbers: Numbers) -> list[Reason]:
        """Why recipients got nothing; counted anew when the numbers are others."""
        known = self._reasons.get(campaign.campaign_id)
        if known is not None and known[0] is numbers:
            return known[1]
        async with self.db.tenant_tx(campaign.domain_id) as connection:
            found = await rows.reasons(connection, campaign.domain_id, campaign.campaign_id)
        reasons = [
            Reason(status, code, of_all(code, text, differ=differ), count)
            for status, code, text, count, differ in (row.values() for row in found)
        ]
        if len(self._reasons) >= MOST_KEPT:
            self._reasons.clear()
        self._reasons[campaign.campaign_id] = (numbers, reasons)
        return reasons

    async def _count(self, campaign: Campaign, stamp: tuple[object, ...]) -> Numbers:
        began = time.monotonic()
        domain_id, campaign_id = campaign.domain_id, campaign.campaign_id
        async with self.db.tenant_tx(domain_id) as connection:
            found = await rows.counts(connection, domain_id, campaign_id)
            cost = await rows.cost(connection, domain_id, campaign_id)
        numbers = Numbers(_funnel(found), cost)
        ended = time.monotonic()
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        until = ended + max(LEAST_SECONDS, (ended - began) * TIMES)
        self._kept[campaign_id] = _Kept(numbers, stamp, until)
        return numbers


def _funnel(found: Sequence[Row]) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(NAMES, 0)
    for row in found:
        effective: str = row["effective"]
        counts["rows"] += row["rows"]
        counts["answered"] += row["answered"]
        for name in FUNNEL.get(effective, (effective,)):
            counts[name] += row["rows"]
    return counts
