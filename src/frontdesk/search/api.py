"""Search over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.service import ConversationService
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.search.model import Hit, Where
from frontdesk.search.service import SearchService
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1", tags=["search"])

MOST = 50
LONGEST = 200


class PartOut(BaseModel):
    text: str = Field(examples=["Where is my "])
    match: bool


class SearchHitOut(BaseModel):
    kind: Literal["message", "file", "contact"]
    chat_id: str | None = Field(description="Of a contact: the conversation active last")
    contact_id: str | None
    message_id: str | None
    media_id: str | None
    title: str = Field(description="The customer's name, or the file's", examples=["Ana"])
    snippet: list[PartOut] = Field(description="A part of the text; what matched is marked")
    channel: Literal["wmsg", "wvoice", "sms", "phone"] | None
    at: str | None = Field(examples=["2026-02-03T12:00:00Z"])

    @classmethod
    def of(cls, hit: Hit) -> "SearchHitOut":
        return cls.model_validate(
            {
                "kind": hit.kind,
                "chat_id": _text(hit.conversation_id),
                "contact_id": _text(hit.contact_id),
                "message_id": _text(hit.message_id),
                "media_id": _text(hit.media_id),
                "title": hit.title,
                "snippet": [PartOut(text=part.text, match=part.match) for part in hit.snippet],
                "channel": hit.channel,
                "at": iso(hit.at),
            }
        )


class SearchOut(BaseModel):
    contacts: list[SearchHitOut]
    messages: list[SearchHitOut]
    files: list[SearchHitOut]
    truncated: bool = Field(
        description="Whether there may be more than was looked at", examples=[False]
    )


def service(request: Request) -> SearchService:
    return request.app.state.search


@router.get("/search")
async def search(
    request: Request,
    caller: CallerDep,
    q: Annotated[Typed, Query(min_length=1, max_length=LONGEST, examples=["invoice"])],
    domain: str | None = None,
    within: Annotated[Where, Query(alias="in")] = "all",
    chat_id: Annotated[UUID | None, Query(description="Only messages of this conversation")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
) -> SearchOut:
    """Messages, files and contacts with all the words, the best and newest first.

    Case, accents and punctuation do not matter; words in double quotes stand side by side; a word
    of three letters and more may go on. Names and numbers are also found by a part of them, and
    names with a mistype.
    """
    if chat_id is not None:
        conversations: ConversationService = request.app.state.conversations
        domain_id = await conversations.domain_of(caller.domain_ids, chat_id)
    else:
        domain_id = caller.domain(domain).domain_id
    found = await service(request).find(
        domain_id, q, where=within, conversation_id=chat_id, most=limit
    )
    return SearchOut(
        contacts=[SearchHitOut.of(hit) for hit in found.contacts],
        messages=[SearchHitOut.of(hit) for hit in found.messages],
        files=[SearchHitOut.of(hit) for hit in found.files],
        truncated=found.truncated,
    )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
