"""Conversations and messages: what they are, and how a message's status may move."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from frontdesk.kernel.optout import Action
from frontdesk.media.model import Expected, Media, kind_of
from frontdesk.ports import ChannelKind, MessageKind, Status

Mode = Literal["assistant", "manual"]
Sender = Literal["user", "assistant", "human", "system"]

RANKS: dict[Status, int] = {
    Status.DRAFT: 0,
    Status.SCHEDULED: 0,
    Status.QUEUED: 1,
    Status.SENDING: 2,
    Status.SENT: 3,
    Status.FAILED: 4,
    Status.CANCELED: 4,
    Status.DELIVERED: 5,
    Status.READ: 6,
    Status.PLAYED: 7,
    Status.RECEIVED: 9,
    Status.NOTED: 9,
}
"""A status replaces one of lower rank only. Failure outranks sent, and delivery disproves it."""

PREVIEW_LENGTH = 200
TAKEN_OVER = "a person took over"
"""Why an assistant's answer that was still queued is not sent."""
MOST_TOLD = 12_000
"""Characters of one file that an assistant is given."""


@dataclass(slots=True)
class Arrival:
    """An inbound message on its way into the tables, with the ids it will have."""

    domain_id: UUID
    channel_id: UUID
    carrier_id: str
    body: bytes
    received_at: datetime
    address: str
    contact_address: str
    external_user_id: str | None
    profile_name: str | None
    kind: MessageKind
    source: str
    text: str
    structured: dict[str, Any] | None
    reply_to: str | None
    sent_at: datetime | None
    message_id: UUID
    """Also the id of the trace that it begins, and of the contact and the conversation if it is
    their first: one id to make, and one to follow."""

    @property
    def files(self) -> list[Expected]:
        """What the carrier has of it."""
        if self.structured is None or "media" not in self.structured:
            return []
        return [
            Expected(
                domain_id=self.domain_id,
                media_id=UUID(item["media_id"]),
                message_id=self.message_id,
                place=place,
                kind="sticker" if self.kind == "sticker" else kind_of(item["content_type"]),
                content_type=item["content_type"],
                source_url=item["url"],
            )
            for place, item in enumerate(self.structured["media"])
        ]


@dataclass(slots=True)
class Report:
    """What a carrier says of an outbound message, on its way into the tables."""

    domain_id: UUID
    channel_id: UUID
    carrier_id: str
    message_id: UUID | None
    status: Status
    carrier_status: str
    error_code: str | None
    error: str | None
    stops_contact: bool
    at: datetime

    @property
    def rank(self) -> int:
        return RANKS[self.status]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An inbound message that no turn has answered yet."""

    seq: int
    message_id: UUID
    kind: MessageKind
    content: str
    structured: dict[str, Any] | None
    trace_id: UUID
    created_at: datetime
    sent_at_carrier: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A conversation whose turn this worker has taken, with what the turn needs to know."""

    domain_id: UUID
    conversation_id: UUID
    token: UUID
    job: int
    attempts: int
    channel_id: UUID
    channel_kind: ChannelKind
    carrier: str
    contact_id: UUID
    address: str
    display_name: str | None
    email: str | None
    assistant_id: str | None
    mode: Mode
    language: str | None
    context_seq: int
    opted_out: bool
    blocked: bool
    domain_name: str
    domain_display_name: str
    default_assistant_id: str | None
    assistants_version: int
    domain_settings: dict[str, Any]
    waiting: list[Waiting]
    picked_up_at: datetime
    billed: bool = False
    """Whether the domain pays for its messages."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A message to send, as it is stored: already formatted and within the channel's limit."""

    message_id: UUID
    sender: Sender
    source: str
    content: str
    trace_id: UUID
    part: int = 0
    thinking: str | None = None
    structured: dict[str, Any] | None = None
    kind: MessageKind = "text"
    reply_to: str | None = None
    """The carrier's id of the message that it quotes."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer's word did to their opt-out."""

    action: Action
    word: str
    everywhere: bool
    """On all of the domain's channels, instead of on the one that it was said on."""


