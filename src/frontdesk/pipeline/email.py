"""The lane of mailboxes: reads those that are due, a few at once, beside all other work."""

import asyncio
from dataclasses import dataclass, field

import structlog

from frontdesk.outreach.email.pulling import Puller
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

AT_ONCE = 2
LOOK_EVERY = 1.0


@dataclass
class EmailLane:
    """`run` until it is cancelled; what is being read then goes on with another worker."""

    puller: Puller
    _pulls: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def run(self) -> None:
        try:
            while True:
                try:
                    await self.start()
                except DATABASE_AWAY:
                    return
                except Exception as error:
                    log.error("mailboxes that are due were not found", exc_info=error)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self.close()

    async def start(self) -> None:
        """Begins to read mailboxes that are due, as long as there is room."""
        while len(self._pulls) < AT_ONCE:
            config = await self.puller.claim()
            if config is None:
                return
            task = asyncio.create_task(self.puller.pull(config))
            self._pulls.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._pulls.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its claim runs out by itself; then the mailbox is read again.
            log.error("reading a mailbox failed", exc_info=error)

    async def close(self) -> None:
        pulls = list(self._pulls)
        for task in pulls:
            task.cancel()
        await asyncio.gather(*pulls, return_exceptions=True)
