"""The protocols that carriers, stores and recognisers implement, and the values that cross them.

A carrier is a value that knows one vendor's wire and nothing else: no database, no feature, no
HTTP response. What happens with its events is the pipeline's business.
"""

import math
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

from frontdesk.kernel.form import parse_form
from frontdesk.kernel.templates import CarrierTemplate, TemplateStatus, TemplateUse

ChannelKind = Literal["wmsg", "wvoice", "sms", "phone"]
CHANNEL_KINDS: tuple[ChannelKind, ...] = ("wmsg", "wvoice", "sms", "phone")

MessageKind = Literal[
    "text",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "button",
    "list_reply",
    "reaction",
    "unsupported",
]


class Status(StrEnum):
    """How far an outbound message got. `rank` orders them: a status never moves back."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"
    NOTED = "noted"
    """Of what no customer sees: notes and events."""


@dataclass(frozen=True)
class WebhookRequest:
    """A carrier's call, as it arrived. `body` holds the raw bytes that signatures cover."""

    method: str
    urls: tuple[str, ...]
    """The URLs that the carrier may have called, likeliest first: the public one, then as seen."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The form fields. Raises ValueError when there are too many."""
        return parse_form(self.body)


@dataclass(slots=True)
class Inbound:
    """A message from a customer.

    `channel_address` and `contact_address` are E.164 without prefix, or a business-scoped user id.
    `content` keeps what is not text: `media`, `location`, `contacts`, `button`, `list_reply`,
    `referral`, `forwarded`, as plain JSON.
    """

    channel_kind: ChannelKind
    channel_address: str
    contact_address: str
    carrier_id: str
    kind: MessageKind
    text: str
    profile_name: str | None = None
    external_user_id: str | None = None
    reply_to: str | None = None
    content: dict[str, Any] = field(default_factory=dict[str, Any])
    sent_at: datetime | None = None
    carrier_address: str = ""
    """The carrier's own id of the channel's address, which then says whose message it is."""
    receipt: bytes = b""
    """What is kept of a request that holds other messages, too; a request of its own: this one."""


Remedy = Literal["retry", "wait", "stop_contact", "stop_channel", "give_up", "ask"]
"""What to do about a failed send.

retry: again, with backoff. wait: the carrier asks for less; again after `retry_after`.
stop_contact: the customer opted out. stop_channel: credentials or account; a person must act.
give_up: this message can never be sent. ask: it may have got through; ask the carrier first.
"""


@dataclass(slots=True)
class StatusUpdate:
    """What a carrier says of a message that we sent.

    `message_id` is our own id when the carrier echoes it; `carrier_id` is theirs. `remedy` is what
    the carrier's error table says of `error_code`: an opt-out may come on a status too.
    """

    channel_kind: ChannelKind
    channel_address: str
    carrier_id: str
    status: Status
    message_id: UUID | None = None
    carrier_status: str = ""
    error_code: str | None = None
    error: str | None = None
    at: datetime | None = None
    remedy: Remedy | None = None
    carrier_address: str = ""
    """As in `Inbound`."""


Event = Inbound | StatusUpdate


@dataclass(frozen=True, slots=True)
class Challenge:
    """A carrier asks whether a webhook's address is ours: it names the token that we chose."""

    token: str = field(repr=False)
    answer: bytes


class Refused(Exception):
    """The request is not from the carrier, or not readable. `status` is the HTTP status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Channel:
    """One address of a domain at one carrier, with what is needed to use it."""

    domain_id: UUID
    channel_id: UUID
    kind: ChannelKind
    carrier: str
    address: str
    account: str
    secret: str = field(repr=False)
    base_url: str
    rate: float
    """Messages per second; the burst is one second's worth."""
    details: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, hash=False)
    """What a carrier needs besides, secrets among it. Meta: `business_account_id`, `app_secret`,
    `verify_token`."""


