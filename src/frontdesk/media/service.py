"""Files of conversations, as people and programs read and delete them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from frontdesk.db import queue
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import Conflict, NotFound, Unavailable
from frontdesk.kernel.ids import new_id
from frontdesk.media._store import deletion, files, places
from frontdesk.media.model import Expected, Media
from frontdesk.media.signing import UrlSigner
from frontdesk.ports import ObjectStore, StoreError

log = structlog.get_logger()

SWEEP = 200
ABANDONED_AFTER = timedelta(hours=1)
STRANDED_AFTER = timedelta(minutes=30)
"""Longer than any pause between two tries."""
PREFIX = "conversation-media/"


async def expect(connection: Connection, expected: Sequence[Expected]) -> None:
    """Notes customers' files inside the transaction that stores their messages."""
    await places.expect(connection, expected)


async def attach(
    connection: Connection, domain_id: UUID, media_ids: Sequence[UUID], message_id: UUID
) -> None:
    """Makes files a message's own, inside the transaction that stores it. Raises Conflict."""
    if await places.attach(connection, domain_id, media_ids, message_id) < len(media_ids):
        raise Conflict("a file was sent in another message, or deleted, meanwhile; try again")


async def listed(
    connection: Connection, domain_id: UUID, media_ids: Sequence[UUID]
) -> Mapping[UUID, Media]:
    return await places.listed(connection, domain_id, media_ids)


async def copied(connection: Connection, media: Media, conversation_id: UUID) -> Media:
    """The same file once more, in no message yet, to be sent in that conversation."""
    media_id = new_id()
    path = f"{PREFIX}copies/{conversation_id}/{media_id}"
    try:
        await places.copy(connection, media, media_id, conversation_id, path)
    except asyncpg.ForeignKeyViolationError:
        raise Conflict(f"media {media.media_id} was deleted meanwhile") from None
    copy = await places.get(connection, media.domain_id, media_id)
    if copy is None:
        raise Conflict(f"media {media.media_id} was deleted meanwhile")
    return copy


async def adopt(
    connection: Connection, domain_id: UUID, files: Mapping[UUID, tuple[UUID, Sequence[UUID]]]
) -> None:
    """Makes files that came in no conversation those of messages: by the message's id, its
    conversation and the files' ids. Inside the transaction that stores the messages."""
    adopted = [
        (media_id, conversation_id, message_id, place)
        for message_id, (conversation_id, media_ids) in files.items()
        for place, media_id in enumerate(media_ids)
    ]
    if adopted:
        await places.adopt(connection, domain_id, adopted)


async def discard(connection: Connection, domain_id: UUID, keys: Sequence[str]) -> None:
    """Notes objects that nothing names: they go with the next sweep."""
    await deletion.discard(connection, domain_id, keys)


async def detach(connection: Connection, domain_id: UUID, message_id: UUID) -> None:
    await places.detach(connection, domain_id, message_id)


async def of_messages(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> dict[UUID, list[Media]]:
    """The attachments of each message, in their order."""
    found: dict[UUID, list[Media]] = {}
    if not message_ids:
        return found
    for media in await places.of_messages(connection, domain_id, message_ids):
        assert media.message_id is not None
        found.setdefault(media.message_id, []).append(media)
    return found


async def unsettled(connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]) -> bool:
    """Whether something of the messages' files is still to be found out."""
    return await places.unsettled(connection, domain_id, message_ids)


async def try_again(connection: Connection, domain_id: UUID, message_id: UUID) -> int:
    """Has the message's files fetched once more that could not be had; how many."""
    media_ids = await places.try_again(connection, domain_id, message_id)
    for media_id in media_ids:
        await queue.enqueue(connection, "media", domain_id, media_id)
    return len(media_ids)


