"""What the emulated carrier keeps: messages, business numbers, faults, settings. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

Channel = Literal["whatsapp", "sms"]
Vendor = Literal["twilio", "meta"]
Direction = Literal["inbound", "outbound-api"]
MediaKind = Literal["image", "sticker", "voice", "audio", "video", "contact", "document"]
Outcome = Literal["none", "pending", "accepted", "refused", "unreachable", "skipped"]

API_VERSION = "2010-04-01"
WHATSAPP = "whatsapp:"
WAMID = "wamid."
"""What the ids of Meta's messages begin with."""
FINAL = frozenset({"delivered", "read", "failed", "undelivered", "canceled", "received"})
RANK = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}


def channel_of(address: str) -> Channel:
    return "whatsapp" if address.startswith(WHATSAPP) else "sms"


def bare(address: str) -> str:
    """`whatsapp:+1415…` → `+1415…`; an SMS address is bare already."""
    return address.removeprefix(WHATSAPP)


@dataclass(frozen=True, slots=True)
class BusinessNumber:
    """An address that a business owns. `webhook` overrides the configured target for it.

    With a `phone_number_id` the number is Meta's, and `account_sid` names its business account.
    """

    address: str
    name: str = ""
    account_sid: str | None = None
    webhook: str | None = None
    phone_number_id: str | None = None

    @property
    def vendor(self) -> Vendor:
        return "twilio" if self.phone_number_id is None else "meta"


@dataclass(frozen=True, slots=True)
class GraphAccount:
    """A WhatsApp Business Account at Meta, and the app that works for it."""

    id: str
    access_token: str
    app_secret: str


@dataclass(frozen=True, slots=True)
class StatusDelays:
    """Seconds after the step before. `read=None`: only when the phone shows the message."""

    sent: float = 0.15
    delivered: float = 0.35
    read: float | None = None


@dataclass(frozen=True)
class SandboxConfig:
    """`public_url` is where clients reach this app, a mount prefix included.

    `webhooks` is the base that `/whatsapp/webhook`, `/sms/webhook` and `/meta/webhook` are appended
    to; it may end in Twilio's connection overrides (`#rc=2&rp=all`). With no `numbers`, every From
    address is accepted at Twilio.
    """

    public_url: str
    accounts: Mapping[str, str]
    """Twilio's: the token of each account SID."""
    graph_accounts: tuple[GraphAccount, ...] = ()
    webhooks: str = "http://127.0.0.1:1956"
    business_urls: tuple[str, ...] = ()
    """Further addresses of the business: its files are fetched from there though they are private,
    as from `webhooks`."""
    numbers: tuple[BusinessNumber, ...] = ()
    delays: StatusDelays = StatusDelays()
    journal: Path | None = None
    webhook_timeout: float = 15.0
    media_timeout: float = 10.0
    """Seconds in which a file of the business must have come."""
    repeat_after: float = 1.0
    """Seconds after which Meta posts a refused webhook again; then twice as long each time."""
    strangers_may_be_written_to: bool = False
    """Whether the 24-hour window is open to customers who never wrote here: for a webhook that was
    posted by hand, of which the sandbox knows nothing."""
    approval_seconds: float = 0.0
    """How long WhatsApp takes to approve a template, or to reject one with `reject` in its name."""


@dataclass(slots=True)
class Media:
    """One attachment. Its bytes are kept here once `size` is known, else they are at `url`."""

    sid: str
    content_type: str
    url: str | None = None
    kind: MediaKind = "document"
    filename: str | None = None
    """As the sender had it. Twilio tells nobody, Meta those of documents."""
    size: int | None = None


@dataclass(slots=True)
class TemplateParts:
    """What a message from a template shows besides its body and its header's file.

    A button is {"kind": "reply" | "url" | "phone", "text", and "id", "url" or "phone"}.
    """

    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message failed, in its carrier's codes."""

    code: int
    text: str


@dataclass(slots=True)
class Delivery:
    """One attempt to tell the business something. `status` is None when nothing answered."""

    kind: Literal["message", "status"]
    url: str
    status: int | None
    body: str
    error: str | None
    attempt: int
    seconds: float


@dataclass(slots=True, eq=False)
class Message:
    sid: str
    account_sid: str
    from_: str
    to: str
    body: str
    direction: Direction
    status: str
    created: datetime
    updated: datetime
    sent: datetime | None = None
    error_code: int | None = None
    error_message: str | None = None
    media: list[Media] = field(default_factory=list)
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    callback_data: str | None = None
    """What the business wants to hear with each of Meta's statuses."""
    quotes: str | None = None
    """The sid of the message that the business answers with this one."""
    content_sid: str | None = None
    template: TemplateParts | None = None
    fields: dict[str, str] = field(default_factory=dict)
    """Further webhook fields of an inbound message: button, location, reply-to, referral…"""
    webhook: Outcome = "none"
    deliveries: list[Delivery] = field(default_factory=list)
    sequence: int = 0
    """Place in the order of acceptance."""
    revision: int = 0
    """Grows with every change of any message; live streams resume after it."""

    @property
    def vendor(self) -> Vendor:
        return "meta" if self.sid.startswith(WAMID) else "twilio"

    @property
    def business(self) -> str:
        return self.to if self.direction == "inbound" else self.from_

    @property
    def customer(self) -> str:
        return self.from_ if self.direction == "inbound" else self.to