MediaKind = Literal["image", "audio", "video", "document", "sticker"]
MEDIA_KINDS: tuple[MediaKind, ...] = ("image", "audio", "video", "document", "sticker")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a file of an outbound message is: its address may not tell."""

    kind: MediaKind
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to hand to a carrier, formatted and within its limits."""

    message_id: UUID
    to: str
    text: str
    media_urls: Sequence[str] = ()
    media: Sequence[Enclosed] = ()
    """Of each of `media_urls` what it is; empty where that is not known."""
    since: datetime | None = None
    """When it was first handed over; set when an earlier attempt may have got through."""
    reply_to: str | None = None
    """The carrier's id of the message that it quotes."""
    template: TemplateUse | None = None
    """Sent in place of `text`, which is what the customer then reads."""
    until: float = math.inf
    """`time.monotonic()` after which nothing of it may leave this process: another one may have
    taken it over. A carrier checks it where it writes to the socket, and raises `ask`."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The carrier took the message. `status` is what it said of it."""

    carrier_id: str
    status: Status = Status.SENT


class SendError(Exception):
    """A send that did not succeed. `text` is written for the person who will read it."""

    def __init__(
        self, remedy: Remedy, code: str, text: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.remedy = remedy
        self.code = code
        self.text = text
        self.retry_after = retry_after


@dataclass(frozen=True)
class MediaLimit:
    """What a channel takes of one kind of file."""

    max_bytes: int
    content_types: tuple[str, ...]
    """Those that go as they are, the one to convert others to first."""


@dataclass(frozen=True)
class Capabilities:
    """What a channel kind of a carrier can do, as data."""

    text_limit: int
    """Characters of one message."""
    markup: Literal["whatsapp", "plain"]
    source: str
    session_prefix: str
    window_hours: int | None = None
    read_receipts: bool = False
    caption_limit: int = 1024
    media: Mapping[MediaKind, MediaLimit] = field(default_factory=dict[MediaKind, MediaLimit])
    """A kind that is not here cannot be sent."""
    media_per_message: int = 1
    captioned: tuple[MediaKind, ...] = ()
    """The kinds whose messages may have a text, too."""
    replies: bool = False
    """Whether a message may quote an earlier one."""
    reactions: bool = False
    edits: bool = False
    """Whether a message that was sent may be changed, and below, taken back."""
    deletes: bool = False
    templates: bool = False
    """Whether messages outside the window can be made from templates that the carrier approved."""
    askable: bool = True
    """Whether the carrier can be asked for a message that may have got through. If not, only a
    status that names our id tells of it."""
    webhook_path: str = ""
    """Where the carrier calls, if all its kinds of channels share one address."""


class FetchError(Exception):
    """A customer's file that could not be had. `text` is written for the person who reads it."""

    def __init__(self, text: str, *, again: bool, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.again = again
        """Whether it may be there later."""
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Download:
    """A customer's file on its way. What the carrier says of it may be wrong."""

    content_type: str
    filename: str | None
    size: int | None
    chunks: AsyncIterator[bytes]
    """Raises FetchError when the transfer breaks."""


class Carrier(Protocol):
    """A messaging vendor: verify, parse, send, find, list, fetch, check."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Mapping[ChannelKind, Capabilities]: ...

    @property
    def acknowledgement(self) -> tuple[str, bytes]:
        """Content type and body of the answer to a webhook that is committed."""
        ...

    def parse(self, kind: ChannelKind, request: WebhookRequest) -> list[Event]:
        """The events of a webhook. Raises Refused(400) when it is not one of this carrier's."""
        ...

    def challenge(self, request: WebhookRequest) -> Challenge | None:
        """What a GET at the webhook's address asks. None: this carrier asks nothing there.

        Raises Refused when it cannot be understood.
        """
        ...

    def verify(self, request: WebhookRequest, channel: Channel) -> None:
        """Raises Refused(403) unless the request was signed with the channel's secret."""
        ...

    async def send(self, message: Outbound, channel: Channel) -> Sent:
        """Hands one message over. Raises SendError."""
        ...

    async def find(self, message: Outbound, channel: Channel, known: set[str]) -> Sent | None:
        """Looks for a message that may have got through, skipping carrier ids in `known`.

        Raises SendError when the carrier cannot be asked, now or at all (see `askable`).
        """
        ...

    async def inbound_since(self, channel: Channel, since: datetime) -> list[Inbound]:
        """The messages that customers sent to the channel since then, oldest first.

        A carrier that keeps no list, and repeats its webhooks instead, has none. Raises SendError
        when it cannot be asked.
        """
        ...

    def fetch(self, url: str, channel: Channel) -> AbstractAsyncContextManager[Download]:
        """Opens a file that a customer sent, with the channel's credentials.

        `url` is what the message's content names: an address, or the carrier's id of the file.

        They go to the carrier's own hosts and to the host of its configured base, and to nobody
        that these redirect to. Entering raises FetchError.
        """
        ...

    async def check(self, channel: Channel) -> None:
        """Asks the carrier whether the channel's credentials are good.

        Raises SendError: `stop_channel` when they are not, others when it cannot be asked.
        """
        ...

    async def templates(self, channel: Channel) -> list[CarrierTemplate]:
        """All that the channel's account has. Raises SendError, as do the two below."""
        ...

    async def submit_template(
        self, template: CarrierTemplate, channel: Channel
    ) -> tuple[str, TemplateStatus]:
        """Makes it at the carrier and hands it in for approval; the carrier's id, and how it is."""
        ...

    async def delete_template(self, carrier_id: str, channel: Channel) -> None:
        """One that is gone already is no error."""
        ...


# Stores of files ------------------------------------------------------------------------------


class StoreError(Exception):
    """The store of files does not answer, or refuses. `missing`: it does not have the file."""

    def __init__(self, text: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.missing = missing


class ObjectStore(Protocol):
    """Where files are: a directory, S3, Google Cloud Storage, Azure. All methods raise StoreError.

    A key is a path of safe characters: letters, digits, `.`, `_`, `-`, `+`, `=`, `/`.
    """

    async def put(self, key: str, chunks: AsyncIterable[bytes], content_type: str) -> int:
        """Stores the bytes as they come, all or nothing; their number.

        What `chunks` raises is raised, and then nothing is stored.
        """
        ...

    async def put_file(self, key: str, path: Path, content_type: str) -> int: ...

    async def size(self, key: str) -> int: ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to and without `end`, in chunks."""
        ...

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """A file on this machine with the bytes, to read only; a copy where the store is remote."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes what is there; what is not is no error."""
        ...

    async def signed_url(self, key: str, seconds: int) -> str | None:
        """An address at which anybody can read it for a while; None where the store cannot sign."""
        ...

    async def check(self) -> None:
        """Raises StoreError unless files can be written."""
        ...

    async def sweep(self) -> None:
        """Deletes what killed processes left half-written."""
        ...


class RecognitionFailed(Exception):
    """A recogniser gave nothing. `text` is written for the person who reads it.

    `again`: it may work later. The `text` holds no key and no address of the inner network.
    """

    def __init__(self, text: str, *, again: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.again = again


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    language: str | None = None
    """ISO 639-1, such as `en`."""
    duration: float | None = None
    """Seconds."""


class Transcriber(Protocol):
    """Speech to text. All raise RecognitionFailed."""

    async def transcribe(self, wav: Path, language: str | None) -> Transcript:
        """`wav` is PCM, 16 bit, 16 kHz, mono; `language` a hint, ISO 639-1."""
        ...


class Describer(Protocol):
    """A picture in words."""

    async def describe(self, image: Path, content_type: str, language: str | None) -> str: ...


class TextReader(Protocol):
    """The text in a picture."""

    async def read(self, image: Path) -> str: ...
