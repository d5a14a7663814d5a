"""Retention: files and texts older than a domain keeps them are deleted, and the deletion told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

from frontdesk.db.pool import Connection, Row
from frontdesk.db.tenancy import Database
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.media_settings import read_media_settings
from frontdesk.media._store import deletion, files, places
from frontdesk.media.service import MediaService
from frontdesk.ports import StoreError

log = structlog.get_logger()

BATCH = 500
EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Gone:
    """An object of the store that nothing names any more."""

    key: str
    size: int


class Kept(Protocol):
    """Files that are no attachments, and are kept as long."""

    async def expire(
        self, connection: Connection, domain_id: UUID, before: datetime, most: int
    ) -> list[Gone]:
        """Takes up to `most` that are older off what names them, in the caller's transaction."""
        ...


@dataclass(frozen=True)
class Retention:
    db: Database
    domains: DomainService
    media: MediaService
    others: Sequence[Kept] = ()
    clock: Clock = utc_now

    async def run(self) -> None:
        """Deletes in every domain what it does not keep any longer."""
        for domain in await self.domains.all():
            try:
                kept = read_media_settings(domain.settings.get("media"))
            except Unprocessable as error:
                log.error("retention", domain=domain.name, error=error.detail)
                continue
            media_before = self._before(kept.keep_media_days)
            texts_before = self._before(kept.keep_transcripts_days)
            if media_before or texts_before:
                await self._apply(domain.domain_id, media_before, texts_before)

    async def reports(self, domain_id: UUID, most: int) -> list[Row]:
        """What was deleted, the latest first."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await deletion.reports(connection, domain_id, most)

    def _before(self, days: int | None) -> datetime | None:
        return None if days is None else self.clock() - timedelta(days=days)

    async def _apply(
        self, domain_id: UUID, media_before: datetime | None, texts_before: datetime | None
    ) -> None:
        while True:
            async with self.db.tenant_tx(domain_id) as connection:
                expired = (
                    await deletion.expired(connection, domain_id, media_before, BATCH)
                    if media_before
                    else []
                )
                changed = await self._touch(connection, domain_id, expired)
                size = await deletion.delete(connection, domain_id, expired)
                others = await self._others(connection, domain_id, media_before)
                size += sum(each.size for each in others)
                number = len(expired) + len(others)
                texts = (
                    await deletion.drop_texts(connection, domain_id, texts_before)
                    if texts_before
                    else 0
                )
                if number or texts:
                    # In the same transaction: what is gone is in the account.
                    await deletion.report(
                        connection,
                        domain_id,
                        media_before,
                        texts_before,
                        number,
                        size,
                        texts,
                    )
            for conversation_id in dict.fromkeys(changed):
                # Not its messages: they are many, and old.
                self.db.changes.tell(domain_id, conversation_id)
            if number or texts:
                log.info("retention", files=number, bytes=size, texts=texts)
            if max(len(expired), len(others)) < BATCH:
                break
        try:
            await self.media.sweep(domain_id)
        except StoreError as error:
            log.warning("the store of files does not delete", error=error.text)

    async def _others(
        self, connection: Connection, domain_id: UUID, before: datetime | None
    ) -> list[Gone]:
        """Up to a batch of each kind."""
        gone: list[Gone] = []
        if before is not None:
            for kept in self.others:
                gone += await kept.expire(connection, domain_id, before, BATCH)
        if gone:
            await deletion.discard(connection, domain_id, [each.key for each in gone])
        return gone

    async def _touch(
        self, connection: Connection, domain_id: UUID, media_ids: Sequence[UUID]
    ) -> list[UUID]:
        """The files' messages have changed for whoever looks at them; their conversations."""
        found = await places.listed(connection, domain_id, media_ids) if media_ids else {}
        checksums = sorted({each.checksum for each in found.values() if each.checksum})
        await files.lock(connection, domain_id, checksums)
        touched = await files.touch_messages(connection, domain_id, checksums)
        return [conversation_id for conversation_id, _ in touched]
