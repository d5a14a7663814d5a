"""Starting conversations over HTTP: `/start`, and what became of one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from frontdesk.domains.auth import CallerDep
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.call_logs import CallLogService
from frontdesk.outreach.model import Outreach
from frontdesk.outreach.start import FollowUpRequest, StartRequest, StartService
from frontdesk.ports import ChannelKind

router = APIRouter(tags=["outreach"])

EXAMPLE = "0198c0de-0000-7000-8000-000000000000"
NEED_DOMAIN = ("wmsg", "wvoice")


class FollowUpBody(BaseModel):
    """Sent when nobody answers."""

    after_hours: float = Field(24, examples=[24])
    template: str = Field(max_length=600, examples=["appointment_reminder"])
    variables: dict[str, str] = Field(default_factory=dict, examples=[{"1": "Ana"}])


class StartBody(BaseModel):
    phone_number: str = Field(max_length=200, examples=["+1234567890"])
    channel: str = Field(
        max_length=200, description="phone, sms, wmsg or wvoice", examples=["wmsg"]
    )
    type: str = Field(
        "informational",
        max_length=200,
        description="informational, appointment_booking, survey, reminder, or the domain's own",
        examples=["informational"],
    )
    instruction: str | None = Field(
        None,
        description="What the assistant writes the first message from, and goes on after",
        examples=["Send appointment reminder"],
    )
    domain_name: str | None = Field(
        None, description="wmsg and wvoice need it", examples=["default"]
    )
    name: str | None = Field(None, examples=["Ana"])
    email: str | None = Field(None, examples=["ana@example.com"])
    assistant_id: str | None = Field(None, max_length=64, examples=[None])
    template: str | None = Field(
        None,
        max_length=600,
        description="A template's name, name:language, or template_id; sent in place of what the "
        "assistant would write, and outside the 24-hour window",
        examples=[None],
    )
    variables: dict[str, str] = Field(
        default_factory=dict, description="Of the template; else facts for the assistant"
    )
    send_at: datetime | None = Field(None, description="Within the next 90 days")
    follow_up: FollowUpBody | None = None
    channel_id: UUID | None = Field(
        None, description="Which of the domain's channels of that kind; else its first"
    )


class StartOut(BaseModel):
    success: bool = True
    call_id: str = Field(examples=[EXAMPLE])
    channel: ChannelKind = Field(examples=["wmsg"])
    status: str = Field(examples=["queued"])


class OutreachOut(BaseModel):
    call_id: str = Field(examples=[EXAMPLE])
    campaign_id: str | None
    line: int | None
    channel: ChannelKind = Field(examples=["wmsg"])
    phone_number: str = Field(examples=["+1234567890"])
    name: str | None = Field(examples=["Ana"])
    email: str | None = Field(examples=["ana@example.com"])
    type: str = Field(examples=["informational"])
    instruction: str | None = Field(examples=["Send appointment reminder"])
    template_id: str | None
    status: str = Field(
        description="waiting, writing, sent, skipped, failed or canceled", examples=["sent"]
    )
    reason_code: str | None
    reason: str | None
    message_status: str | None = Field(examples=["delivered"])
    chat_id: str | None
    message_id: str | None
    cost: float | None
    answered: bool
    due_at: str
    created_at: str


def service(request: Request) -> StartService:
    return request.app.state.starts


@router.post("/start", status_code=202)
async def start(
    request: Request,
    caller: CallerDep,
    body: StartBody,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> StartOut:
    """Begins a conversation. With an `Idempotency-Key` a repeated request begins none twice.

    409 for a customer who opted out or is blocked; 402 without credit; 501 for calls. The 24-hour
    window is judged when it is sent: `GET /api/v1/outreach/{call_id}` tells what came of it.
    """
    if body.domain_name is None and body.channel in NEED_DOMAIN:
        raise Unprocessable(f"channel {body.channel!r} needs domain_name")
    membership = caller.domain(body.domain_name, "agent")
    domains: DomainService = request.app.state.domains
    domain = await domains.get(membership.domain_id)
    values = body.model_dump(exclude={"domain_name", "follow_up"})
    follow_up = body.follow_up and FollowUpRequest(**body.follow_up.model_dump())
    row = await service(request).start(
        domain,
        StartRequest(**values, follow_up=follow_up),
        person_id=caller.person_id,
        key=idempotency_key,
    )
    return StartOut(call_id=str(row.outreach_id), channel=row.channel, status="queued")


@router.get("/api/v1/outreach/{call_id}")
async def get_outreach(request: Request, caller: CallerDep, call_id: UUID) -> OutreachOut:
    row = await service(request).get(caller.domain_ids, call_id)
    logs: CallLogService = request.app.state.call_logs
    log = await logs.one(row.domain_id, call_id)
    sent = row.status == "sent"
    return OutreachOut(
        **_facts(row),
        reason=log["reason"],
        message_status=log["status"] if sent else None,
        message_id=str(row.message_id) if sent else None,
        cost=None if log["cost"] is None else float(log["cost"]),
        answered=bool(log["answered"]),
        due_at=iso(row.due_at) or "",
        created_at=iso(row.created_at) or "",
    )


def _facts(row: Outreach) -> dict[str, Any]:
    return {
        "call_id": str(row.outreach_id),
        "campaign_id": str(row.campaign_id) if row.campaign_id else None,
        "line": row.line,
        "channel": row.channel,
        "phone_number": row.address,
        "name": row.name,
        "email": row.email,
        "type": row.call_type,
        "instruction": row.instruction,
        "template_id": str(row.template_id) if row.template_id else None,
        "status": row.status,
        "reason_code": row.reason_code,
        "chat_id": str(row.conversation_id) if row.conversation_id else None,
    }


@router.delete("/api/v1/outreach/{call_id}", status_code=204)
async def cancel_outreach(request: Request, caller: CallerDep, call_id: UUID) -> None:
    """Takes back what waits for its time."""
    row = await service(request).get(caller.domain_ids, call_id)
    caller.member_of(row.domain_id, "agent")
    await service(request).cancel(row.domain_id, call_id)
