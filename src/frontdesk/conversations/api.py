"""Conversations over HTTP: lists, counts, galleries, sessions, dead letters."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.filters import Filters, Priority, Status, assignee_of, channel_of
from frontdesk.conversations.model import Mode
from frontdesk.conversations.reading import ReadingService
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.shapes import (
    PREFIXES,
    ConversationOut,
    CountsOut,
    Page,
    conversation_out,
    display_name,
)
from frontdesk.db.pool import Row
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.phone import parse_address
from frontdesk.media.api import AttachmentOut, attachment_out, base_url
from frontdesk.media.service import MediaService
from frontdesk.ports import Carrier
from frontdesk.web.paging import MOST, from_cursor, to_cursor
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1", tags=["conversations"])

Limit = Annotated[int, Query(ge=1, le=MOST)]


class SessionOut(BaseModel):
    phone_number: str = Field(examples=["+1234567890"])
    assistant_id: str | None = Field(examples=["default-assistant"])
    session_id: str = Field(examples=["whatsapp-+1234567890"])
    user_email: str = Field(examples=["+1234567890@whatsapp.user"])
    display_name: str = Field(examples=["WhatsApp User 7890"])
    chat_id: str
    created_at: str | None
    last_active: str | None


def service(request: Request) -> ConversationService:
    return request.app.state.conversations


def reading(request: Request) -> ReadingService:
    return request.app.state.reading


def conversations_out(request: Request, rows: Sequence[Row]) -> list[ConversationOut]:
    carriers: Mapping[str, Carrier] = request.app.state.carriers
    return [conversation_out(row, carriers) for row in rows]


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


class ListQuery(BaseModel):
    """What a list is of; what is not given is not asked for."""

    domain: str | None = Field(None, description="The caller's own when not given")
    status: Status | None = None
    assignee: str | None = Field(None, description="me, none, any, or a person's id")
    team: UUID | None = None
    label: UUID | None = None
    channel: str | None = Field(None, description="A kind of channels, or a channel's id")
    priority: Priority | None = None
    mode: Mode | None = None
    unread: bool = Field(False, description="With something that the viewer has not read")
    mentions: bool = Field(False, description="In whose notes the viewer is mentioned")
    needs_people: bool = False
    blocked: bool = Field(False, description="Of blocked contacts, which are left out otherwise")
    q: Typed | None = Field(None, max_length=200, description="In names, numbers, texts")
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=MOST)

    def filters(self, viewer: UUID) -> Filters:
        return Filters(
            viewer,
            status=self.status,
            assignee=assignee_of(self.assignee, viewer),
            team=self.team,
            label=self.label,
            channel=channel_of(self.channel),
            priority=self.priority,
            mode=self.mode,
            unread=self.unread,
            mentions=self.mentions,
            needs_people=self.needs_people,
            blocked=self.blocked,
            text=self.q or None,
        )


@router.get("/conversations")
async def list_conversations(
    request: Request, caller: CallerDep, query: Annotated[ListQuery, Query()]
) -> Page[ConversationOut]:
    """The domain's conversations, the latest active first.

    A page may have fewer items than asked for, even none, while `next` says that there may be
    more: rare combinations of filters are looked for in some thousand conversations at a time.
    """
    domain_id = caller.domain(query.domain).domain_id
    filters = query.filters(caller.person_id)
    before = from_cursor(query.cursor)
    rows, last = await reading(request).page(domain_id, filters, before, query.limit)
    following = to_cursor(last["last_active"], last["conversation_id"]) if last else None
    return Page[ConversationOut](items=conversations_out(request, rows), next=following)


@router.get("/conversations/counts")
async def count_conversations(
    request: Request, caller: CallerDep, domain: str | None = None
) -> CountsOut:
    """How many conversations are open, by what people look for first."""
    domain_id = caller.domain(domain).domain_id
    return CountsOut(**await reading(request).counts(domain_id, caller.person_id))


@router.get("/conversations/{chat_id}")
async def get_conversation(request: Request, caller: CallerDep, chat_id: UUID) -> ConversationOut:
    domain_id = await service(request).domain_of(caller.domain_ids, chat_id)
    row = await reading(request).conversation(domain_id, chat_id, caller.person_id)
    return conversations_out(request, [row])[0]


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
