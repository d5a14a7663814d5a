"""Threads over HTTP: a conversation's messages, one message, its timeline."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.reading import Anchor, ReadingService, Thread
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.shapes import MessageOut, ThreadOut, message_out, messages_out
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.media.api import base_url
from frontdesk.web.paging import MOST

router = APIRouter(prefix="/api/v1", tags=["conversations"])

OF_THE_MESSAGE = ("queued", "sending", "sent", "delivered", "read", "failed")
OF_THE_QUESTION = {
    "received": "received_at",
    "committed": "created_at",
    "picked_up": "picked_up_at",
    "answered": "answered_at",
}


class StageOut(BaseModel):
    stage: str = Field(examples=["delivered"])
    at: str


class TimelineOut(BaseModel):
    message_id: str
    chat_id: str
    direction: str = Field(examples=["outbound"])
    trace_id: str
    attempts: int
    status: str
    carrier_id: str | None
    carrier_status: str | None
    error_code: str | None
    error: str | None
    in_reply_to: str | None = Field(description="The message that it answers")
    answers: list[str]
    received_at: str | None
    committed_at: str | None
    picked_up_at: str | None
    answered_at: str | None
    queued_at: str | None
    sending_at: str | None
    sent_at: str | None
    delivered_at: str | None
    read_at: str | None
    failed_at: str | None
    stages: list[StageOut] = Field(description="The moments that there were, in order")


class ThreadQuery(BaseModel):
    """Which part of the thread; the latest when none of the four is given."""

    before: UUID | None = Field(None, description="A message_id; the page ends before it")
    after: UUID | None = Field(None, description="A message_id; the page begins after it")
    around: UUID | None = Field(None, description="A message_id; the page is around it")
    at: datetime | None = Field(None, description="Around the first message from then")
    limit: int = Field(50, ge=1, le=MOST)

    def anchor(self) -> Anchor:
        given = [self.before, self.after, self.around, self.at]
        if sum(each is not None for each in given) > 1:
            raise Unprocessable("give one of before, after, around and at")
        if self.at is not None and self.at.tzinfo is None:
            raise Unprocessable(f"at is {self.at.isoformat()}; use a moment with its time zone")
        return Anchor(self.before, self.after, self.around, self.at)


def service(request: Request) -> ConversationService:
    return request.app.state.conversations


def reading(request: Request) -> ReadingService:
    return request.app.state.reading


@router.get("/conversations/{chat_id}/messages")
async def list_messages(
    request: Request, caller: CallerDep, chat_id: UUID, query: Annotated[ThreadQuery, Query()]
) -> ThreadOut:
    """A page of the thread, oldest first."""
    anchor = query.anchor()
    domain_id = await service(request).domain_of(caller.domain_ids, chat_id)
    thread = await reading(request).thread(
        domain_id, chat_id, caller.person_id, anchor, query.limit
    )
    return thread_out(request, thread)


def thread_out(request: Request, thread: Thread) -> ThreadOut:
    items = messages_out(thread.messages, request)
    return ThreadOut(
        items=items,
        next=items[0].message_id if items and thread.is_more_above else None,
        newer=items[-1].message_id if items and thread.is_more_below else None,
        first_unread=str(thread.first_unread) if thread.first_unread else None,
    )


@router.get("/messages/{message_id}")
async def get_message(request: Request, caller: CallerDep, message_id: UUID) -> MessageOut:
    domain_id = await service(request).domain_of_message(caller.domain_ids, message_id)
    told = await reading(request).message(domain_id, message_id)
    return message_out(told, base_url(request))


@router.get("/messages/{message_id}/timeline")
async def message_timeline(request: Request, caller: CallerDep, message_id: UUID) -> TimelineOut:
    """When a message passed each stage, with its trace id and attempts."""
    domain_id = await service(request).domain_of_message(caller.domain_ids, message_id)
    row = await service(request).timeline(domain_id, message_id)
    inbound = row["sender"] == "user"
    moments = {
        stage: row[name if inbound else f"question_{name}"]
        for stage, name in OF_THE_QUESTION.items()
    }
    moments |= {stage: row[f"{stage}_at"] for stage in OF_THE_MESSAGE}
    stages = [
        StageOut(stage=stage, at=iso(moment) or "") for stage, moment in moments.items() if moment
    ]
    return TimelineOut(
        message_id=str(message_id),
        chat_id=str(row["conversation_id"]),
        direction="inbound" if inbound else "outbound",
        trace_id=str(row["trace_id"]),
        attempts=row["attempts"],
        status=row["status"],
        carrier_id=row["carrier_id"],
        carrier_status=row["carrier_status"],
        error_code=row["error_code"],
        error=row["error"],
        in_reply_to=str(row["question_id"]) if row["question_id"] else None,
        answers=[str(answer) for answer in row["answers"]],
        **{f"{stage}_at": iso(moment) for stage, moment in moments.items()},
        stages=stages,
    )
