"""Live events over HTTP: one stream a window, and who looks at what."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from frontdesk.conversations.service import ConversationService
from frontdesk.db.tenancy import Database
from frontdesk.domains.auth import CallerDep, session_of
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService, Purpose
from frontdesk.inbox.live import Hub
from frontdesk.inbox.live_stream import StreamResponse

router = APIRouter(prefix="/api/v1", tags=["live"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events, each with JSON: hello, conversation, message, removed, "
        "presence, read, settings, reset (load everything again), signed_out, ping.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class PresenceIn(BaseModel):
    viewing: bool = Field(examples=[True], description="Repeat it every 15 seconds while it is so")
    typing: bool = Field(
        default=False, examples=[True], description="Repeat it every 3 seconds while it is so"
    )


def hub(request: Request) -> Hub:
    return request.app.state.live


@router.get("/events", responses=STREAM, response_class=Response)
async def events(
    request: Request,
    caller: CallerDep,
    domain: Annotated[str | None, Query(description="The caller's own when not given")] = None,
    last_event_id: Annotated[
        str | None,
        Header(max_length=100, description="Goes on after this event, while it is remembered"),
    ] = None,
) -> Response:
    """What changes in the domain, as it happens.

    Conversations come without what is one viewer's own: `unread`, `read_count` and `mentioned`
    are null.
    """
    membership = caller.domain(domain)
    domains: DomainService = request.app.state.domains
    token, purpose = _proof(request)

    async def still() -> Caller:
        return await domains.authenticate(token, purpose)

    stream = hub(request).open(membership.domain_id, caller, still, last_event_id)
    return StreamResponse(stream, hub(request).close)


@router.post("/conversations/{chat_id}/presence", status_code=204)
async def presence(
    request: Request, caller: CallerDep, chat_id: UUID, body: PresenceIn
) -> Response:
    """Says that the caller looks at the conversation, or types in it."""
    conversations: ConversationService = request.app.state.conversations
    domain_id = await conversations.domain_of(caller.domain_ids, chat_id)
    database: Database = request.app.state.database
    database.changes.tell_presence(
        domain_id,
        chat_id,
        caller.person_id,
        name=caller.name,
        email=caller.email,
        viewing=body.viewing or body.typing,
        typing=body.typing,
    )
    return Response(status_code=204)


def _proof(request: Request) -> tuple[str, Purpose]:
    """What the caller was known by."""
    header = request.headers.get("authorization")
    if header is not None:
        return header.partition(" ")[2].strip(), "api"
    return session_of(request), "session"
