"""Media: a conversation's files, fetched from their carrier, stored, and understood.

A job names one file. The message is shown before its file is here, and answered without it when
the file takes too long; a turn that waits for the file goes on as soon as it is settled.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from frontdesk.channels.service import ChannelService
from frontdesk.conversations.service import ConversationService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import NotFound
from frontdesk.media.model import Media
from frontdesk.media.retention import EVERY
from frontdesk.media.services import MediaServices
from frontdesk.ports import Carrier, FetchError, StoreError
from frontdesk.web import metrics
from frontdesk.web.failures import DATABASE_AWAY, in_words

log = structlog.get_logger()

MOST_TRIES = 8
RECEIVING = 8
"""At once in one worker: each is a connection to a carrier."""
LONGEST_PAUSE = 600.0
STORE_PAUSE = timedelta(seconds=5)
"""The store is ours: it is waited for without counting tries."""


@dataclass
class MediaLane:
    """Looks after the files that jobs name, and after what crashes leave of them."""

    conversations: ConversationService
    channels: ChannelService
    carriers: Mapping[str, Carrier]
    files: MediaServices
    clock: Clock = field(default=utc_now)
    first_pause: float = 2.0
    """Seconds before a carrier is asked again; each further time it is twice as long."""
    store_pause: timedelta = STORE_PAUSE
    _retained: datetime | None = None
    _receiving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RECEIVING))

    async def run(self, domain_id: UUID, media_id: UUID, job: int) -> None:
        """Gets the file if the carrier has it, and looks into it."""
        try:
            media = await self.files.media.get(domain_id, media_id)
            if media.state == "pending":
                await self._receive(media)
                media = await self.files.media.get(domain_id, media_id)
            if media.state == "stored" and media.understood_at is None:
                await self._understand(media)
        except NotFound:
            return
        except StoreError as error:
            log.warning("store of files", error=error.text, media_id=str(media_id))
            if not await self._lost(domain_id, media_id, error):
                await self.files.media.again(domain_id, media_id, self.store_pause)
                return
        except FetchError as error:
            if not await self._given_up(domain_id, media_id, error):
                return
        media = await self.files.media.get(domain_id, media_id)
        if media.conversation_id is not None:
            await self.conversations.files_settled(domain_id, media.conversation_id)

    async def upkeep(self) -> None:
        """Mends what crashes left, and deletes what is too old. Called every minute or so."""
        await self.files.media.tidy()
        now = self.clock()
        if self._retained is None or now - self._retained >= EVERY:
            self._retained = now
            await self.files.retention.run()

    async def _receive(self, media: Media) -> None:
        assert media.source_url is not None
        assert media.conversation_id is not None
        began = time.perf_counter()
        row = await self.conversations.get(media.domain_id, media.conversation_id)
        channel = await self.channels.known(media.domain_id, row["channel_id"])
        carrier = self.carriers[channel.carrier]
        # Files that wait for a recogniser keep none from coming in.
        async with self._receiving, carrier.fetch(media.source_url, channel) as download:
            await self.files.incoming.receive(media, download)
        metrics.stage_seconds.labels("fetch").observe(time.perf_counter() - began)

    async def _understand(self, media: Media) -> None:
        began = time.perf_counter()
        try:
            await self.files.understanding.of(media)
        except (*DATABASE_AWAY, StoreError):
            raise
        except Exception as error:
            # Once more would end likewise, and for ever.
            log.error("not understood", media_id=str(media.media_id), exc_info=error)
            why = f"It could not be looked into: {in_words(error)}."
            await self.files.understanding.give_up(media, why)
        metrics.stage_seconds.labels("understand").observe(time.perf_counter() - began)

    async def _given_up(self, domain_id: UUID, media_id: UUID, error: FetchError) -> bool:
        """Tries again later; at last the file is marked, and put where it is seen."""
        media = await self.files.media.get(domain_id, media_id)
        final = not error.again or media.attempts + 1 >= MOST_TRIES
        log.warning("file not had", media_id=str(media_id), final=final, error=error.text)
        await self.files.media.not_had(media, error.text, final=final)
        if not final:
            pause = error.retry_after or self.first_pause * 2.0**media.attempts
            again = timedelta(seconds=min(LONGEST_PAUSE, pause))
            await self.files.media.again(domain_id, media_id, again)
            return False
        metrics.dead_letters.labels("media").inc()
        await self.conversations.dead_letter(
            domain_id,
            "media",
            f"the file could not be had: {error.text}"[:500],
            conversation_id=media.conversation_id,
            message_id=media.message_id,
            payload={"media_id": str(media_id)},
        )
        return True

    async def _lost(self, domain_id: UUID, media_id: UUID, error: StoreError) -> bool:
        """A file that the store has lost is not waited for."""
        media = await self.files.media.get(domain_id, media_id)
        if not error.missing or media.state != "stored":
            return False
        await self.files.understanding.give_up(media, "the store no longer has this file")
        return True
