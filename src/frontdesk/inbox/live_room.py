"""One domain's live events in this process: what changed is read once and goes to all who look.

The latest events are kept, so that a window that lost its connection goes on where it was.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

import orjson
import structlog

from frontdesk.db.changes import Change, ConversationChanged, PresenceChanged, ReadChanged, Reset
from frontdesk.db.changes import SettingsChanged as Settings
from frontdesk.inbox.live_presence import Presence
from frontdesk.inbox.live_source import Source
from frontdesk.inbox.live_stream import Stream

log = structlog.get_logger()

KEPT_EVENTS = 1_000
KEPT_BYTES = 4_000_000
KEPT_SECONDS = 300.0
MOST_UNREAD = 2_000
"""Ids that wait to be read. With more, loading everything again is less work."""
READ_AT_ONCE = 200

EMPTY = b"{}"


@dataclass
class Numbers:
    """The events' numbers in this process: those of all domains go up together."""

    node: str
    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def encode(name: str, content: bytes, event_id: str | None = None) -> bytes:
    """A server-sent event. The content is JSON, which has no line breaks."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: ".encode() + content + b"\n\n"


@dataclass(frozen=True)
class Kept:
    """An event that was sent; `person_id`: to one person's windows only."""

    number: int
    at: float
    data: bytes
    person_id: UUID | None


@dataclass
class Room:
    """`hear` is told of changes, `join` gives a window the events from then on."""

    domain_id: UUID
    source: Source
    numbers: Numbers
    clock: Callable[[], float]
    reading: asyncio.Semaphore
    """Shared by all rooms: the pool is there for other work too."""
    streams: set[Stream] = field(default_factory=set[Stream])
    presence: Presence = field(default_factory=Presence)
    empty_since: float | None = None
    _kept: deque[Kept] = field(default_factory=deque[Kept])
    _kept_bytes: int = 0
    _floor: int = 0
    """Of what came after this number, everything is kept."""
    _changed: dict[UUID, dict[UUID, None]] = field(default_factory=dict[UUID, dict[UUID, None]])
    _waiting: int = 0
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._floor = self.numbers.last

    # Windows ----------------------------------------------------------------------------------

    def join(self, stream: Stream, last_event_id: str | None) -> None:
        """Begins a stream: after an event that is known, with what came since."""
        self.streams.add(stream)
        self.empty_since = None
        hello = b'{"node":"%b"}' % self.numbers.node.encode()
        since = self._since(last_event_id) if last_event_id else None
        if since is not None:
            # Without an id: were the connection lost here, what follows would be skipped.
            parts = [encode("hello", hello), *self._missed(since, stream.person_id)]
        else:
            parts = [encode("hello", hello, self._latest_id)]
            if last_event_id:
                parts.append(self.reset_event())
        parts += [encode("presence", content) for content in self.presence.all()]
        stream.push(b"retry: 2000\n\n" + b"".join(parts))

    def leave(self, stream: Stream) -> bool:
        """True when that was the person's last window here."""
        self.streams.discard(stream)
        if not self.streams:
            self.empty_since = self.clock()
        return all(other.person_id != stream.person_id for other in self.streams)

    def _since(self, last_event_id: str) -> int | None:
        """The number of an event of ours after which nothing is lost."""
        node, _, number = last_event_id.partition("-")
        if node != self.numbers.node or not number.isascii() or not number.isdigit():
            return None
        self._forget()
        known = self._floor <= int(number) <= self.numbers.last
        return int(number) if known else None

    def _missed(self, since: int, person_id: UUID) -> Iterator[bytes]:
        for kept in self._kept:
            if kept.number > since and kept.person_id in (None, person_id):
                yield kept.data

    # Changes ----------------------------------------------------------------------------------

    def hear(self, change: Change) -> None:
        match change:
            case ConversationChanged():
                self._hear_conversation(change)
            case Settings():
                content = {"what": change.what, "id": change.thing_id}
                self.emit([("settings", orjson.dumps(content))])
            case ReadChanged():
                content = {
                    "chat_id": str(change.conversation_id),
                    "read_count": change.read_count,
                }
                self.emit([("read", orjson.dumps(content))], change.person_id)
            case PresenceChanged():
                if (content := self.presence.note(change, self.clock())) is not None:
                    self.emit([("presence", content)])
            case Reset():
                self.start_over()
            case _:
                pass

    def start_over(self) -> None:
        """Something was missed: every window loads everything again."""
        self._changed.clear()
        self._waiting = 0
        self._kept.clear()
        self._kept_bytes = 0
        self._floor = self.numbers.next()
        for stream in self.streams:
            stream.start_over()

    def expire_presence(self) -> None:
        self.emit([("presence", content) for content in self.presence.expire(self.clock())])

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def emit(self, events: Sequence[tuple[str, bytes]], person_id: UUID | None = None) -> None:
        """Keeps the events and gives them to the windows: one piece of bytes for all."""
        if not events:
            return
        now, parts = self.clock(), list[bytes]()
        for name, content in events:
            number = self.numbers.next()
            data = encode(name, content, f"{self.numbers.node}-{number}")
            self._kept.append(Kept(number, now, data, person_id))
            self._kept_bytes += len(data)
            parts.append(data)
        self._forget()
        joined = parts[0] if len(parts) == 1 else b"".join(parts)
        for stream in self.streams:
            if person_id is None or stream.person_id == person_id:
                stream.push(joined)

    def reset_event(self) -> bytes:
        return encode("reset", EMPTY, self._latest_id)

    @property
    def _latest_id(self) -> str:
        return f"{self.numbers.node}-{self.numbers.last}"

    def _forget(self) -> None:
        """Drops what is too old, or too much, to be kept."""
        before = self.clock() - KEPT_SECONDS
        kept = self._kept
        while kept and (
            len(kept) > KEPT_EVENTS or self._kept_bytes > KEPT_BYTES or kept[0].at < before
        ):
            gone = kept.popleft()
            self._floor = gone.number
            self._kept_bytes -= len(gone.data)

    # Reading ----------------------------------------------------------------------------------

    def _hear_conversation(self, change: ConversationChanged) -> None:
        chat_id = str(change.conversation_id)
        removed = [
            ("removed", orjson.dumps({"chat_id": chat_id, "message_id": str(message_id)}))
            for message_id in change.removed
        ]
        self.emit(removed)
        known = self._changed.get(change.conversation_id)
        if known is None:
            known = self._changed[change.conversation_id] = {}
            self._waiting += 1
        before = len(known)
        known.update(dict.fromkeys(change.message_ids))
        self._waiting += len(known) - before
        if self._waiting > MOST_UNREAD:
            self.start_over()
        elif self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        """Reads what changed until nothing is left; what comes meanwhile is read together."""
        while self._changed:
            part = {
                conversation_id: self._changed.pop(conversation_id)
                for conversation_id in list(islice(self._changed, READ_AT_ONCE))
            }
            message_ids = [each for group in part.values() for each in group]
            self._waiting -= len(part) + len(message_ids)
            try:
                async with self.reading:
                    messages = (
                        await self.source.messages(self.domain_id, message_ids)
                        if message_ids
                        else []
                    )
                    found = await self.source.conversations(self.domain_id, list(part))
            except Exception as error:  # whatever it is: what is lost here must not stay unseen
                log.warning("live events could not be read", error=repr(error)[:300])
                self.start_over()
                return
            self.emit(
                [("message", content) for content in messages]
                + [("conversation", content) for content in found]
            )
