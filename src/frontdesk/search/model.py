"""What a search finds, and in which order it is shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from frontdesk.kernel.searching import Part

Where = Literal["all", "contacts", "messages", "files"]

HALF_LIFE_DAYS = 60.0
"""After so many days a text must match twice as well to stand in the same place."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    kind: Literal["message", "file", "contact"]
    title: str
    snippet: Sequence[Part]
    conversation_id: UUID | None = None
    contact_id: UUID | None = None
    message_id: UUID | None = None
    media_id: UUID | None = None
    channel: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    contacts: Sequence[Hit] = ()
    messages: Sequence[Hit] = ()
    files: Sequence[Hit] = ()
    truncated: bool = False
    """Whether there may be more than was looked at."""


def score(rank: float, at: datetime, now: datetime) -> float:
    """How far up a text belongs: how well it matches, less with age."""
    days = max(0.0, (now - at).total_seconds() / 86_400)
    return (rank + 0.01) * math.pow(0.5, days / HALF_LIFE_DAYS)
