"""Which conversations a list shows. No I/O."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from frontdesk.conversations.model import Mode
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import CHANNEL_KINDS

Status = Literal["open", "snoozed", "closed"]
STATUSES: tuple[Status, ...] = ("open", "snoozed", "closed")
Priority = Literal["low", "normal", "high", "urgent"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What all of a list's conversations have in common; None and False ask for nothing."""

    viewer: UUID
    """Whose unread messages and mentions are meant."""
    status: Status | None = None
    assignee: UUID | Literal["none", "any"] | None = None
    team: UUID | None = None
    label: UUID | None = None
    channel: UUID | str | None = None
    """A channel, or a kind of channels."""
    priority: Priority | None = None
    mode: Mode | None = None
    unread: bool = False
    mentions: bool = False
    """Also those that were seen: what is unseen is counted beside the list."""
    needs_people: bool = False
    blocked: bool = False
    text: str | None = None


def assignee_of(value: str | None, viewer: UUID) -> UUID | Literal["none", "any"] | None:
    if value in (None, "none", "any"):
        return value
    return viewer if value == "me" else uuid_of("assignee", value, "me, none, any or")


def channel_of(value: str | None) -> UUID | str | None:
    if value is None or value in CHANNEL_KINDS:
        return value
    return uuid_of("channel", value, f"{', '.join(CHANNEL_KINDS)} or")


def uuid_of(name: str, value: str, others: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Unprocessable(f"{name} is {value[:80]!r}; use {others} an id") from None
