"""Use cases of canned replies and of the files that they come with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.inbox._store import canned_replies as rows
from frontdesk.inbox.model import (
    LONGEST_TITLE,
    MOST_CANNED_REPLIES,
    MOST_FILES,
    CannedReply,
    check_content,
    check_name,
    check_shortcut,
)
from frontdesk.inbox.owning import domain_having, unknown
from frontdesk.kernel.errors import Conflict, FrontdeskError, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.media.model import Media
from frontdesk.media.service import MediaService, listed

log = structlog.get_logger()

UNUSED_FOR = timedelta(days=1)
"""A file that was uploaded for a canned reply waits so long for it to be saved."""


@dataclass(frozen=True)
class CannedReplyService:
    domains: DomainService
    media: MediaService

    async def domain_of(self, domain_ids: Sequence[UUID], reply_id: UUID) -> UUID:
        return await domain_having(self.domains.db, domain_ids, "canned reply", reply_id, rows.one)

    async def all_of(self, domain_id: UUID) -> list[CannedReply]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await rows.all_of(connection, domain_id)

    async def files(self, domain_id: UUID, replies: Sequence[CannedReply]) -> Mapping[UUID, Media]:
        media_ids = [media_id for reply in replies for media_id in reply.media_ids]
        return await self.media.listed(domain_id, media_ids) if media_ids else {}

    async def create(
        self,
        domain_id: UUID,
        shortcut: str,
        title: str,
        content: str,
        media_ids: Sequence[UUID],
        by: Caller,
    ) -> CannedReply:
        reply = _checked(CannedReply(new_id(), shortcut, title, content, list(media_ids)))
        try:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                if await rows.count(connection, domain_id) >= MOST_CANNED_REPLIES:
                    raise Conflict(
                        f"the domain has {MOST_CANNED_REPLIES} canned replies already, the most"
                    )
                await _check_files(connection, domain_id, reply.media_ids)
                await rows.insert(connection, domain_id, reply)
                await self._record(connection, domain_id, by, "create", reply)
        except asyncpg.UniqueViolationError:
            raise _taken(reply.shortcut) from None
        await self._saved(domain_id, reply.canned_reply_id)
        return reply

    async def change(
        self,
        domain_id: UUID,
        reply_id: UUID,
        by: Caller,
        *,
        shortcut: str | None = None,
        title: str | None = None,
        content: str | None = None,
        media_ids: Sequence[UUID] | None = None,
    ) -> CannedReply:
        """Changes what is given; the files are the whole list."""
        try:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                known = await rows.one(connection, domain_id, reply_id)
                if known is None:
                    raise unknown("canned reply", reply_id)
                reply = _checked(
                    replace(
                        known,
                        shortcut=known.shortcut if shortcut is None else shortcut,
                        title=known.title if title is None else title,
                        content=known.content if content is None else content,
                        media_ids=known.media_ids if media_ids is None else list(media_ids),
                    )
                )
                if media_ids is not None:
                    await _check_files(connection, domain_id, reply.media_ids)
                await rows.update(connection, domain_id, reply)
                await self._record(connection, domain_id, by, "change", reply)
        except asyncpg.UniqueViolationError:
            raise _taken(shortcut or "") from None
        await self._saved(domain_id, reply_id)
        return reply

    async def delete(self, domain_id: UUID, reply_id: UUID, by: Caller) -> None:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            reply = await rows.one(connection, domain_id, reply_id)
            if reply is None:
                raise unknown("canned reply", reply_id)
            await rows.delete(connection, domain_id, reply_id)
            await self._record(connection, domain_id, by, "delete", reply)
        await self._saved(domain_id, reply_id)

    async def _saved(self, domain_id: UUID, reply_id: UUID) -> None:
        self.domains.db.changes.tell_settings(domain_id, "canned_replies", reply_id)
        async with self.domains.db.tenant_tx(domain_id) as connection:
            unused = await rows.unused_files(connection, domain_id, UNUSED_FOR)
        for media_id in unused:
            try:
                await self.media.delete(domain_id, media_id)
            except FrontdeskError as error:
                log.warning("file not deleted yet", media_id=str(media_id), error=error.detail)

    async def _record(
        self, connection: Connection, domain_id: UUID, by: Caller, what: str, reply: CannedReply
    ) -> None:
        await self.domains.record(connection, domain_id, by, f"canned_reply.{what}", reply.shortcut)


def _checked(reply: CannedReply) -> CannedReply:
    """Raises Unprocessable: the first thing that is wrong."""
    shortcut = check_shortcut(reply.shortcut)
    content = check_content(reply.content)
    media_ids = list(dict.fromkeys(reply.media_ids))
    if len(media_ids) > MOST_FILES:
        raise Unprocessable(f"media_ids has {len(media_ids)} ids; use up to {MOST_FILES}")
    if not content and not media_ids:
        raise Unprocessable("a canned reply has a content or a file; this one has neither")
    return replace(
        reply,
        shortcut=shortcut,
        title=check_name("title", reply.title or shortcut, LONGEST_TITLE),
        content=content,
        media_ids=media_ids,
    )


async def _check_files(connection: Connection, domain_id: UUID, media_ids: Sequence[UUID]) -> None:
    """A conversation's file goes with its conversation, so a canned reply has its own."""
    known = await listed(connection, domain_id, media_ids) if media_ids else {}
    for media_id in media_ids:
        media = known.get(media_id)
        if media is None or media.conversation_id is not None or media.state != "stored":
            raise Unprocessable(
                f"media_ids has {media_id}, which is no file of the library; "
                "upload it with POST /upload/library-media"
            )


def _taken(shortcut: str) -> Conflict:
    return Conflict(f"a canned reply /{shortcut[:40]} exists already; use another shortcut")
