"""The protocols that carriers implement, and the values that cross them.

A carrier is a value that knows one vendor's wire and nothing else: no database, no feature, no
HTTP response. What happens with its events is the pipeline's business.
"""

import math
import re
from binascii import a2b_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Protocol
from uuid import UUID

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

MAX_FORM_FIELDS = 1_000

_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _unquote(text: bytes) -> bytes:
    """Percent-decoding of well-formed text by C code: quoted-printable writes `=` for `%`.

    A webhook's form is read in 0.5 to 0.6 of the time that `urllib.parse` takes, and 1 MB of
    escapes in 20 ms instead of 180: anyone may send those, as parsing comes before verifying.
    """
    return a2b_qp(text.replace(b"=", b"=3D").replace(b"%", b"="))


class Status(StrEnum):
    """How far an outbound message got. `rank` orders them: a status never moves back."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"


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
        """The form fields, several values of one name in order of arrival.

        Broken UTF-8 becomes U+FFFD. Raises ValueError over `MAX_FORM_FIELDS` fields.
        """
        if self.body.count(b"&") >= MAX_FORM_FIELDS:
            raise ValueError(f"more than {MAX_FORM_FIELDS} fields")
        fields: dict[str, list[str]] = {}
        text = _STRAY_PERCENT.sub(b"%25", self.body.replace(b"+", b" "))
        for pair in text.split(b"&"):
            if pair:
                name, _, value = pair.partition(b"=")
                if b"%" in pair:
                    name, value = _unquote(name), _unquote(value)
                values = fields.setdefault(name.decode("utf-8", "replace"), [])
                values.append(value.decode("utf-8", "replace"))
        return fields


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


Event = Inbound | StatusUpdate


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
    secret: str
    base_url: str
    rate: float
    """Messages per second; the burst is one second's worth."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to hand to a carrier, formatted and within its limits."""

    message_id: UUID
    to: str
    text: str
    media_urls: Sequence[str] = ()
    since: datetime | None = None
    """When it was first handed over; set when an earlier attempt may have got through."""
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


class Carrier(Protocol):
    """A messaging vendor: verify, parse, send, find, list."""

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

    def verify(self, request: WebhookRequest, channel: Channel) -> None:
        """Raises Refused(403) unless the request was signed with the channel's secret."""
        ...

    async def send(self, message: Outbound, channel: Channel) -> Sent:
        """Hands one message over. Raises SendError."""
        ...

    async def find(self, message: Outbound, channel: Channel, known: set[str]) -> Sent | None:
        """Looks for a message that may have got through, skipping carrier ids in `known`.

        Raises SendError when the carrier cannot be asked.
        """
        ...

    async def inbound_since(self, channel: Channel, since: datetime) -> list[Inbound]:
        """The messages that customers sent to the channel since then, oldest first.

        Raises SendError when the carrier cannot be asked.
        """
        ...
