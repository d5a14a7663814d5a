"""Live events: what PostgreSQL tells this web process, handed to the windows that are open here."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import structlog

from frontdesk.db.changes import CHANNEL, AccessChanged, Change, Changes, SettingsChanged, parse
from frontdesk.domains.model import Caller
from frontdesk.inbox.live_room import EMPTY, Numbers, Room, encode
from frontdesk.inbox.live_source import Source
from frontdesk.inbox.live_stream import Still, Stream
from frontdesk.kernel.errors import FrontdeskError, NotFound, TooMany, Unauthorized, Unavailable
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

MOST_STREAMS = 5_000
MOST_OF_PERSON = 20
PING_SECONDS = 15
CHECK_SECONDS = 60
"""How often a stream is asked whether its session still holds, besides when somebody says so."""
LINGER_SECONDS = 30.0
"""How long a domain that nobody looks at is followed: who lost the connection may come back."""
READS_AT_ONCE = 3
CHECKS_AT_ONCE = 2
FIRST_RECONNECT_SECONDS = 0.2
LONGEST_RECONNECT_SECONDS = 5.0
PROBE_SECONDS = 15.0
"""How long the connection may be silent before it is asked whether it is there."""
CONNECT_SECONDS = 10

PING = encode("ping", EMPTY)
SIGNED_OUT = encode("signed_out", EMPTY)


@dataclass
class Hub:
    """The live events of one web process. `running` connects it; `end` ends its streams."""

    dsn: str
    source: Source
    changes: Changes
    clock: Callable[[], float] = time.monotonic
    most_streams: int = MOST_STREAMS
    most_of_person: int = MOST_OF_PERSON
    _numbers: Numbers = field(default_factory=lambda: Numbers(secrets.token_hex(4)))
    _rooms: dict[UUID, Room] = field(default_factory=dict[UUID, Room])
    _places: dict[Stream, int] = field(default_factory=dict[Stream, int])
    """Each stream's place in the rounds of pings and checks."""
    _opened: int = 0
    _of_person: Counter[UUID] = field(default_factory=Counter[UUID])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READS_AT_ONCE))
    _checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHECKS_AT_ONCE))
    _ending: bool = False

    # Windows ----------------------------------------------------------------------------------

    def open(
        self, domain_id: UUID, caller: Caller, still: Still, last_event_id: str | None = None
    ) -> Stream:
        """A window's stream; `close` it at its end. Raises TooMany, Unavailable."""
        if self._ending or len(self._places) >= self.most_streams:
            why = "this server is stopping" if self._ending else "too many windows are open"
            raise Unavailable(f"{why}; try again shortly", retry_after=5)
        if self._of_person[caller.person_id] >= self.most_of_person:
            raise TooMany(
                f"you have {self.most_of_person} windows open already; close one", retry_after=30
            )
        room = self._room(domain_id)
        stream = Stream(domain_id, caller, still, room.reset_event)
        self._of_person[caller.person_id] += 1
        self._opened += 1
        self._places[stream] = self._opened
        room.join(stream, last_event_id)
        return stream

    def close(self, stream: Stream) -> None:
        if self._places.pop(stream, None) is None:
            return
        person_id = stream.person_id
        self._of_person[person_id] -= 1
        if not self._of_person[person_id]:
            del self._of_person[person_id]
        room = self._rooms.get(stream.domain_id)
        if room is not None and room.leave(stream):
            for conversation_id in room.presence.of_person(person_id):
                self.changes.tell_presence(
                    stream.domain_id,
                    conversation_id,
                    person_id,
                    name="",
                    email="",
                    viewing=False,
                    typing=False,
                )

    def end(self) -> None:
        """Ends all streams, for which a server that stops would wait."""
        self._ending = True
        for stream in self._places:
            stream.end()

    def __len__(self) -> int:
        return len(self._places)

    def _room(self, domain_id: UUID) -> Room:
        room = self._rooms.get(domain_id)
        if room is None:
            room = self._rooms[domain_id] = Room(
                domain_id, self.source, self._numbers, self.clock, self._reading
            )
        return room

    # Life -------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._rounds())]
        try:
            yield
        finally:
            self.end()
            for room in self._rooms.values():
                room.close()
            for task in (*tasks, *self._tasks):
                task.cancel()
            await asyncio.gather(*tasks, *self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        """Hears for as long as the process lives, over one connection after another."""
        wait = FIRST_RECONNECT_SECONDS
        while True:
            try:
                await self._session()
                wait = FIRST_RECONNECT_SECONDS
            except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
                log.warning("live events wait", error=repr(error)[:300], again_in=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_RECONNECT_SECONDS)

    async def _session(self) -> None:
        """Returns when the connection is lost."""
        connection = await asyncpg.connect(
            self.dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=CONNECT_SECONDS,
            server_settings={"application_name": "frontdesk live"},
        )
        lost = asyncio.Event()

        def set_lost(*_: object) -> None:
            lost.set()

        try:
            connection.add_termination_listener(set_lost)
            await connection.add_listener(CHANNEL, self._heard)
            # What was told before, nobody here has heard.
            for room in self._rooms.values():
                room.start_over()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), PROBE_SECONDS)
                    return
                await connection.fetchval("SELECT 1")
        finally:
            connection.terminate()

    def _heard(self, *told: object) -> None:
        change = parse(str(told[-1]))
        if change is not None:
            self.hear(change)

    def hear(self, change: Change) -> None:
        """A change that some process told of."""
        room = self._rooms.get(change.domain_id)
        if room is None:
            # Who comes later loads what there is; who is present says so again and again.
            return
        if isinstance(change, AccessChanged):
            self._check(room, change.person_id)
            return
        if isinstance(change, SettingsChanged) and change.what == "people":
            self._check(room, None)
        room.hear(change)

    # Rounds -----------------------------------------------------------------------------------

    async def _rounds(self) -> None:
        """Each second a share of the streams is pinged, and a smaller one checked."""
        second = 0
        while True:
            await asyncio.sleep(1)
            second += 1
            for stream, place in list(self._places.items()):
                if (place + second) % PING_SECONDS == 0:
                    stream.push(PING)
                if (place + second) % CHECK_SECONDS == 0:
                    self._start(self._admit(stream))
            for room in list(self._rooms.values()):
                room.expire_presence()
                empty = room.empty_since
                if empty is not None and self.clock() - empty > LINGER_SECONDS:
                    room.close()
                    del self._rooms[room.domain_id]

    def _check(self, room: Room, person_id: UUID | None) -> None:
        for stream in room.streams:
            if person_id is None or stream.person_id == person_id:
                self._start(self._admit(stream))

    async def _admit(self, stream: Stream) -> None:
        """Ends the stream of somebody who is no longer signed in, or no longer a member."""
        try:
            async with self._checking:
                if stream.ending:
                    return
                caller = await stream.still()
            caller.member_of(stream.domain_id)
            stream.caller = caller
        except (Unauthorized, NotFound):
            stream.end(SIGNED_OUT)
        except (*DATABASE_AWAY, FrontdeskError) as error:
            log.warning("a live stream could not be checked", error=repr(error)[:300])

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
