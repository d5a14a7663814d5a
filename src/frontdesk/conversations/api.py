"""Conversations over HTTP: lists, threads, sessions, timelines, dead letters."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.service import ConversationService
from frontdesk.db.pool import Row
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.phone import parse_address
from frontdesk.media.api import AttachmentOut, attachment_out, base_url
from frontdesk.media.model import Media
from frontdesk.media.service import MediaService
from frontdesk.web.paging import MOST, from_cursor, to_cursor

router = APIRouter(prefix="/api/v1", tags=["conversations"])

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=MOST)]


class ConversationOut(BaseModel):
    chat_id: str
    phone_number: str = Field(examples=["+1234567890"])
    display_name: str = Field(examples=["Ana"])
    channel: str = Field(examples=["wmsg"])
    assistant_id: str | None = Field(examples=["default-assistant"])
    mode: Literal["assistant", "manual"]
    status: Literal["open", "snoozed", "closed"]
    last_message: str = Field(examples=["Hello"])
    last_active: str | None = Field(examples=["2026-02-03T12:00:00Z"])
    unread: int = Field(examples=[1])
    needs_people: bool
    needs_people_reason: str | None


class ConversationChange(BaseModel):
    mode: Literal["assistant", "manual"] = Field(examples=["manual"])


class MessageOut(BaseModel):
    message_id: str
    chat_id: str
    content: str = Field(examples=["Hello"])
    sender: Literal["user", "assistant", "human", "system"]
    source: str = Field(examples=["whatsapp"])
    kind: str = Field(examples=["text"])
    media_url: str | None
    attachments: list[AttachmentOut]
    structured: dict[str, Any] | None
    status: str = Field(examples=["delivered"])
    error: str | None
    error_code: str | None
    reply_to: str | None
    thinking: str | None
    trace_id: str
    created_at: str | None
    updated_at: str | None


class SessionOut(BaseModel):
    phone_number: str = Field(examples=["+1234567890"])
    assistant_id: str | None = Field(examples=["default-assistant"])
    session_id: str = Field(examples=["whatsapp-+1234567890"])
    user_email: str = Field(examples=["+1234567890@whatsapp.user"])
    display_name: str = Field(examples=["WhatsApp User 7890"])
    chat_id: str
    created_at: str | None
    last_active: str | None


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: str | None = None


PREFIXES = {"wmsg": ("whatsapp", "WhatsApp"), "wvoice": ("whatsapp", "WhatsApp")}


def service(request: Request) -> ConversationService:
    return request.app.state.conversations


def display_name(row: Row) -> str:
    """The carrier's profile name, else a name made of the number's last digits."""
    label = PREFIXES.get(row["channel"], ("sms", "SMS"))[1]
    return row["display_name"] or f"{label} User {row['address'][-4:]}"


def conversation_out(row: Row) -> ConversationOut:
    return ConversationOut(
        chat_id=str(row["conversation_id"]),
        phone_number=row["address"],
        display_name=display_name(row),
        channel=row["channel"],
        assistant_id=row["assistant_id"],
        mode=row["mode"],
        status=row["status"],
        last_message=row["last_message"],
        last_active=iso(row["last_active"]),
        unread=row["unread"],
        needs_people=row["needs_people"],
        needs_people_reason=row["needs_people_reason"],
    )


def message_out(row: Row, files: Sequence[Media], base: str) -> MessageOut:
    attachments = [attachment_out(media, base) for media in files]
    # Where the carrier has the files is nobody's business; `attachments` say what became of them.
    kept = {name: value for name, value in (row["structured"] or {}).items() if name != "media"}
    return MessageOut(
        message_id=str(row["message_id"]),
        chat_id=str(row["conversation_id"]),
        content=row["content"],
        sender=row["sender"],
        source=row["source"],
        kind=row["kind"],
        media_url=attachments[0].url if attachments else None,
        attachments=attachments,
        structured=kept or None,
        status=row["status"],
        error=row["error"],
        error_code=row["error_code"],
        reply_to=row["reply_to"],
        thinking=row["thinking"],
        trace_id=str(row["trace_id"]),
        created_at=iso(row["created_at"]),
        updated_at=iso(row["updated_at"]),
    )


def session_out(row: Row) -> SessionOut:
    prefix = PREFIXES.get(row["channel"], ("sms", "SMS"))[0]
    return SessionOut(
        phone_number=row["address"],
        assistant_id=row["assistant_id"],
        session_id=f"{prefix}-{row['address']}",
        user_email=row["email"] or f"{row['address']}@{prefix}.user",
        display_name=display_name(row),
        chat_id=str(row["conversation_id"]),
        created_at=iso(row["created_at"]),
        last_active=iso(row["last_active"]),
    )


@router.get("/conversations")
async def list_conversations(
    request: Request,
    caller: CallerDep,
    domain: Annotated[str | None, Query(description="The caller's own when not given")] = None,
    q: Annotated[str | None, Query(max_length=200, description="In names, numbers, texts")] = None,
    status: Literal["open", "snoozed", "closed"] | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[ConversationOut]:
    """The domain's conversations, the latest active first."""
    membership = caller.domain(domain)
    text = q.replace("\x00", "") if q else None
    rows = await service(request).page(
        membership.domain_id, status=status, before=from_cursor(cursor), text=text, most=limit
    )
    following = None
    if len(rows) == limit:
        following = to_cursor(rows[-1]["last_active"], rows[-1]["conversation_id"])
    return Page[ConversationOut](items=[conversation_out(row) for row in rows], next=following)


