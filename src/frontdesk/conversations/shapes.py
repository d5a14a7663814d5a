"""The shapes in which conversations and messages leave Frontdesk, and how rows become them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Generic, Literal, TypeVar

from fastapi import Request
from pydantic import BaseModel, Field

from frontdesk.conversations.model import Mode, Sender, preview
from frontdesk.conversations.reading import Told
from frontdesk.db.pool import Row
from frontdesk.domains.shapes import PersonRefOut
from frontdesk.kernel.clock import iso
from frontdesk.media.api import AttachmentOut, attachment_out, base_url
from frontdesk.ports import Carrier, ChannelKind

Item = TypeVar("Item")

HIDDEN = ("media", "tool_calls", "away_until")
"""Of what a message keeps, where the carrier has its files, and what has a field of its own."""
PREFIXES = {"wmsg": ("whatsapp", "WhatsApp"), "wvoice": ("whatsapp", "WhatsApp")}


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: str | None = None


class LabelOut(BaseModel):
    label_id: str
    name: str = Field(examples=["refund"])
    color: str = Field(examples=["amber"])


class TeamRefOut(BaseModel):
    team_id: str
    name: str = Field(examples=["Sales"])


class ConversationOut(BaseModel):
    chat_id: str
    contact_id: str
    phone_number: str = Field(examples=["+1234567890"])
    display_name: str = Field(examples=["Ana"])
    channel: ChannelKind = Field(examples=["wmsg"])
    channel_id: str
    assistant_id: str | None = Field(examples=["default-assistant"])
    mode: Mode
    mode_changed_at: str | None
    mode_changed_by: PersonRefOut | None = Field(
        description="None when the assistant or a customer's command changed it"
    )
    status: Literal["open", "snoozed", "closed"]
    snoozed_until: str | None
    last_message: str = Field(examples=["Hello"])
    last_sender: Sender | None
    last_active: str | None = Field(examples=["2026-02-03T12:00:00Z"])
    window_closes_at: str | None = Field(description="Until when free text may be sent")
    has_window: bool = Field(description="Whether the channel has such a window")
    unread: int | None = Field(description="The viewer's; None in events", examples=[1])
    inbound_count: int
    read_count: int | None = Field(description="The viewer's; None in events")
    mentioned: bool | None = Field(description="Whether the viewer has an unread mention")
    needs_people: bool
    needs_people_reason: str | None
    assignee: PersonRefOut | None
    team: TeamRefOut | None
    labels: list[LabelOut]
    priority: Literal["low", "normal", "high", "urgent"]
    opted_out: bool
    blocked: bool
    created_at: str | None


class QuoteOut(BaseModel):
    message_id: str | None = Field(description="None where the message is not here")
    sender: Sender | None
    kind: str = Field(examples=["text"])
    preview: str = Field(description="Its first 200 characters", examples=["Which size?"])


class ReactionOut(BaseModel):
    emoji: str = Field(examples=["👍"])
    sender: Sender


class ToolCallOut(BaseModel):
    name: str = Field(examples=["hand_off_to_person"])
    arguments: Any
    result: Any


class MessageOut(BaseModel):
    message_id: str
    chat_id: str
    seq: int = Field(description="Its place in the conversation: goes up, with gaps")
    content: str = Field(examples=["Hello"])
    sender: Sender
    person: PersonRefOut | None
    source: str = Field(examples=["whatsapp"])
    kind: str = Field(examples=["text"])
    media_url: str | None
    attachments: list[AttachmentOut]
    structured: dict[str, Any] | None
    status: str = Field(examples=["delivered"])
    error: str | None
    error_code: str | None
    reply_to: str | None
    quote: QuoteOut | None
    reactions: list[ReactionOut]
    mentions: list[str]
    scheduled_at: str | None
    edited_at: str | None
    thinking: str | None
    tool_calls: list[ToolCallOut]
    trace_id: str
    created_at: str | None
    updated_at: str | None


class ThreadOut(BaseModel):
    items: list[MessageOut] = Field(description="Oldest first")
    next: str | None = Field(
        description="The `before` of the page above",
        examples=["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"],
    )
    newer: str | None = Field(description="The `after` of the page below; None at the end")
    first_unread: str | None = Field(description="The viewer's first unread message")


class CountsOut(BaseModel):
    """Numbers of open conversations. They may stop at 1000."""

    mine: int = Field(examples=[4])
    unassigned: int
    all: int
    unread: int = Field(description="Of the 1000 latest active")
    mentions: int
    needs_people: int


def display_name(row: Row) -> str:
    """The carrier's profile name, else a name made of the number's last digits."""
    label = PREFIXES.get(row["channel"], ("sms", "SMS"))[1]
    return row["display_name"] or f"{label} User {row['address'][-4:]}"


def conversation_out(row: Row, carriers: Mapping[str, Carrier]) -> ConversationOut:
    """`row` is one of `ReadingService`'s."""
    hours = carriers[row["carrier"]].capabilities[row["channel"]].window_hours
    opened, read_count = row["last_inbound_at"], row["read_count"]
    closes = opened + timedelta(hours=hours) if hours is not None and opened else None
    return ConversationOut(
        chat_id=str(row["conversation_id"]),
        contact_id=str(row["contact_id"]),
        phone_number=row["address"],
        display_name=display_name(row),
        channel=row["channel"],
        channel_id=str(row["channel_id"]),
        assistant_id=row["assistant_id"],
        mode=row["mode"],
        mode_changed_at=iso(row["mode_changed_at"]),
        mode_changed_by=row["mode_changed_by"],
        status=row["status"],
        snoozed_until=iso(row["snoozed_until"]),
        last_message=row["last_message"],
        last_sender=row["last_sender"],
        last_active=iso(row["last_active"]),
        window_closes_at=iso(closes),
        has_window=hours is not None,
        unread=None if read_count is None else max(0, row["inbound_count"] - read_count),
        inbound_count=row["inbound_count"],
        read_count=read_count,
        mentioned=row["mentioned"],
        needs_people=row["needs_people"],
        needs_people_reason=row["needs_people_reason"],
        assignee=row["assignee"],
        team=row["team"],
        labels=row["labels"] or [],
        priority=row["priority"],
        opted_out=row["opted_out"],
        blocked=row["blocked"],
        created_at=iso(row["created_at"]),
    )


