"""A window that is slow or was away costs its domain a bounded amount of memory, nobody's time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from frontdesk.db.changes import PresenceChanged, SettingsChanged
from frontdesk.domains.model import Caller, Membership
from frontdesk.inbox.live_presence import TYPING_SECONDS, VIEWING_SECONDS
from frontdesk.inbox.live_room import KEPT_EVENTS, KEPT_SECONDS, Numbers, Room
from frontdesk.inbox.live_stream import MOST_WAITING_BYTES, Stream
from frontdesk.kernel.ids import new_id

pytestmark = pytest.mark.timeout(30)

DOMAIN, CONVERSATION, PERSON = new_id(), new_id(), new_id()
CALLER = Caller(PERSON, "grace@example.com", DOMAIN, (Membership(DOMAIN, "default", "agent"),))


class Silent:
    """A source whose conversations nobody changes."""

    async def conversations(self, domain_id: UUID, ids: Sequence[UUID]) -> list[bytes]:
        raise AssertionError((domain_id, ids))

    messages = conversations


@dataclass
class Scene:
    now: float = 1_000.0
    numbers: Numbers = field(default_factory=lambda: Numbers("node"))

    def __post_init__(self) -> None:
        self.room = Room(DOMAIN, Silent(), self.numbers, lambda: self.now, asyncio.Semaphore(1))

    def open(self, last_event_id: str | None = None) -> Stream:
        async def still() -> Caller:
            return CALLER

        stream = Stream(DOMAIN, CALLER, still, self.room.reset_event)
        self.room.join(stream, last_event_id)
        return stream

    def tell(self, count: int = 1, content: str = "x") -> None:
        for _ in range(count):
            self.room.hear(SettingsChanged(DOMAIN, "labels", content))

    def present(self, *, viewing: bool = True, typing: bool = False) -> None:
        self.room.hear(
            PresenceChanged(DOMAIN, CONVERSATION, PERSON, "Grace", "g@x", viewing, typing)
        )


@pytest.fixture
async def scene() -> Scene:
    return Scene()


async def read(stream: Stream) -> list[str]:
    """The names of the events that wait."""
    data = await stream.next()
    assert data is not None
    return [line[7:] for line in data.decode().split("\n") if line.startswith("event: ")]


async def test_a_window_that_does_not_read_starts_over_and_goes_on(scene: Scene) -> None:
    slow, quick = scene.open(), scene.open()
    await read(quick)
    long = "x" * 100_000
    for _ in range(MOST_WAITING_BYTES // len(long) + 1):
        scene.tell(content=long)
        assert await read(quick) == ["settings"]
    scene.tell()
    names = await read(slow)
    assert (names[0], len(names) <= 3) == ("reset", True)
    assert await read(quick) == ["settings"]


async def test_a_window_that_was_away_gets_what_is_still_kept(scene: Scene) -> None:
    await read(scene.open())
    scene.tell()
    first = f"node-{scene.numbers.last}"
    scene.tell(KEPT_EVENTS)
    assert await read(scene.open(first)) == ["hello", *["settings"] * KEPT_EVENTS]
    scene.tell()
    assert await read(scene.open(first)) == ["hello", "reset"]


async def test_what_is_too_old_is_not_kept(scene: Scene) -> None:
    scene.open()
    scene.tell()
    first = f"node-{scene.numbers.last}"
    scene.tell()
    scene.now += KEPT_SECONDS - 1
    assert await read(scene.open(first)) == ["hello", "settings"]
    scene.now += 2
    assert await read(scene.open(first)) == ["hello", "reset"]


async def test_what_is_kept_has_a_limit_in_bytes(scene: Scene) -> None:
    await read(scene.open())
    scene.tell()
    first = f"node-{scene.numbers.last}"
    scene.tell(50, "x" * 100_000)
    assert await read(scene.open(first)) == ["hello", "reset"]


async def test_an_event_of_before_a_reset_leads_to_a_reset(scene: Scene) -> None:
    await read(scene.open())
    scene.tell()
    last = f"node-{scene.numbers.last}"
    scene.room.start_over()
    assert await read(scene.open(last)) == ["hello", "reset"]
    assert await read(scene.open(f"node-{scene.numbers.last}")) == ["hello"]


async def test_presence_is_told_when_it_changes_only(scene: Scene) -> None:
    stream = scene.open()
    await read(stream)
    scene.present(typing=True)
    scene.present(typing=True)
    assert await read(stream) == ["presence"]
    scene.now += TYPING_SECONDS + 0.1
    scene.room.expire_presence()
    assert await read(stream) == ["presence"]
    scene.present()
    scene.now += VIEWING_SECONDS - 0.1
    scene.room.expire_presence()
    scene.tell()
    assert await read(stream) == ["settings"]
    scene.now += 0.2
    scene.room.expire_presence()
    assert await read(stream) == ["presence"]
    assert await read(scene.open()) == ["hello"]


async def test_leaving_is_seen_at_once(scene: Scene) -> None:
    scene.present()
    stream = scene.open()
    assert await read(stream) == ["hello", "presence"]
    scene.present(viewing=False)
    assert await read(stream) == ["presence"]


async def test_a_stream_that_ends_sends_what_waits_first(scene: Scene) -> None:
    stream = scene.open()
    scene.tell()
    stream.end(b"event: signed_out\ndata: {}\n\n")
    scene.tell()
    assert await read(stream) == ["hello", "settings", "signed_out"]
    assert await stream.next() is None
