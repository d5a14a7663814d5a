"""Tells every process that something people look at has changed: PostgreSQL's NOTIFY, in batches.

NOTIFY takes a lock on the whole database until its commit is over, so it has no place in the
transactions that do the work. `tell…` is called after a commit and only notes the change; a task
sends what was noted, every few milliseconds at most, in one statement that waits for no disk.

What is told are ids. Whoever listens reads the rest, with the rights of who will see it.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson
import structlog

from frontdesk.db.pool import Pool

log = structlog.get_logger()

CHANNEL = "frontdesk_changes"
EVERY_SECONDS = 0.02
"""The least time between two notifications of one process."""
MOST_PENDING = 10_000
"""Ids that wait to be told. With more, the domains are told to load everything again."""
IDS_IN_PAYLOAD = 150
"""Of 36 bytes each: PostgreSQL takes payloads under 8,000 bytes."""
MOST_NAME = 200
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 5.0
CLOSE_SECONDS = 2.0

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# The setting holds for this statement's own transaction, its commit included.
NOTIFY = """
SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, payload)
FROM unnest($2::text[]) payload
"""


@dataclass(frozen=True)
class ConversationChanged:
    """A conversation's own row, and messages of it; `removed` are no longer there."""

    domain_id: UUID
    conversation_id: UUID
    message_ids: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class SettingsChanged:
    domain_id: UUID
    what: str
    thing_id: str | None = None


@dataclass(frozen=True)
class PresenceChanged:
    """What a person does in a conversation at this moment."""

    domain_id: UUID
    conversation_id: UUID
    person_id: UUID
    name: str
    email: str
    viewing: bool
    typing: bool


@dataclass(frozen=True)
class ReadChanged:
    """How far a person has read."""

    domain_id: UUID
    conversation_id: UUID
    person_id: UUID
    read_count: int


@dataclass(frozen=True)
class AccessChanged:
    """A person's sessions, tokens or membership: their streams look whether they may go on."""

    domain_id: UUID
    person_id: UUID


@dataclass(frozen=True)
class Reset:
    """More changed than was told: load everything again."""

    domain_id: UUID


Change: TypeAlias = (
    ConversationChanged | SettingsChanged | PresenceChanged | ReadChanged | AccessChanged | Reset
)
LETTERS: dict[type[Change], str] = {
    ConversationChanged: "c",
    SettingsChanged: "s",
    PresenceChanged: "p",
    ReadChanged: "r",
    AccessChanged: "a",
    Reset: "x",
}


def payload_of(change: Change) -> str:
    """A letter and the change's fields in their order, as a JSON array."""
    values = [getattr(change, each.name) for each in fields(change)]
    return orjson.dumps([LETTERS[type(change)], *values], default=str).decode()


def parse(payload: str) -> Change | None:
    """The change that a notification tells of; None for what this version does not know."""
    try:
        return _read(orjson.loads(payload))
    except (orjson.JSONDecodeError, TypeError, ValueError):
        log.warning("a notification cannot be read", payload=payload[:200])
        return None


def _read(values: list[Any]) -> Change:
    match values:
        case ["c", domain_id, conversation_id, message_ids, removed]:
            return ConversationChanged(
                UUID(domain_id),
                UUID(conversation_id),
                tuple(map(UUID, message_ids)),
                tuple(map(UUID, removed)),
            )
        case ["s", domain_id, what, id_]:
            return SettingsChanged(UUID(domain_id), what, id_)
        case ["p", domain_id, conversation_id, person_id, *rest]:
            return PresenceChanged(UUID(domain_id), UUID(conversation_id), UUID(person_id), *rest)
        case ["r", domain_id, conversation_id, person_id, read_count]:
            return ReadChanged(UUID(domain_id), UUID(conversation_id), UUID(person_id), read_count)
        case ["a", domain_id, person_id]:
            return AccessChanged(UUID(domain_id), UUID(person_id))
        case ["x", domain_id]:
            return Reset(UUID(domain_id))
        case _:
            raise ValueError("an unknown kind of change")


@dataclass
class _Pending:
    """What was noted and not sent, each thing once."""

    conversations: dict[tuple[UUID, UUID], tuple[dict[UUID, None], dict[UUID, None]]] = field(
        default_factory=dict[tuple[UUID, UUID], tuple[dict[UUID, None], dict[UUID, None]]]
    )
    latest: dict[tuple[Any, ...], Change] = field(default_factory=dict[tuple[Any, ...], Change])
    resets: dict[UUID, None] = field(default_factory=dict[UUID, None])
    size: int = 0

    def __bool__(self) -> bool:
        return bool(self.conversations or self.latest or self.resets)

    def note(
        self, domain_id: UUID, conversation_id: UUID, ids: Iterable[UUID], *, removed: bool
    ) -> None:
        key = (domain_id, conversation_id)
        groups = self.conversations.get(key)
        if groups is None:
            groups = self.conversations[key] = ({}, {})
            self.size += 1
        group, other = (groups[1], groups[0]) if removed else groups
        before = len(group) + len(other)
        for each in ids:
            # What is told last of a message is what holds: it may be gone, or back again.
            other.pop(each, None)
            group[each] = None
        self.size += len(group) + len(other) - before

    def note_latest(self, key: tuple[Any, ...], change: Change) -> None:
        self.size += key not in self.latest
        self.latest[key] = change

    def domains(self) -> Iterator[UUID]:
        yield from self.resets
        yield from (domain_id for domain_id, _ in self.conversations)
        yield from (change.domain_id for change in self.latest.values())

    def collapsed(self) -> "_Pending":
        return _Pending(resets=dict.fromkeys(self.domains()))

    def merged(self, later: "_Pending") -> "_Pending":
        """These, which could not be sent, and what was noted meanwhile."""
        for (domain_id, conversation_id), (messages, removed) in later.conversations.items():
            self.note(domain_id, conversation_id, messages, removed=False)
            self.note(domain_id, conversation_id, removed, removed=True)
        for key, change in later.latest.items():
            self.note_latest(key, change)
        self.resets.update(later.resets)
        return self

    def changes(self) -> Iterator[Change]:
        for domain_id in self.resets:
            yield Reset(domain_id)
        for (domain_id, conversation_id), (messages, removed) in self.conversations.items():
            kept, gone = list(messages), list(removed)
            for start in range(0, max(len(kept), 1), IDS_IN_PAYLOAD):
                part = tuple(kept[start : start + IDS_IN_PAYLOAD])
                yield ConversationChanged(domain_id, conversation_id, part)
            for start in range(0, len(gone), IDS_IN_PAYLOAD):
                part = tuple(gone[start : start + IDS_IN_PAYLOAD])
                yield ConversationChanged(domain_id, conversation_id, (), part)
        yield from self.latest.values()


