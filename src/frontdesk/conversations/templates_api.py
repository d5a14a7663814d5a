"""Templates in a conversation, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from frontdesk.channels.templates_api import LONG, TemplateOut, TemplatePage
from frontdesk.conversations.manual_api import ManualOut, chat_of, manual_out
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.template_messages import TemplateMessageService
from frontdesk.domains.auth import CallerDep

router = APIRouter(prefix="/api/v1/conversations", tags=["templates"])


class TemplateSend(BaseModel):
    template_id: UUID = Field(examples=["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"])
    variables: dict[str, Annotated[str, Field(max_length=LONG)]] = Field(
        default_factory=dict[str, str], max_length=200, examples=[{"1": "Ana", "2": "martes"}]
    )
    send_at: datetime | None = Field(
        default=None, description="Not before then; within the next 90 days"
    )


def service(request: Request) -> TemplateMessageService:
    return request.app.state.template_messages


@router.get("/{chat_id}/templates")
async def list_usable(request: Request, caller: CallerDep, chat_id: UUID) -> TemplatePage:
    """The approved templates of the conversation's channel."""
    conversations: ConversationService = request.app.state.conversations
    domain_id = await conversations.domain_of(caller.domain_ids, chat_id)
    row = await conversations.get(domain_id, chat_id)
    found = await service(request).usable(domain_id, row["channel_id"])
    return TemplatePage(items=[TemplateOut.of(each) for each in found])


@router.post("/{chat_id}/template", status_code=201)
async def send_template(
    request: Request,
    caller: CallerDep,
    chat_id: UUID,
    body: TemplateSend,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> ManualOut:
    """Sends a message made from an approved template, also when the window is closed.

    It gives the conversation to people. With `send_at` it is sent then, if the template is still
    approved. With an `Idempotency-Key` a repeated request sends nothing twice.
    """
    chat = await chat_of(request, caller, str(chat_id))
    response = await service(request).send(
        chat.domain_id,
        chat.chat_id,
        body.template_id,
        body.variables,
        person_id=chat.person_id,
        key=idempotency_key,
        send_at=body.send_at,
    )
    return manual_out(response)
