"""Labels over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import LabelOut, Page
from frontdesk.domains.auth import CallerDep
from frontdesk.inbox.labels import LabelService
from frontdesk.inbox.model import COLORS, Color, Label

router = APIRouter(prefix="/api/v1/labels", tags=["labels"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]


class LabelCreate(BaseModel):
    name: str = Field(max_length=200, examples=["refund"])
    color: Color = Field("slate", description=f"One of {', '.join(COLORS)}", examples=["amber"])


class LabelChange(BaseModel):
    name: str | None = Field(None, max_length=200, examples=["refund"])
    color: Color | None = Field(None, examples=["amber"])


def service(request: Request) -> LabelService:
    return request.app.state.inbox.labels


def _out(label: Label) -> LabelOut:
    return LabelOut(label_id=str(label.label_id), name=label.name, color=label.color)


@router.get("")
async def list_labels(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[LabelOut]:
    found = await service(request).all_of(caller.domain(domain).domain_id)
    return Page[LabelOut](items=[_out(label) for label in found])


@router.post("", status_code=201)
async def create_label(
    request: Request, caller: CallerDep, body: LabelCreate, domain: DomainName = None
) -> LabelOut:
    """409 when the domain has a label of that name, in whatever case."""
    domain_id = caller.domain(domain, "admin").domain_id
    return _out(await service(request).create(domain_id, body.name, body.color, caller))


@router.patch("/{label_id}")
async def change_label(
    request: Request, caller: CallerDep, label_id: UUID, body: LabelChange
) -> LabelOut:
    domain_id = await service(request).domain_of(caller.domain_ids, label_id)
    caller.member_of(domain_id, "admin")
    return _out(await service(request).change(domain_id, label_id, body.name, body.color, caller))


@router.delete("/{label_id}", status_code=204)
async def delete_label(request: Request, caller: CallerDep, label_id: UUID) -> None:
    """Conversations lose it."""
    domain_id = await service(request).domain_of(caller.domain_ids, label_id)
    caller.member_of(domain_id, "admin")
    await service(request).delete(domain_id, label_id, caller)
