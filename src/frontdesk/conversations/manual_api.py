"""People's answers over HTTP: uploads, manual responses, drafts, another try."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.manual import DraftChange, ManualService, Response
from frontdesk.conversations.notes import NoteChange, NoteService
from frontdesk.conversations.reading import ReadingService
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.shapes import MessageOut, message_out
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.errors import FrontdeskError, NotFound, Unavailable, Unprocessable
from frontdesk.media.api import base_url
from frontdesk.media.incoming import MOST_TO_FIT, Destination, Incoming, Uploaded
from frontdesk.media.model import Media
from frontdesk.media.service import PREFIX, MediaService
from frontdesk.ports import Capabilities, MediaKind
from frontdesk.web.egress import Egress
from frontdesk.web.multipart import file_part

router = APIRouter(tags=["manual responses"])

FETCH_SECONDS = 30.0
UNNAMED_AGENT = "people"
"""In the path of what was uploaded without an agent_id."""


class UploadOut(BaseModel):
    success: bool = True
    url: str = Field(
        examples=["https://desk.example/conversation-media/…/20260203_120000_image.jpg"]
    )
    filename: str = Field(examples=["image.jpg"])
    content_type: str = Field(examples=["image/jpeg"])
    size: int = Field(examples=[1234567])
    media_id: str
    kind: MediaKind = Field(examples=["image"])
    fitted: bool = Field(description="Whether it was made smaller to fit the channel's limit")

    @classmethod
    def of(cls, uploaded: Uploaded, base: str) -> "UploadOut":
        media = uploaded.media
        assert media.size is not None
        return cls(
            url=f"{base}/{media.path}",
            filename=media.filename,
            content_type=media.content_type,
            size=media.size,
            media_id=str(media.media_id),
            kind=media.kind,
            fitted=uploaded.fitted,
        )


class ManualResponse(BaseModel):
    content: str | None = Field(default=None, examples=["Here's the product image"])
    send_immediately: bool = True
    media_url: str | None = Field(default=None, max_length=4000)
    media_ids: list[UUID] | None = Field(default=None, max_length=50)
    reply_to: UUID | None = Field(default=None, description="A message that it quotes")
    send_at: datetime | None = Field(
        default=None, description="Not before then; within the next 90 days"
    )

    @property
    def files(self) -> list[UUID]:
        return self.media_ids or []


class MessageChange(BaseModel):
    """What is to be different; what is not given stays."""

    content: str | None = Field(default=None, examples=["Here's the product image"])
    media_ids: list[UUID] | None = Field(default=None, max_length=50)
    scheduled_at: datetime | None = Field(
        default=None, description="Of drafts and scheduled messages; null: a draft again"
    )
    mentions: list[UUID] | None = Field(default=None, max_length=50, description="Of notes")

    def given(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True)
        return {
            name: value
            for name, value in given.items()
            if value is not None or name == "scheduled_at"
        }


class ManualOut(BaseModel):
    success: bool = True
    message: str = Field(examples=["Manual response sent successfully"])
    twilio_sid: str | None = Field(examples=["SM…"])
    sent: bool
    message_id: str
    message_ids: list[str] = Field(description="All of them, where it was sent in parts")


@dataclass(frozen=True)
class Chat:
    """A conversation of one of the caller's domains."""

    domain_id: UUID
    chat_id: UUID
    person_id: UUID
    capabilities: Capabilities


def service(request: Request) -> ManualService:
    return request.app.state.manual


async def chat_of(request: Request, caller: Caller, chat_id: str) -> Chat:
    """Raises NotFound, also for what is no id, and for other domains' conversations."""
    conversations: ConversationService = request.app.state.conversations
    try:
        wanted = UUID(chat_id)
    except ValueError:
        raise NotFound(f"conversation {chat_id[:80]!r} does not exist") from None
    domain_id = await conversations.domain_of(caller.domain_ids, wanted)
    caller.member_of(domain_id, "agent")
    row = await conversations.get(domain_id, wanted)
    carrier = service(request).carriers[row["carrier"]]
    return Chat(domain_id, wanted, caller.person_id, carrier.capabilities[row["channel"]])


@router.post(
    "/upload/conversation-media",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
)
async def upload(
    request: Request,
    caller: CallerDep,
    chat_id: Annotated[str, Query(description="The conversation that it is for")],
    agent_id: Annotated[str, Query(max_length=200)] = UNNAMED_AGENT,
    fit: Annotated[bool, Query(description="Make pictures and video small enough")] = False,
) -> UploadOut:
    """Stores a file for a conversation, to be sent in a manual response.

    The limits are the channel's: `GET /api/v1/channels/{channel_id}/limits`.
    """
    chat = await chat_of(request, caller, chat_id)
    part = await file_part(request, "file")
    uploaded = await _incoming(request).upload(
        Destination(chat.domain_id, chat.chat_id, chat.person_id, agent_id or UNNAMED_AGENT),
        part.filename,
        part.chunks,
        chat.capabilities.media,
        fit=fit,
    )
    return UploadOut.of(uploaded, base_url(request))


