"""The lane of imports: campaigns' audiences come in beside all other work; and campaigns' times."""

import asyncio
from dataclasses import dataclass

import structlog

from frontdesk.outreach.campaigns import CampaignService
from frontdesk.outreach.imports import ImportService
from frontdesk.outreach.repeats import RepeatService
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

LOOK_EVERY = 0.5
TEND_EVERY = 2
"""Looks between two upkeeps of campaigns and repeats."""


@dataclass
class ImportLane:
    """`run` until it is cancelled; an import in hand then goes on with whoever claims it next.

    One import at a time: a second one would be paid for with the messages of people who wait.
    """

    imports: ImportService
    campaigns: CampaignService
    repeats: RepeatService

    async def run(self) -> None:
        tending = asyncio.create_task(self._tend())
        try:
            while True:
                if not await self._import_one():
                    await asyncio.sleep(LOOK_EVERY)
        finally:
            tending.cancel()
            await asyncio.gather(tending, return_exceptions=True)

    async def _import_one(self) -> bool:
        """False when there is nothing to import, or the database is away."""
        try:
            claim = await self.imports.claim()
            if claim is not None:
                await self.imports.run(claim)
        except DATABASE_AWAY:
            return False
        except Exception as error:
            # Its claim runs out by itself; then it goes on where the last batch ended.
            log.error("an import failed", exc_info=error)
            return False
        return claim is not None

    async def _tend(self) -> None:
        while True:
            try:
                await self.repeats.make_due()
                await self.campaigns.tend()
            except DATABASE_AWAY:
                pass
            except Exception as error:
                log.error("campaigns were not tended", exc_info=error)
            await asyncio.sleep(LOOK_EVERY * TEND_EVERY)