@dataclass(frozen=True)
class MediaService:
    db: Database
    store: ObjectStore
    signer: UrlSigner

    # Reading ----------------------------------------------------------------------------------

    async def find(self, domain_ids: Sequence[UUID] | None, media_id: UUID) -> Media:
        """A file of one of the domains; of any for None. Raises NotFound."""
        async with self.db.pool.acquire() as connection:
            domain_id = await places.owner(connection, domain_ids, media_id)
        if domain_id is None:
            raise NotFound(f"media {media_id} does not exist")
        return await self.get(domain_id, media_id)

    async def find_path(self, domain_ids: Sequence[UUID], path: str) -> Media:
        async with self.db.pool.acquire() as connection:
            found = await places.by_path(connection, domain_ids, path)
        if found is None:
            raise NotFound(f"{path[:200]} does not exist")
        return await self.get(*found)

    async def get(self, domain_id: UUID, media_id: UUID) -> Media:
        async with self.db.tenant_tx(domain_id) as connection:
            media = await places.get(connection, domain_id, media_id)
        if media is None:
            raise NotFound(f"media {media_id} does not exist")
        return media

    async def listed(self, domain_id: UUID, media_ids: Sequence[UUID]) -> Mapping[UUID, Media]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await listed(connection, domain_id, media_ids)

    async def of_messages(
        self, domain_id: UUID, message_ids: Sequence[UUID]
    ) -> Mapping[UUID, Sequence[Media]]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await of_messages(connection, domain_id, message_ids)

    async def gallery(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        before: tuple[datetime, UUID] | None,
        most: int,
    ) -> list[Media]:
        """The conversation's files, the newest first."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await places.gallery(connection, domain_id, conversation_id, before, most)

    async def not_had(self, media: Media, error: str, *, final: bool) -> None:
        """Notes that the carrier did not give the file; `final`: it is not asked again."""
        async with self.db.tenant_tx(media.domain_id) as connection:
            await places.not_had(connection, media.domain_id, media.media_id, error, final=final)
        if media.message_id is not None and media.conversation_id is not None:
            self.db.changes.tell(media.domain_id, media.conversation_id, media.message_id)

    async def again(self, domain_id: UUID, media_id: UUID, delay: timedelta) -> None:
        """Has the file looked after once more, later."""
        async with self.db.tenant_tx(domain_id) as connection:
            await queue.enqueue(connection, "media", domain_id, media_id, delay=delay)

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Raises StoreError on the way."""
        return self.store.read(key, start, end)

    # Deleting ---------------------------------------------------------------------------------

    async def delete(self, domain_id: UUID, media_id: UUID) -> None:
        """Takes the file out of its conversation, and its bytes from the store."""
        media = await self.get(domain_id, media_id)
        if media.state in ("deleted", "uploading"):
            raise NotFound(f"media {media_id} does not exist")
        changed: list[tuple[UUID, UUID]] = []
        async with self.db.tenant_tx(domain_id) as connection:
            if media.checksum is not None:
                await files.lock(connection, domain_id, [media.checksum])
                changed = await files.touch_messages(connection, domain_id, [media.checksum])
            await deletion.delete(connection, domain_id, [media_id])
        for place in changed:
            self.db.changes.tell(domain_id, *place)
        try:
            await self.sweep(domain_id)
        except StoreError as error:
            # What the store could not delete now is deleted by the worker's upkeep.
            log.warning("not deleted yet", error=error.text)

    async def delete_unused(self, domain_id: UUID, media_id: UUID) -> None:
        """Deletes a file that was fetched for a message and is in none."""
        if (await self.get(domain_id, media_id)).message_id is None:
            await self.delete(domain_id, media_id)

    async def sweep(self, domain_id: UUID) -> int:
        """Deletes from the store what nothing names; how many objects. Raises StoreError."""
        swept = 0
        while True:
            async with self.db.tenant_tx(domain_id) as connection:
                keys = await deletion.garbage(connection, domain_id, SWEEP)
            if not keys:
                return swept
            await self.store.delete(keys)
            async with self.db.tenant_tx(domain_id) as connection:
                await deletion.removed(connection, domain_id, keys)
            swept += len(keys)

    # Upkeep -----------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """Mends what crashes left: lost jobs, uploads that nobody ends, undeleted objects."""
        async with self.db.system_tx() as connection:
            for domain_id, media_id in await places.stranded(connection, STRANDED_AFTER, SWEEP):
                await queue.enqueue(connection, "media", domain_id, media_id)
            for domain_id, _, path in await deletion.abandoned(connection, ABANDONED_AFTER):
                await deletion.discard(connection, domain_id, [path])
            domain_ids = await deletion.domains_with_garbage(connection)
        try:
            await self.store.sweep()
            for domain_id in domain_ids:
                await self.sweep(domain_id)
        except StoreError as error:
            log.warning("the store of files does not delete", error=error.text)


def unavailable(error: StoreError) -> Unavailable:
    """What a caller is told while the store is away."""
    return Unavailable(f"the store of files is away: {error.text}", retry_after=5)
