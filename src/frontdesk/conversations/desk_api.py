"""Work on conversations over HTTP: changes of one and of many, what was read, notes, reactions."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.api import conversations_out, reading
from frontdesk.conversations.desk import Change, DeskService
from frontdesk.conversations.filters import Priority, Status
from frontdesk.conversations.model import Mode
from frontdesk.conversations.notes import NoteService
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.shapes import ConversationOut, MessageOut, message_out
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.errors import NotFound, Unprocessable
from frontdesk.media.api import base_url

router = APIRouter(prefix="/api/v1", tags=["conversations"])

MOST_AT_ONCE = 100
MOST_LABELS = 50
MOST_MENTIONS = 50
NULLABLE = ("snoozed_until", "assignee_id", "team_id")
"""What a change may take away."""


class ConversationChange(BaseModel):
    """What is to be different; what is not given stays."""

    mode: Mode | None = Field(
        None, description="manual: people take over, at once", examples=["manual"]
    )
    status: Status | None = None
    snoozed_until: datetime | None = Field(
        None, description="With status snoozed: until then; null is until the customer writes"
    )
    assignee_id: UUID | None = Field(None, description="A person of role agent or above, or null")
    team_id: UUID | None = None
    priority: Priority | None = None
    labels: list[UUID] | None = Field(
        None, max_length=MOST_LABELS, description="The whole list of label ids"
    )

    def change(self) -> Change:
        given = self.model_dump(exclude_unset=True)
        values: dict[str, Any] = {
            name: value for name, value in given.items() if value is not None or name in NULLABLE
        }
        if not values:
            raise Unprocessable(
                f"nothing is to be changed; give {', '.join(type(self).model_fields)}"
            )
        return Change(**values)


class BulkChange(BaseModel):
    chat_ids: list[UUID] = Field(
        min_length=1,
        max_length=MOST_AT_ONCE,
        examples=[["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"]],
    )
    change: ConversationChange


class BulkOut(BaseModel):
    changed: int = Field(
        description="How many of them exist and are as asked for now", examples=[2]
    )


class ReadOut(BaseModel):
    read_count: int = Field(
        description="How many inbound messages the viewer has read", examples=[3]
    )


class NoteIn(BaseModel):
    content: str = Field("", examples=["@Grace, can you look at the invoice?"])
    mentions: list[UUID] = Field(default_factory=list[UUID], max_length=MOST_MENTIONS)
    media_ids: list[UUID] = Field(default_factory=list[UUID], max_length=50)


class ReactionIn(BaseModel):
    emoji: str | None = Field(max_length=100, description="null takes it back", examples=["👍"])


def desk(request: Request) -> DeskService:
    return request.app.state.desk


def notes(request: Request) -> NoteService:
    return request.app.state.notes


async def _domain(request: Request, caller: Caller, chat_id: UUID) -> UUID:
    conversations: ConversationService = request.app.state.conversations
    return await conversations.domain_of(caller.domain_ids, chat_id)


@router.patch("/conversations/{chat_id}")
async def change_conversation(
    request: Request, caller: CallerDep, chat_id: UUID, body: ConversationChange
) -> ConversationOut:
    """Changes what is given: who answers, status, assignee, team, priority, labels."""
    domain_id = await _domain(request, caller, chat_id)
    caller.member_of(domain_id, "agent")
    await desk(request).change(domain_id, chat_id, body.change(), caller.person_id)
    row = await reading(request).conversation(domain_id, chat_id, caller.person_id)
    return conversations_out(request, [row])[0]


@router.post("/conversations/bulk")
async def change_conversations(request: Request, caller: CallerDep, body: BulkChange) -> BulkOut:
    """The same change for many. Those that do not exist are left out."""
    change = body.change.change()
    chats: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for chat_id in body.chat_ids:
        try:
            chats[await _domain(request, caller, chat_id)].append(chat_id)
        except NotFound:
            continue
    for domain_id in chats:
        caller.member_of(domain_id, "agent")
    done = [
        await desk(request).change_many(domain_id, ids, change, caller.person_id)
        for domain_id, ids in chats.items()
    ]
    return BulkOut(changed=sum(done))


@router.post("/conversations/{chat_id}/read")
async def mark_read(request: Request, caller: CallerDep, chat_id: UUID) -> ReadOut:
    """The viewer has read everything in it, and seen the mentions."""
    domain_id = await _domain(request, caller, chat_id)
    return ReadOut(read_count=await desk(request).read(domain_id, chat_id, caller.person_id))


@router.post("/conversations/{chat_id}/unread")
async def mark_unread(request: Request, caller: CallerDep, chat_id: UUID) -> ReadOut:
    """The customer's last message is unread again."""
    domain_id = await _domain(request, caller, chat_id)
    return ReadOut(read_count=await desk(request).unread(domain_id, chat_id, caller.person_id))


@router.post("/conversations/{chat_id}/notes")
async def write_note(
    request: Request,
    caller: CallerDep,
    chat_id: UUID,
    body: NoteIn,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> MessageOut:
    """A note among people: neither the customer nor the assistant ever sees it.

    With an `Idempotency-Key` a repeated request writes it once.
    """
    domain_id = await _domain(request, caller, chat_id)
    caller.member_of(domain_id, "agent")
    note_id = await notes(request).add(
        domain_id,
        chat_id,
        caller.person_id,
        body.content,
        mentions=body.mentions,
        media_ids=body.media_ids,
        key=idempotency_key,
    )
    return await _message(request, domain_id, note_id)


@router.post("/messages/{message_id}/reactions")
async def react(
    request: Request, caller: CallerDep, message_id: UUID, body: ReactionIn
) -> MessageOut:
    """Puts the business's reaction on a message. 409 where the carrier takes none."""
    conversations: ConversationService = request.app.state.conversations
    domain_id = await conversations.domain_of_message(caller.domain_ids, message_id)
    caller.member_of(domain_id, "agent")
    await notes(request).react(domain_id, message_id, caller.person_id, body.emoji)
    return await _message(request, domain_id, message_id)


async def _message(request: Request, domain_id: UUID, message_id: UUID) -> MessageOut:
    told = await reading(request).message(domain_id, message_id)
    return message_out(told, base_url(request))
