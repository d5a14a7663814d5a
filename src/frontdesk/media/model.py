"""Files of conversations: what they are, what is known of them, and what was made of them."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from uuid import UUID

from frontdesk.ports import MediaKind

State = Literal["uploading", "pending", "stored", "failed", "deleted"]
"""uploading: a person's bytes are on their way. pending: the carrier has it. stored: we have it.
failed: it could not be had; `error` says why. deleted: gone, by a person's hand or by age."""
RenditionName = Literal["thumbnail", "shown", "wav", "sent"]
"""thumbnail: a small WebP. shown: a picture upright and without its place. wav: speech for
recognisers, `voice.wav`. sent: what goes to a carrier that does not take the file as it is; its
stored name has the carrier's limit in it, as in `sent-1f2e3d4c`."""

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


class Unconvertible(Exception):
    """The file cannot be made into what the channel takes. `text` is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Rendition:
    """A stored file that was made of another one."""

    name: str
    key: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class File:
    """Bytes of a domain, and what is known of them."""

    checksum: bytes
    """SHA-256."""
    key: str
    """In the store."""
    size: int
    kind: MediaKind
    content_type: str


@dataclass(frozen=True, slots=True)
class Media:
    """A file's place in a conversation: an attachment once there is a `message_id`."""

    domain_id: UUID
    media_id: UUID
    conversation_id: UUID | None
    """None: a canned reply's."""
    message_id: UUID | None
    person_id: UUID | None
    place: int
    state: State
    kind: MediaKind
    content_type: str
    filename: str
    path: str
    """As spec section 3 shows it: `conversation-media/{user}/{agent}/{chat}/{time}_{name}`."""
    checksum: bytes | None
    source_url: str | None
    error: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime
    key: str | None = None
    size: int | None = None
    understood_at: datetime | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    pages: int | None = None
    peaks: list[int] | None = None
    transcript: str | None = None
    language: str | None = None
    description: str | None = None
    text: str | None = None
    renditions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def rendition(self, name: str) -> Rendition | None:
        found = next((each for each in self.renditions if each["name"] == name), None)
        return None if found is None else Rendition(**found)

    @property
    def file_type(self) -> FileType:
        return FileType(self.kind, self.content_type, PurePosixPath(self.filename).suffix)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will be known of it soon."""
        return self.state in ("failed", "deleted") or self.understood_at is not None


@dataclass(frozen=True, slots=True)
class Expected:
    """A file that came with a customer's message and is still at the carrier."""

    domain_id: UUID
    media_id: UUID
    message_id: UUID
    place: int
    kind: MediaKind
    content_type: str
    source_url: str


def kind_of(content_type: str) -> MediaKind:
    """What a content type claims to be."""
    family = content_type.partition("/")[0]
    if family == "image":
        return "image"
    if family == "audio" or content_type.startswith("application/ogg"):
        return "audio"
    return "video" if family == "video" else "document"
