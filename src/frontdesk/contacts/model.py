"""Contacts: what identifies a customer, and what is known of one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.optout import Action
from frontdesk.ports import ChannelKind

ALL_CHANNELS: Final = UUID(int=0)
"""Stands for every channel of a domain where opt-outs are kept."""
Via = Literal["customer", "carrier", "person", "import"]
"""Who says that somebody opted out or in."""

LONGEST_NAME = 200
LONGEST_NOTE = 5_000
MOST_NOTES = 500
MOST_ATTRIBUTES = 50
LONGEST_KEY = 60
LONGEST_ATTRIBUTE = 1_000
MOST_MERGED = 50
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
KEY = re.compile(r"[^\W_](?:[\w .-]*\w)?")


@dataclass(frozen=True)
class Identity:
    """The key a contact is stored under, and the user id that may be recorded with it."""

    address: str
    external_user_id: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's address and what is known of them."""

    contact_id: UUID
    address: str
    display_name: str | None
    email: str | None
    language: str | None
    attributes: dict[str, str]
    blocked_at: datetime | None
    merged_into: UUID | None
    """The contact that stands for the person. It is merged into none itself."""
    created_at: datetime

    @property
    def name(self) -> str:
        return self.display_name or self.address


@dataclass(frozen=True, slots=True)
class OptOut:
    """The contact does not want to be written to on a channel, or on ALL_CHANNELS."""

    channel_id: UUID
    channel: ChannelKind | None
    channel_address: str | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A line in the list of those who opted out."""

    contact_id: UUID
    address: str
    display_name: str | None
    channel_id: UUID | None
    """None: all channels."""
    channel: ChannelKind | None
    channel_address: str | None
    reason: str
    via: Via
    at: datetime


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Somebody stopped messages, was asked whether they are wanted again, or resumed them."""

    entry_id: UUID
    contact_id: UUID
    address: str
    display_name: str | None
    channel_id: UUID | None
    """None: all channels."""
    channel: ChannelKind | None
    channel_address: str | None
    action: Action
    via: Via
    reason: str
    person_id: UUID | None
    person_name: str | None
    person_email: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote down about a contact, for the others of the business."""

    note_id: UUID
    content: str
    person_id: UUID | None
    person_name: str | None
    person_email: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A contact with all that were merged into it."""

    contact: Contact
    merged: Sequence[Contact]
    opt_outs: Sequence[OptOut]
    notes: Sequence[Note]

    @property
    def contact_ids(self) -> list[UUID]:
        return [self.contact.contact_id, *(each.contact_id for each in self.merged)]


def check_line(name: str, value: str, most: int) -> str:
    """One line of text with something in it."""
    text = " ".join(value.replace("\x00", " ").split())
    if not 1 <= len(text) <= most:
        raise Unprocessable(f"{name} has {len(text)} characters; use 1 to {most}")
    return text


def check_note(value: str) -> str:
    text = value.replace("\x00", "").strip()
    if not 1 <= len(text) <= LONGEST_NOTE:
        raise Unprocessable(f"content has {len(text)} characters; use 1 to {LONGEST_NOTE}")
    return text


def check_language(value: str) -> str:
    if not LANGUAGE.fullmatch(value):
        raise Unprocessable(f"language is {value[:40]!r}; use a code such as en, es or pt-BR")
    return value


def check_attributes(values: Mapping[str, str]) -> dict[str, str]:
    """The attributes without those that are empty. Raises Unprocessable."""
    if len(values) > MOST_ATTRIBUTES:
        raise Unprocessable(f"attributes has {len(values)} entries; use up to {MOST_ATTRIBUTES}")
    checked: dict[str, str] = {}
    for name, value in values.items():
        key = name.strip()
        if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
            raise Unprocessable(
                f"attribute {name[:80]!r} is not a name; use 1 to {LONGEST_KEY} letters, digits, "
                "spaces, '.', '_' and '-', beginning with a letter or digit"
            )
        text = value.replace("\x00", "").strip()
        if len(text) > LONGEST_ATTRIBUTE:
            raise Unprocessable(
                f"attribute {key!r} has {len(text)} characters; use up to {LONGEST_ATTRIBUTE}"
            )
        if text:
            checked[key] = text
    return checked