class Changes:
    """Notes changes, and sends them over a pool. No `tell…` ever fails or waits."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._pending = _Pending()
        self._task: asyncio.Task[None] | None = None
        self._sent_at = 0.0
        self._closed = False
        self._flushing = asyncio.Lock()
        self._watchers: list[Callable[[UUID, UUID], None]] = []

    def watch(self, noted: Callable[[UUID, UUID], None]) -> None:
        """Calls `noted` with the domain and the conversation of each change of one that this
        process tells of. It must neither wait nor fail."""
        self._watchers.append(noted)

    def tell(self, domain_id: UUID, conversation_id: UUID, *message_ids: UUID) -> None:
        """The conversation changed, and these messages of it."""
        self._pending.note(domain_id, conversation_id, message_ids, removed=False)
        for noted in self._watchers:
            noted(domain_id, conversation_id)
        self._noted()

    def tell_removed(self, domain_id: UUID, conversation_id: UUID, *message_ids: UUID) -> None:
        """The conversation changed, and these messages are no longer in it."""
        self._pending.note(domain_id, conversation_id, message_ids, removed=True)
        self._noted()

    def tell_settings(self, domain_id: UUID, what: str, thing_id: UUID | str | None = None) -> None:
        """`what` is a word of the dashboard's LiveEvents: labels, teams, people, …"""
        text = None if thing_id is None else str(thing_id)
        self._pending.note_latest(
            ("s", domain_id, what, text), SettingsChanged(domain_id, what, text)
        )
        self._noted()

    def tell_presence(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        person_id: UUID,
        *,
        name: str,
        email: str,
        viewing: bool,
        typing: bool,
    ) -> None:
        change = PresenceChanged(
            domain_id,
            conversation_id,
            person_id,
            name[:MOST_NAME],
            email[:MOST_NAME],
            viewing,
            typing,
        )
        self._pending.note_latest(("p", domain_id, conversation_id, person_id), change)
        self._noted()

    def tell_read(
        self, domain_id: UUID, conversation_id: UUID, person_id: UUID, read_count: int
    ) -> None:
        change = ReadChanged(domain_id, conversation_id, person_id, read_count)
        self._pending.note_latest(("r", domain_id, conversation_id, person_id), change)
        self._noted()

    def tell_access(self, domain_id: UUID, person_id: UUID) -> None:
        """The person signed out somewhere, lost a token or a membership, or has another role."""
        self._pending.note_latest(("a", domain_id, person_id), AccessChanged(domain_id, person_id))
        self._noted()

    def tell_reset(self, domain_id: UUID) -> None:
        """So much changed that naming it is no use."""
        self._pending.resets[domain_id] = None
        self._noted()

    async def flush(self) -> None:
        """Sends what was noted until now. Raises what the database raises; nothing is lost."""
        async with self._flushing:
            pending, self._pending = self._pending, _Pending()
            if not pending:
                return
            try:
                payloads = [payload_of(change) for change in pending.changes()]
                async with self._pool.acquire() as connection:
                    await connection.fetch(NOTIFY, CHANNEL, payloads)
            except BaseException:
                self._pending = pending.merged(self._pending)
                self._bound()
                raise

    async def close(self) -> None:
        """Sends the rest. Before the pool is closed."""
        self._closed = True
        if self._task is not None:
            # A flush that is under way ends well, or gives back what it could not send.
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.flush()
        except AWAY as error:
            log.warning("changes were not told", ids=self._pending.size, error=repr(error)[:300])

    def _noted(self) -> None:
        if self._pending.size > MOST_PENDING:
            self._bound()
        if self._closed or (self._task is not None and not self._task.done()):
            return
        try:
            # Without a running loop it waits for the next change in one, or for `close`.
            self._task = asyncio.get_running_loop().create_task(self._send())
        except RuntimeError:
            self._task = None

    def _bound(self) -> None:
        if self._pending.size > MOST_PENDING:
            self._pending = self._pending.collapsed()

    async def _send(self) -> None:
        """Runs while there is something to send: at once after a pause, else at the interval."""
        loop, retry = asyncio.get_running_loop(), FIRST_RETRY_SECONDS
        while self._pending:
            if (rest := self._sent_at + EVERY_SECONDS - loop.time()) > 0:
                await asyncio.sleep(rest)
            try:
                await self.flush()
                retry = FIRST_RETRY_SECONDS
            except AWAY as error:
                if self._pool.is_closing():
                    log.warning("changes were not told", ids=self._pending.size)
                    return
                log.warning("changes wait to be told", error=repr(error)[:300], again_in=retry)
                await asyncio.sleep(retry)
                retry = min(retry * 2, LONGEST_RETRY_SECONDS)
            self._sent_at = loop.time()