def message_out(told: Told, base: str) -> MessageOut:
    """`base` is where this server is reached: addresses of files begin with it."""
    row = told.row
    attachments = [attachment_out(media, base) for media in told.files]
    structured: dict[str, Any] = row["structured"] or {}
    kept = {name: value for name, value in structured.items() if name not in HIDDEN}
    return MessageOut(
        message_id=str(row["message_id"]),
        chat_id=str(row["conversation_id"]),
        seq=row["seq"],
        content=row["content"],
        sender=row["sender"],
        person=row["person"],
        source=row["source"],
        kind=row["kind"],
        media_url=attachments[0].url if attachments else None,
        attachments=attachments,
        structured=kept or None,
        status=row["status"],
        error=row["error"],
        error_code=row["error_code"],
        reply_to=row["reply_to"],
        quote=_quote(row),
        reactions=_reactions(row),
        mentions=row["mentions"] or [],
        scheduled_at=iso(row["scheduled_at"]),
        edited_at=iso(row["edited_at"]),
        thinking=row["thinking"],
        tool_calls=structured.get("tool_calls", []),
        trace_id=str(row["trace_id"]),
        created_at=iso(row["created_at"]),
        updated_at=iso(row["updated_at"]),
    )


def messages_out(told: Sequence[Told], request: Request) -> list[MessageOut]:
    base = base_url(request)
    return [message_out(each, base) for each in told]


def _quote(row: Row) -> QuoteOut | None:
    if row["reply_to"] is None:
        return None
    quote: dict[str, Any] | None = row["quote"]
    if quote is None:
        return QuoteOut(message_id=None, sender=None, kind="unsupported", preview="")
    shown = preview(quote["preview"], quote["kind"])
    return QuoteOut(
        message_id=quote["message_id"], sender=quote["sender"], kind=quote["kind"], preview=shown
    )


def _reactions(row: Row) -> list[ReactionOut]:
    senders: tuple[tuple[Sender, str | None], ...] = (
        ("user", row["user_reaction"]),
        ("human", row["human_reaction"]),
    )
    return [ReactionOut(emoji=emoji, sender=sender) for sender, emoji in senders if emoji]
