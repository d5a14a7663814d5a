"""Saved views over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.inbox.model import FILTERS, View
from frontdesk.inbox.views import ViewService

router = APIRouter(prefix="/api/v1/views", tags=["views"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
QUERY = f"The query of GET /api/v1/conversations: {', '.join(FILTERS)}"


class ViewCreate(BaseModel):
    name: str = Field(max_length=200, examples=["Urgent"])
    filters: dict[str, str] = Field(
        description=QUERY, examples=[{"status": "open", "priority": "urgent"}]
    )
    shared: bool = Field(False, description="Whether all people of the domain have it")


class ViewChange(BaseModel):
    name: str | None = Field(None, max_length=200, examples=["Urgent"])
    filters: dict[str, str] | None = Field(None, description=QUERY)
    shared: bool | None = None


class ViewOut(BaseModel):
    view_id: str
    name: str = Field(examples=["Urgent"])
    filters: dict[str, str] = Field(description=QUERY)
    shared: bool
    own: bool = Field(description="Whether the caller made it")

    @classmethod
    def of(cls, view: View, caller: Caller) -> "ViewOut":
        return cls(
            view_id=str(view.view_id),
            name=view.name,
            filters=view.filters,
            shared=view.shared,
            own=view.person_id == caller.person_id,
        )


def service(request: Request) -> ViewService:
    return request.app.state.inbox.views


@router.get("")
async def list_views(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[ViewOut]:
    """The caller's own views and those that others share."""
    found = await service(request).visible(caller.domain(domain).domain_id, caller)
    return Page[ViewOut](items=[ViewOut.of(view, caller) for view in found])


@router.post("", status_code=201)
async def create_view(
    request: Request, caller: CallerDep, body: ViewCreate, domain: DomainName = None
) -> ViewOut:
    domain_id = caller.domain(domain, "agent").domain_id
    made = await service(request).create(
        domain_id, body.name, body.filters, caller, shared=body.shared
    )
    return ViewOut.of(made, caller)


@router.patch("/{view_id}")
async def change_view(
    request: Request, caller: CallerDep, view_id: UUID, body: ViewChange
) -> ViewOut:
    """For whoever made it, and for admins."""
    domain_id = await service(request).domain_of(caller.domain_ids, view_id, caller)
    caller.member_of(domain_id, "agent")
    changed = await service(request).change(
        domain_id, view_id, caller, name=body.name, filters=body.filters, shared=body.shared
    )
    return ViewOut.of(changed, caller)


@router.delete("/{view_id}", status_code=204)
async def delete_view(request: Request, caller: CallerDep, view_id: UUID) -> None:
    """For whoever made it, and for admins."""
    domain_id = await service(request).domain_of(caller.domain_ids, view_id, caller)
    caller.member_of(domain_id, "agent")
    await service(request).delete(domain_id, view_id, caller)
