"""Canned replies over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.inbox.canned_replies import CannedReplyService
from frontdesk.inbox.model import (
    LONGEST_CONTENT,
    LONGEST_TITLE,
    MOST_FILES,
    VARIABLES_TEXT,
    CannedReply,
)
from frontdesk.media.api import AttachmentOut, attachment_out, base_url

router = APIRouter(prefix="/api/v1/canned-replies", tags=["canned replies"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
CONTENT = f"May hold {VARIABLES_TEXT}, which the composer fills in"
FILES = "Files of the library: POST /upload/library-media"


class CannedReplyCreate(BaseModel):
    shortcut: str = Field(max_length=80, description="Without the slash", examples=["hours"])
    title: str = Field("", max_length=LONGEST_TITLE, examples=["Opening hours"])
    content: str = Field(
        "",
        max_length=LONGEST_CONTENT,
        description=CONTENT,
        examples=["Hello {{contact.first_name}}, we are open from 9 to 17."],
    )
    media_ids: list[UUID] = Field(
        default_factory=list[UUID], max_length=MOST_FILES, description=FILES, examples=[[]]
    )


class CannedReplyChange(BaseModel):
    shortcut: str | None = Field(None, max_length=80, examples=["hours"])
    title: str | None = Field(None, max_length=LONGEST_TITLE, examples=["Opening hours"])
    content: str | None = Field(None, max_length=LONGEST_CONTENT, description=CONTENT)
    media_ids: list[UUID] | None = Field(
        None, max_length=MOST_FILES, description=f"The whole list. {FILES}"
    )


class CannedReplyOut(BaseModel):
    canned_reply_id: str
    shortcut: str = Field(description="Without the slash", examples=["hours"])
    title: str = Field(examples=["Opening hours"])
    content: str = Field(description=CONTENT)
    attachments: list[AttachmentOut]


def service(request: Request) -> CannedReplyService:
    return request.app.state.inbox.canned_replies


async def _out(
    request: Request, domain_id: UUID, replies: Sequence[CannedReply]
) -> list[CannedReplyOut]:
    files = await service(request).files(domain_id, replies)
    base = base_url(request)
    return [
        CannedReplyOut(
            canned_reply_id=str(reply.canned_reply_id),
            shortcut=reply.shortcut,
            title=reply.title,
            content=reply.content,
            attachments=[
                attachment_out(files[media_id], base)
                for media_id in reply.media_ids
                if media_id in files
            ],
        )
        for reply in replies
    ]


@router.get("")
async def list_canned_replies(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[CannedReplyOut]:
    domain_id = caller.domain(domain).domain_id
    found = await service(request).all_of(domain_id)
    return Page[CannedReplyOut](items=await _out(request, domain_id, found))


@router.post("", status_code=201)
async def create_canned_reply(
    request: Request, caller: CallerDep, body: CannedReplyCreate, domain: DomainName = None
) -> CannedReplyOut:
    """409 when the domain has one with that shortcut."""
    domain_id = caller.domain(domain, "agent").domain_id
    made = await service(request).create(
        domain_id, body.shortcut, body.title, body.content, body.media_ids, caller
    )
    return (await _out(request, domain_id, [made]))[0]


@router.patch("/{canned_reply_id}")
async def change_canned_reply(
    request: Request, caller: CallerDep, canned_reply_id: UUID, body: CannedReplyChange
) -> CannedReplyOut:
    """Changes what is given and leaves the rest."""
    domain_id = await service(request).domain_of(caller.domain_ids, canned_reply_id)
    caller.member_of(domain_id, "agent")
    changed = await service(request).change(
        domain_id,
        canned_reply_id,
        caller,
        shortcut=body.shortcut,
        title=body.title,
        content=body.content,
        media_ids=body.media_ids,
    )
    return (await _out(request, domain_id, [changed]))[0]


@router.delete("/{canned_reply_id}", status_code=204)
async def delete_canned_reply(request: Request, caller: CallerDep, canned_reply_id: UUID) -> None:
    domain_id = await service(request).domain_of(caller.domain_ids, canned_reply_id)
    caller.member_of(domain_id, "agent")
    await service(request).delete(domain_id, canned_reply_id, caller)
