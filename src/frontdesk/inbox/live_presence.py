"""Who looks at a conversation and who types in it, as far as this process was told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import orjson

from frontdesk.db.changes import PresenceChanged

VIEWING_SECONDS = 30.0
TYPING_SECONDS = 6.0
MOST_IN_CONVERSATION = 50
"""People who are named; more would be no help to anybody."""

Shown: TypeAlias = tuple[tuple[UUID, ...], tuple[UUID, ...]]
"""Who is seen viewing, and who typing, in the order in which they came."""


@dataclass
class _Present:
    ref: dict[str, str]
    viewing_until: float
    typing_until: float


class Presence:
    """One domain's. Times are `time.monotonic()` in production, a test's own in tests."""

    def __init__(self) -> None:
        self._people: dict[UUID, dict[UUID, _Present]] = {}
        self._shown: dict[UUID, Shown] = {}

    def __bool__(self) -> bool:
        return bool(self._people)

    def note(self, change: PresenceChanged, now: float) -> bytes | None:
        """The event's content when what is seen has changed."""
        here = self._people.setdefault(change.conversation_id, {})
        if change.viewing or change.typing:
            here[change.person_id] = _Present(
                {
                    "person_id": str(change.person_id),
                    "name": change.name,
                    "email": change.email,
                },
                now + VIEWING_SECONDS,
                now + TYPING_SECONDS if change.typing else 0.0,
            )
        else:
            here.pop(change.person_id, None)
        return self._changed(change.conversation_id, now)

    def expire(self, now: float) -> Iterator[bytes]:
        """The events of what is no longer so, for nobody said more of it."""
        for conversation_id in list(self._people):
            content = self._changed(conversation_id, now)
            if content is not None:
                yield content

    def of_person(self, person_id: UUID) -> list[UUID]:
        """The conversations in which a person is seen."""
        return [where for where, people in self._people.items() if person_id in people]

    def all(self) -> Iterator[bytes]:
        """What is seen now, for who has just come."""
        for conversation_id in self._shown:
            yield self._content(conversation_id)

    def _changed(self, conversation_id: UUID, now: float) -> bytes | None:
        here = self._people[conversation_id]
        for person_id in [who for who, each in here.items() if each.viewing_until <= now]:
            del here[person_id]
        shown = (
            tuple(list(here)[:MOST_IN_CONVERSATION]),
            tuple(who for who, each in here.items() if each.typing_until > now),
        )
        if not here:
            del self._people[conversation_id]
        if shown == self._shown.get(conversation_id, ((), ())):
            return None
        self._shown[conversation_id] = shown
        content = self._content(conversation_id)
        if not here:
            del self._shown[conversation_id]
        return content

    def _content(self, conversation_id: UUID) -> bytes:
        here, (viewing, typing) = (
            self._people.get(conversation_id, {}),
            self._shown[conversation_id],
        )
        return orjson.dumps(
            {
                "chat_id": str(conversation_id),
                "viewing": [here[who].ref for who in viewing if who in here],
                "typing": [here[who].ref for who in typing if who in here],
            }
        )