@router.get("/conversations/{chat_id}/messages")
async def list_messages(
    request: Request,
    caller: CallerDep,
    chat_id: UUID,
    before: Annotated[
        UUID | None, Query(description="A message_id; the page ends before it")
    ] = None,
    limit: Limit = 50,
) -> Page[MessageOut]:
    """A page of the thread, oldest first; `next` is the `before` of the page before it."""
    domain_id = await service(request).domain_of(caller.domain_ids, chat_id)
    rows = await service(request).thread(domain_id, chat_id, before, limit)
    with_files = [row["message_id"] for row in rows if "media" in (row["structured"] or ())]
    files = await service(request).attachments(domain_id, with_files) if with_files else {}
    base = base_url(request)
    items = [message_out(row, files.get(row["message_id"], ()), base) for row in reversed(rows)]
    return Page[MessageOut](items=items, next=items[0].message_id if len(rows) == limit else None)


@router.get("/conversations/{chat_id}")
async def get_conversation(request: Request, caller: CallerDep, chat_id: UUID) -> ConversationOut:
    domain_id = await service(request).domain_of(caller.domain_ids, chat_id)
    return conversation_out(await service(request).get(domain_id, chat_id))


@router.patch("/conversations/{chat_id}")
async def change_conversation(
    request: Request, caller: CallerDep, chat_id: UUID, body: ConversationChange
) -> ConversationOut:
    """Gives the conversation to people (`manual`) or back to the assistant, at once."""
    domain_id = await service(request).domain_of(caller.domain_ids, chat_id)
    caller.member_of(domain_id, "agent")
    return conversation_out(await service(request).set_mode(domain_id, chat_id, body.mode))


@router.get("/conversations/{chat_id}/media")
async def list_media(
    request: Request,
    caller: CallerDep,
    chat_id: UUID,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[AttachmentOut]:
    """The conversation's files, the newest first."""
    domain_id = await service(request).domain_of(caller.domain_ids, chat_id)
    media: MediaService = request.app.state.media
    found = await media.gallery(domain_id, chat_id, from_cursor(cursor), limit)
    following = to_cursor(found[-1].created_at, found[-1].media_id) if len(found) == limit else None
    base = base_url(request)
    items = [attachment_out(each, base) for each in found]
    return Page[AttachmentOut](items=items, next=following)


@router.get("/sessions")
async def list_sessions(
    request: Request,
    caller: CallerDep,
    phone_number: Annotated[str | None, Query(examples=["+1234567890"])] = None,
    domain: str | None = None,
    limit: Limit = 50,
) -> Page[SessionOut]:
    """The sessions of a number, the latest active first."""
    domains = caller.domain_ids if domain is None else [caller.domain(domain).domain_id]
    # A `+` that was not percent-encoded arrives as a space.
    address = parse_address(phone_number.replace(" ", "+", 1)) if phone_number else None
    rows = await service(request).sessions(domains, address, limit)
    return Page[SessionOut](items=[session_out(row) for row in rows])


@router.get("/messages/{message_id}/timeline")
async def message_timeline(request: Request, caller: CallerDep, message_id: UUID) -> dict[str, Any]:
    """When a message passed each stage, with its trace id and attempts."""
    domain_id = await service(request).domain_of_message(caller.domain_ids, message_id)
    row = await service(request).timeline(domain_id, message_id)
    inbound = row["sender"] == "user"
    question = "" if inbound else "question_"
    moments = {
        "received": row[f"{question}received_at"],
        "committed": row[f"{question}created_at"],
        "picked_up": row[f"{question}picked_up_at"],
        "answered": row[f"{question}answered_at"],
        "queued": row["queued_at"],
        "sending": row["sending_at"],
        "sent": row["sent_at"],
        "delivered": row["delivered_at"],
        "read": row["read_at"],
        "failed": row["failed_at"],
    }
    stages = [{"stage": stage, "at": iso(moment)} for stage, moment in moments.items() if moment]
    return {
        "message_id": str(message_id),
        "chat_id": str(row["conversation_id"]),
        "direction": "inbound" if inbound else "outbound",
        "trace_id": str(row["trace_id"]),
        "attempts": row["attempts"],
        "status": row["status"],
        "carrier_id": row["carrier_id"],
        "carrier_status": row["carrier_status"],
        "error_code": row["error_code"],
        "error": row["error"],
        "in_reply_to": str(row["question_id"]) if row["question_id"] else None,
        "answers": [str(answer) for answer in row["answers"]],
        **{f"{stage}_at": iso(moment) for stage, moment in moments.items()},
        "stages": stages,
    }


@router.get("/dead-letters")
async def list_dead_letters(
    request: Request, caller: CallerDep, domain: str | None = None, limit: Limit = 50
) -> dict[str, Any]:
    """What could not be taken in, answered or sent, with its reason. `frontdesk replay` retries."""
    domain_id = caller.domain(domain, "agent").domain_id
    rows = await service(request).dead_letters(domain_id, limit)
    return {
        "items": [
            {
                "letter_id": str(row["letter_id"]),
                "stage": row["stage"],
                "reason": row["reason"],
                "chat_id": row["conversation_id"] and str(row["conversation_id"]),
                "message_id": row["message_id"] and str(row["message_id"]),
                "at": iso(row["at"]),
            }
            for row in rows
        ],
        "next": None,
    }
