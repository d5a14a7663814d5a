"""Files of conversations: what they are, what is known of them, and what was made of them."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from frontdesk.ports import MediaKind

State = Literal["pending", "stored", "ready", "failed", "deleted"]
"""pending: the carrier has it. stored: we have it. ready: also looked into, as far as it could be.
failed: it could not be had; `error` says why. deleted: gone from the store, by a person or by age.
"""
RenditionName = Literal["thumbnail", "shown", "wav", "sent"]
"""thumbnail: a small WebP. shown: a picture upright and without its place. wav: speech for
recognisers, `voice.wav`. sent: what goes to carriers that do not take the file as it is."""

PEAKS = 96
"""Bars of a waveform."""


@dataclass(frozen=True, slots=True)
class FileType:
    """What the bytes are. The name or the header that came with them does not count."""

    kind: MediaKind
    content_type: str
    extension: str
    """With its dot."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made of another one, in a directory of the caller's."""

    name: RenditionName
    path: Path
    content_type: str
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class Findings:
    """What looking into a file told. `error` is for people; what was found before it stays."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    pages: int | None = None
    text: str | None = None
    """Of documents: pages are headed `[page 2]`, sheets and slides likewise."""
    peaks: list[int] | None = None
    """`PEAKS` loudness values of 0 to 100."""
    made: list[Made] = field(default_factory=list[Made])
    error: str | None = None

    def made_as(self, name: RenditionName) -> Made | None:
        return next((each for each in self.made if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Rendition:
    """A stored file that was made of another one."""

    name: RenditionName
    key: str
    content_type: str
    size: int


@dataclass(slots=True)
class Media:
    """A file of a conversation: an attachment once `message_id` is there."""

    domain_id: UUID
    media_id: UUID
    conversation_id: UUID
    message_id: UUID | None
    person_id: UUID | None
    place: int
    """Among the message's files."""
    state: State
    kind: MediaKind
    content_type: str
    filename: str
    size: int | None
    checksum: bytes | None
    """SHA-256 of the bytes."""
    path: str | None
    """Where spec section 3 shows it: `conversation-media/{user}/{agent}/{chat}/{name}`."""
    key: str | None
    """Where its bytes are in the store: the path of whichever file of the domain had them first."""
    source_url: str | None
    """Where the carrier has it."""
    width: int | None
    height: int | None
    duration: float | None
    pages: int | None
    peaks: list[int] | None
    transcript: str | None
    language: str | None
    description: str | None
    text: str | None
    error: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime
    renditions: list[Rendition] = field(default_factory=list[Rendition])

    def rendition(self, name: RenditionName) -> Rendition | None:
        return next((each for each in self.renditions if each.name == name), None)
