"""Use cases of people who look: lists, counts, threads, as one of them sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from frontdesk.conversations._store import lists, threads
from frontdesk.conversations.filters import Filters
from frontdesk.db.pool import Connection, Row
from frontdesk.db.tenancy import Database
from frontdesk.kernel.errors import NotFound
from frontdesk.media import service as media
from frontdesk.media.model import Media


@dataclass(frozen=True)
class Told:
    """A message with its files."""

    row: Row
    files: Sequence[Media] = ()


@dataclass(frozen=True)
class Anchor:
    """Which part of a thread is meant, by one of these; none is the latest."""

    before: UUID | None = None
    after: UUID | None = None
    around: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Thread:
    """A page of a thread, oldest first; what there is above and below it."""

    messages: list[Told]
    is_more_above: bool
    is_more_below: bool
    first_unread: UUID | None = None


@dataclass(frozen=True)
class _Part:
    """Rows of a thread, oldest first."""

    rows: list[Row] = field(default_factory=list[Row])
    above: bool = False
    below: bool = False


@dataclass(frozen=True)
class ReadingService:
    db: Database

    # Conversations ----------------------------------------------------------------------------

    async def page(
        self,
        domain_id: UUID,
        filters: Filters,
        before: tuple[datetime, UUID] | None = None,
        most: int = 50,
    ) -> tuple[list[asyncpg.Record], asyncpg.Record | None]:
        """Up to `most` conversations, the latest active first, and the row to go on after.

        A page may be short although there are more: what no index holds is looked for in a
        limited number of conversations at a time.
        """
        async with self.db.tenant_tx(domain_id) as connection:
            return await lists.page(connection, domain_id, filters, before, most)

    async def counts(self, domain_id: UUID, viewer: UUID) -> asyncpg.Record:
        async with self.db.tenant_tx(domain_id) as connection:
            return await lists.counts(connection, domain_id, viewer)

    async def conversations(
        self, domain_id: UUID, conversation_ids: Sequence[UUID], viewer: UUID | None = None
    ) -> list[asyncpg.Record]:
        """Those that exist. Without a viewer, as events tell of them: nobody's unread."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await lists.by_id(connection, domain_id, conversation_ids, viewer)

    async def conversation(
        self, domain_id: UUID, conversation_id: UUID, viewer: UUID | None = None
    ) -> asyncpg.Record:
        rows = await self.conversations(domain_id, [conversation_id], viewer)
        if not rows:
            raise NotFound(f"conversation {conversation_id} does not exist")
        return rows[0]

    async def of_contacts(
        self,
        domain_id: UUID,
        contact_ids: Sequence[UUID],
        viewer: UUID | None = None,
        most: int = 50,
    ) -> list[asyncpg.Record]:
        """The contacts' conversations, the latest active first."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await lists.by_contact(connection, domain_id, contact_ids, viewer, most)

    # Messages ---------------------------------------------------------------------------------

    async def messages(self, domain_id: UUID, message_ids: Sequence[UUID]) -> list[Told]:
        """Those that exist, in the order of their threads."""
        async with self.db.tenant_tx(domain_id) as connection:
            rows = await threads.by_id(connection, domain_id, message_ids)
            return await _with_files(connection, domain_id, rows)

    async def message(self, domain_id: UUID, message_id: UUID) -> Told:
        found = await self.messages(domain_id, [message_id])
        if not found:
            raise NotFound(f"message {message_id} does not exist")
        return found[0]

    async def thread(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        viewer: UUID,
        anchor: Anchor,
        most: int = 50,
    ) -> Thread:
        """A page of a thread. Raises NotFound, also for an anchor that is not in it."""
        ids = (domain_id, conversation_id)
        async with self.db.tenant_tx(domain_id) as connection:
            reader = await threads.reader(connection, *ids, viewer)
            if reader is None:
                raise NotFound(f"conversation {conversation_id} does not exist")
            part = await _part(connection, *ids, anchor, most)
            unread = None
            if reader["inbound_seq"] > reader["read_seq"]:
                unread = await threads.first_inbound(connection, *ids, reader["read_seq"])
            told = await _with_files(connection, domain_id, part.rows)
        return Thread(told, part.above, part.below, unread)


async def _part(
    connection: Connection, domain_id: UUID, conversation_id: UUID, anchor: Anchor, most: int
) -> _Part:
    ids = (domain_id, conversation_id)
    if anchor.before is not None:
        seq = await _seq_of(connection, *ids, anchor.before)
        return await _above(connection, *ids, seq, most, below=True)
    if anchor.after is not None:
        seq = await _seq_of(connection, *ids, anchor.after)
        return await _below(connection, *ids, seq, most, above=True)
    middle = None
    if anchor.around is not None:
        middle = await _seq_of(connection, *ids, anchor.around)
    elif anchor.at is not None:
        middle = await threads.seq_at(connection, *ids, anchor.at)
    if middle is None:
        return await _above(connection, *ids, LAST, most)
    above = await _above(connection, *ids, middle, most // 2)
    # The message itself begins what is below.
    below = await _below(connection, *ids, middle - 1, most - len(above.rows))
    return _Part(above.rows + below.rows, above.above, below.below)


LAST = 2**62
"""Above every number."""


async def _above(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    seq: int,
    most: int,
    *,
    below: bool = False,
) -> _Part:
    rows = await threads.before(connection, domain_id, conversation_id, seq, most + 1)
    return _Part(rows[most - 1 :: -1] if most else [], len(rows) > most, below)


async def _below(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    seq: int,
    most: int,
    *,
    above: bool = False,
) -> _Part:
    rows = await threads.after(connection, domain_id, conversation_id, seq, most + 1)
    return _Part(rows[:most], above, len(rows) > most)


async def _seq_of(
    connection: Connection, domain_id: UUID, conversation_id: UUID, message_id: UUID
) -> int:
    seq = await threads.seq_of(connection, domain_id, conversation_id, message_id)
    if seq is None:
        raise NotFound(f"message {message_id} is not in this conversation")
    return seq


async def _with_files(connection: Connection, domain_id: UUID, rows: Sequence[Row]) -> list[Told]:
    wanted = [row["message_id"] for row in rows if "media" in (row["structured"] or ())]
    files = await media.of_messages(connection, domain_id, wanted)
    return [Told(row, files.get(row["message_id"], ())) for row in rows]