@dataclass(slots=True)
class Outcome:
    """What a turn decided: replies to send and changes of the conversation."""

    replies: list[Reply] = field(default_factory=list[Reply])
    assistant_id: str | None = None
    mode: Mode | None = None
    needs_people: str | None = None
    """Why people are asked to look, if they are."""
    language: str | None = None
    reset_context: bool = False
    consents: list[Consent] = field(default_factory=list[Consent])
    """In the order in which they were said."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A conversation's delivery lane that is ours. `wanted` is its count when we last looked."""

    domain_id: UUID
    conversation_id: UUID
    token: UUID
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """A turn that ended. `lane` is the delivery lane that came with it, if it was idle."""

    lane: Lane | None
    handed_over: bool = False
    """Whether people are asked to look who were not before."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The next message of a conversation's delivery lane, with what decides whether it may go."""

    domain_id: UUID
    conversation_id: UUID
    channel_id: UUID
    contact_id: UUID
    address: str
    seq: int
    message_id: UUID
    content: str
    structured: dict[str, Any] | None
    status: Status
    attempts: int
    trace_id: UUID
    created_at: datetime
    sending_at: datetime | None
    attempted_at: datetime
    received_at: datetime | None
    last_inbound_at: datetime | None
    opted_out: bool
    blocked: bool
    reply_to: str | None
    channel_state: str
    channel_state_reason: str | None
    billed: bool
    """Whether the domain pays for its messages."""

    @property
    def is_opt_out_notice(self) -> bool:
        """What is said of an opt-out goes to whom opted out, and costs the domain nothing."""
        return bool((self.structured or {}).get("opt_out_notice"))


@dataclass(frozen=True, slots=True)
class Fare:
    """What decides the price of a message; `otherwise` is it where the domain has none."""

    key: str
    channel: ChannelKind
    category: str | None
    country: str | None
    otherwise: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """What came of handing over a message that is to be paid for."""

    goes: bool
    price: Decimal
    """Of the message, also when the balance did not cover it."""


def preview(text: str, kind: str) -> str:
    """A conversation list's line for a message."""
    line = " ".join(text.split())
    return line[:PREVIEW_LENGTH] if line else f"[{kind}]"


def describe(
    kind: str, text: str, structured: dict[str, Any] | None, files: Sequence[Media] = ()
) -> str:
    """A message as text for an assistant: what is not text stands in brackets."""
    extras: list[str] = []
    details = structured or {}
    if location := details.get("location"):
        words = [location.get("label"), location.get("address")]
        place = ", ".join(str(word) for word in words if word)
        point = f"{location.get('latitude')}, {location.get('longitude')}"
        extras.append(f"[location: {place + ' ' if place else ''}({point})]")
    if files:
        extras.extend(_told(file) for file in files)
    elif media := details.get("media"):
        extras.extend(f"[{item.get('content_type') or kind}]" for item in media)
    elif not text and not extras:
        extras.append(f"[{kind}]")
    return "\n".join(part for part in (text, *extras) if part)


def _told(file: Media) -> str:
    """A file in words: what it is, then what was heard, seen or read in it."""
    if file.state in ("failed", "deleted"):
        return f"[{file.kind}: {file.state}]"
    facts = [f"{file.kind} {file.filename}".strip()]
    if file.duration:
        facts.append(f"{round(file.duration)} s")
    if file.pages:
        facts.append(f"{file.pages} page{'s' if file.pages > 1 else ''}")
    if not file.is_settled:
        facts.append("its content is not known yet")
    words = [file.transcript, file.description, file.text]
    told = "\n".join(word for word in words if word)[:MOST_TOLD]
    return f"[{', '.join(facts)}]{' ' if told else ''}{told}"
