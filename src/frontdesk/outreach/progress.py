"""Campaigns that go on by themselves: delivered, read and answered, also long after their end.

What takes in statuses and messages only notes their conversations. Once a second they are looked up
together, whatever their number: which campaigns wrote to them.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from frontdesk.db.tenancy import Database
from frontdesk.outreach._store import campaigns
from frontdesk.outreach.model import REMEMBERED
from frontdesk.outreach.telling import EVERY_SECONDS, Telling
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

MOST_NOTED = 20_000
"""Conversations of one look. Among so many are some of each campaign that is worth telling of."""


@dataclass
class Progress:
    db: Database
    telling: Telling
    every: float = EVERY_SECONDS
    remembered: timedelta = REMEMBERED
    _noted: dict[tuple[UUID, UUID], None] = field(
        default_factory=dict[tuple[UUID, UUID], None], init=False
    )
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    def note(self, domain_id: UUID, conversation_id: UUID) -> None:
        """The conversation changed. Waits for nothing."""
        if len(self._noted) < MOST_NOTED:
            self._noted[domain_id, conversation_id] = None
        if self._task is None or self._task.done():
            # Without a running loop it waits for the next change in one.
            with suppress(RuntimeError):
                loop = asyncio.get_running_loop()
                self._task = loop.create_task(self._run())

    async def close(self) -> None:
        """Before the pool is closed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        """For as long as something changes."""
        while self._noted:
            await asyncio.sleep(self.every)
            noted, self._noted = self._noted, {}
            try:
                await self._look(list(noted))
            except DATABASE_AWAY:
                self._noted = noted | self._noted
            except Exception as error:
                log.error("campaigns were not told of", exc_info=error)

    async def _look(self, noted: list[tuple[UUID, UUID]]) -> None:
        async with self.db.system_tx(durable=False) as connection:
            found = await campaigns.of_conversations(connection, noted, self.remembered)
        for domain_id, campaign_id in found:
            self.telling.tell(domain_id, campaign_id)
