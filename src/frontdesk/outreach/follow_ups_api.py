"""Follow-ups over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.manual_api import chat_of
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import NotFound
from frontdesk.outreach._store.follow_ups import FollowUpRow
from frontdesk.outreach.follow_ups import FollowUpPlan, FollowUpService

router = APIRouter(tags=["outreach"])

EXAMPLE = "0198c0de-0000-7000-8000-000000000000"


class FollowUpOut(BaseModel):
    follow_up_id: str = Field(examples=[EXAMPLE])
    chat_id: str = Field(examples=[EXAMPLE])
    call_id: str | None = Field(description="The outreach that it belongs to")
    due_at: str = Field(examples=["2026-02-04T12:00:00Z"])
    template_id: str | None
    variables: dict[str, Any] = Field(examples=[{"1": "Ana"}])
    content: str | None = Field(examples=["Did you see my message?"])
    status: str = Field(
        description="waiting, sent, answered, canceled or failed", examples=["waiting"]
    )
    reason: str | None
    message_id: str | None = Field(description="Once it is sent")
    created_at: str

    @classmethod
    def of(cls, row: FollowUpRow) -> "FollowUpOut":
        return cls(
            follow_up_id=str(row.follow_up_id),
            chat_id=str(row.conversation_id),
            call_id=str(row.outreach_id) if row.outreach_id else None,
            due_at=iso(row.due_at) or "",
            template_id=str(row.template_id) if row.template_id else None,
            variables=row.variables,
            content=row.content,
            status=row.status,
            reason=row.reason,
            message_id=str(row.message_id) if row.status == "sent" else None,
            created_at=iso(row.created_at) or "",
        )


class FollowUpCreate(BaseModel):
    """Sent unless the customer answers before: a template, or a text while the window is open."""

    after_hours: float | None = Field(None, examples=[24])
    due_at: datetime | None = Field(None, description="In place of after_hours")
    template_id: UUID | None = None
    variables: dict[str, str] = Field(default_factory=dict)
    content: str | None = Field(None, max_length=4_000, examples=["Did you see my message?"])


def service(request: Request) -> FollowUpService:
    return request.app.state.follow_ups


@router.get("/api/v1/conversations/{chat_id}/follow-ups")
async def list_follow_ups(request: Request, caller: CallerDep, chat_id: str) -> Page[FollowUpOut]:
    """What waits for a customer's silence, and what came of what did."""
    conversations: ConversationService = request.app.state.conversations
    try:
        wanted = UUID(chat_id)
    except ValueError:
        raise NotFound(f"conversation {chat_id[:80]!r} does not exist") from None
    domain_id = await conversations.domain_of(caller.domain_ids, wanted)
    rows = await service(request).of_conversation(domain_id, wanted)
    return Page[FollowUpOut](items=[FollowUpOut.of(row) for row in rows])


@router.post("/api/v1/conversations/{chat_id}/follow-ups", status_code=201)
async def create_follow_up(
    request: Request,
    caller: CallerDep,
    chat_id: str,
    body: FollowUpCreate,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> FollowUpOut:
    """With an `Idempotency-Key` a repeated request makes none twice."""
    chat = await chat_of(request, caller, chat_id)
    plan = FollowUpPlan(**body.model_dump())
    where, who = (chat.domain_id, chat.chat_id), chat.person_id
    return FollowUpOut.of(await service(request).add(*where, plan, who, idempotency_key))


@router.delete("/api/v1/follow-ups/{follow_up_id}", status_code=204)
async def cancel_follow_up(request: Request, caller: CallerDep, follow_up_id: UUID) -> None:
    domain_id = await service(request).domain_of(caller.domain_ids, follow_up_id)
    caller.member_of(domain_id, "agent")
    await service(request).cancel(domain_id, follow_up_id)