@router.post("/chat/{chat_id}/manual-response")
async def respond(
    request: Request,
    caller: CallerDep,
    chat_id: str,
    body: ManualResponse,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> ManualOut:
    """Sends what a person answers, or keeps it as a draft.

    With `send_at` it is sent then. With an `Idempotency-Key` a repeated request sends nothing
    twice.
    """
    chat = await chat_of(request, caller, chat_id)
    where, who = (chat.domain_id, chat.chat_id, body.content or ""), chat.person_id
    if not body.send_immediately or body.send_at is not None:
        async with _files(request, chat, body) as media_ids:
            draft = await service(request).save_draft(
                *where,
                media_ids,
                person_id=who,
                key=idempotency_key,
                reply_to=body.reply_to,
                send_at=body.send_at,
            )
        return manual_out(draft)
    message_ids = await service(request).known(*where, who, idempotency_key)
    if not message_ids:
        async with _files(request, chat, body) as media_ids:
            message_ids = await service(request).send(
                *where, media_ids, person_id=who, key=idempotency_key, reply_to=body.reply_to
            )
    return manual_out(await service(request).outcome(chat.domain_id, message_ids))


@router.patch("/api/v1/messages/{message_id}")
async def change_message(
    request: Request, caller: CallerDep, message_id: UUID, body: MessageChange
) -> MessageOut:
    """Changes a draft, a scheduled message, or one's own note."""
    domain_id = await _domain(request, caller, message_id)
    given = body.given()
    if await service(request).is_note(domain_id, message_id):
        notes: NoteService = request.app.state.notes
        given.pop("scheduled_at", None)
        await notes.change(domain_id, message_id, caller.person_id, NoteChange(**given))
    else:
        given.pop("mentions", None)
        await service(request).change_draft(domain_id, message_id, DraftChange(**given))
    reading: ReadingService = request.app.state.reading
    return message_out(await reading.message(domain_id, message_id), base_url(request))


@router.delete("/api/v1/messages/{message_id}", status_code=204)
async def delete_message(request: Request, caller: CallerDep, message_id: UUID) -> None:
    """Deletes a draft, a scheduled message, or one's own note; admins delete all notes."""
    domain_id = await _domain(request, caller, message_id)
    if not await service(request).is_note(domain_id, message_id):
        await service(request).delete_draft(domain_id, message_id)
        return
    notes: NoteService = request.app.state.notes
    of_anybody = caller.member_of(domain_id).at_least("admin")
    await notes.delete(domain_id, message_id, caller.person_id, of_anybody=of_anybody)


@router.post("/api/v1/messages/{message_id}/send")
async def send_draft(request: Request, caller: CallerDep, message_id: UUID) -> ManualOut:
    """Sends a draft, or a scheduled message now."""
    domain_id = await _domain(request, caller, message_id)
    message_ids = await service(request).send_draft(domain_id, message_id)
    return manual_out(await service(request).outcome(domain_id, message_ids))


@router.post("/api/v1/messages/{message_id}/retry")
async def retry(request: Request, caller: CallerDep, message_id: UUID) -> ManualOut:
    """Sends a failed message once more."""
    domain_id = await _domain(request, caller, message_id)
    message_ids = await service(request).retry(domain_id, message_id)
    return manual_out(await service(request).outcome(domain_id, message_ids))


async def _domain(request: Request, caller: Caller, message_id: UUID) -> UUID:
    conversations: ConversationService = request.app.state.conversations
    domain_id = await conversations.domain_of_message(caller.domain_ids, message_id)
    caller.member_of(domain_id, "agent")
    return domain_id


def manual_out(response: Response) -> ManualOut:
    message = "Manual response queued; it is sent as soon as the carrier takes it"
    if response.draft:
        message = "Manual response saved as draft"
    elif response.scheduled:
        message = "Manual response scheduled"
    elif response.sent:
        message = "Manual response sent successfully"
    return ManualOut(
        message=message,
        twilio_sid=response.carrier_id if response.sent else None,
        sent=response.sent,
        message_id=str(response.message_ids[0]),
        message_ids=[str(each) for each in response.message_ids],
    )


def _incoming(request: Request) -> Incoming:
    return request.app.state.incoming


@asynccontextmanager
async def _files(request: Request, chat: Chat, body: ManualResponse) -> AsyncGenerator[list[UUID]]:
    """The response's files. One that had to be fetched goes again, unless a message has it then."""
    if not body.media_url:
        yield body.files
        return
    own = _own_path(body.media_url, base_url(request))
    if own is not None:
        named = (await _own_media(request, chat, own)).media_id
        yield [named, *(each for each in body.files if each != named)]
        return
    fetched = (await _fetched(request, chat, body.media_url)).media_id
    try:
        yield [fetched, *body.files]
    finally:
        await service(request).media.delete_unused(chat.domain_id, fetched)


async def _fetched(request: Request, chat: Chat, url: str) -> Media:
    """What is at a public address, stored as an upload is. Raises Unprocessable, Unavailable."""
    public: Egress = request.app.state.public_egress
    download = public.download(url, seconds=FETCH_SECONDS, max_bytes=MOST_TO_FIT)
    try:
        async with download as found:
            uploaded = await _incoming(request).upload(
                Destination(chat.domain_id, chat.chat_id, chat.person_id, UNNAMED_AGENT),
                found.filename or urlsplit(url).path.rpartition("/")[2],
                found.chunks,
                chat.capabilities.media,
            )
    except Unavailable:
        raise
    except FrontdeskError as error:
        raise Unprocessable(f"media_url: {error.detail}") from error
    return uploaded.media


def _own_path(url: str, base: str) -> str | None:
    """The path at this server, of an address that leads here."""
    if url.startswith("/") and not url.startswith("//"):
        return url.partition("?")[0]
    if url.startswith(base + "/"):
        return url.removeprefix(base).partition("?")[0]
    return None


async def _own_media(request: Request, chat: Chat, path: str) -> Media:
    """Raises Unprocessable for what is not a file of the conversation's domain."""
    media: MediaService = request.app.state.media
    try:
        if path.startswith(f"/{PREFIX}"):
            return await media.find_path([chat.domain_id], path.removeprefix("/"))
        parts = path.split("/")
        if len(parts) >= 3 and parts[1] == "media":
            return await media.find([chat.domain_id], UUID(parts[2]))
    except (NotFound, ValueError):
        pass
    raise Unprocessable(f"media_url {path[:200]!r} is no file of this domain")
