"""Campaigns over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller, Role, check_json
from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.campaign import Campaign, CampaignStatus, Plan
from frontdesk.outreach.campaign_shapes import (
    CampaignChange,
    CampaignCreate,
    CampaignOut,
    CampaignPreviewOut,
    CheckOut,
    Outcome,
    RecipientOut,
    UploadedOut,
    campaign_out,
    check_out,
    preview_out,
    recipient_out,
)
from frontdesk.outreach.recipients import COLUMNS
from frontdesk.outreach.services import CampaignServices
from frontdesk.web.csv_stream import csv_response
from frontdesk.web.multipart import file_part
from frontdesk.web.paging import MOST, from_cursor, to_cursor
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str | None, Query(max_length=200)]
Search = Annotated[Typed | None, Query(max_length=200, examples=["+3461"])]
FORM = {
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
}


class StartChange(BaseModel):
    start_at: datetime | None = Field(
        None, description="None: at once", examples=["2026-12-01T09:00:00Z"]
    )


def services(request: Request) -> CampaignServices:
    return request.app.state.campaigns


async def owned(
    request: Request, caller: Caller, campaign_id: UUID, least: Role = "viewer"
) -> Campaign:
    """The campaign, for those who may. Raises NotFound, Forbidden."""
    campaigns = services(request).campaigns
    domain_id = await campaigns.domain_of(caller.domain_ids, campaign_id)
    caller.member_of(domain_id, least)
    return await campaigns.get(domain_id, campaign_id)


async def shown(request: Request, campaign: Campaign, *, whole: bool = False) -> CampaignOut:
    counting = services(request).counting
    numbers = await counting.of(campaign)
    lacking = numbers.counts["skipped"] + numbers.counts["failed"] + numbers.counts["canceled"]
    reasons = await counting.reasons(campaign, numbers) if whole and lacking else None
    return campaign_out(campaign, numbers, reasons)


@router.get("")
async def list_campaigns(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    status: CampaignStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[CampaignOut]:
    """The latest first."""
    domain_id = caller.domain(domain).domain_id
    found = await services(request).campaigns.page(
        domain_id, status, from_cursor(cursor), limit + 1
    )
    page = found[:limit]
    numbers = await services(request).counting.of_all(page)
    last = page[-1] if len(found) > limit else None
    return Page[CampaignOut](
        items=[campaign_out(each, count) for each, count in zip(page, numbers, strict=True)],
        next=last and to_cursor(last.created_at, last.campaign_id),
    )


@router.post("", status_code=201)
async def create_campaign(
    request: Request, caller: CallerDep, body: CampaignCreate, domain: DomainName = None
) -> CampaignOut:
    """A campaign to a segment, to be started; with `start_at` it is scheduled."""
    domain_id = caller.domain(domain, "admin").domain_id
    made = await services(request).campaigns.create(domain_id, body.plan(), body.start_at, caller)
    return await shown(request, made)


@router.post("/upload", status_code=201, openapi_extra=FORM)
async def upload_campaign(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    name: Annotated[str, Query(max_length=200, examples=["Spring offer"])] = "",
    channel: Annotated[str, Query(max_length=20, examples=["wmsg"])] = "wmsg",
    confirm: Annotated[bool, Query(description="Although the same file was sent before")] = False,
) -> UploadedOut:
    """Takes a CSV, of up to 1 GiB, for a campaign that is set up and started later.

    It is imported with the columns that its header names; another `mapping` imports it anew.
    """
    domain_id = caller.domain(domain, "admin").domain_id
    check_json("name", name)
    part = await file_part(request, "file")
    plan = Plan(name, channel)  # pyright: ignore[reportArgumentType]  # checked when it is added
    uploaded = await services(request).uploads.upload(
        domain_id, plan, part.filename, part.chunks, caller, confirm=confirm
    )
    return UploadedOut(
        campaign=await shown(request, uploaded.campaign),
        columns=uploaded.looked.columns,
        preview=preview_out(uploaded.looked),
    )


@router.get("/{campaign_id}")
async def get_campaign(request: Request, caller: CallerDep, campaign_id: UUID) -> CampaignOut:
    return await shown(request, await owned(request, caller, campaign_id), whole=True)


@router.patch("/{campaign_id}")
async def change_campaign(
    request: Request, caller: CallerDep, campaign_id: UUID, body: CampaignChange
) -> CampaignOut:
    """Before it has ended. Another mapping, channel or type reads the file anew."""
    known = await owned(request, caller, campaign_id, "admin")
    campaigns = services(request).campaigns
    changed = await campaigns.change(known.domain_id, campaign_id, body.values(), caller)
    return await shown(request, changed)


@router.delete("/{campaign_id}", status_code=204)
async def delete_campaign(request: Request, caller: CallerDep, campaign_id: UUID) -> None:
    """One that was not started, or has ended. The messages that came of it stay."""
    known = await owned(request, caller, campaign_id, "admin")
    await services(request).campaigns.delete(known.domain_id, campaign_id, caller)


@router.get("/{campaign_id}/preview")
async def preview_campaign(
    request: Request, caller: CallerDep, campaign_id: UUID
) -> CampaignPreviewOut:
    """The first rows of its file, read as it is mapped now."""
    known = await owned(request, caller, campaign_id)
    looked = await services(request).uploads.preview(known)
    return CampaignPreviewOut(columns=list(known.columns), preview=preview_out(looked))


@router.post("/{campaign_id}/check")
async def check_campaign(request: Request, caller: CallerDep, campaign_id: UUID) -> CheckOut:
    """A dry run: who would get it, who not and why, and what it would cost."""
    known = await owned(request, caller, campaign_id)
    return check_out(await services(request).checks.check(known))


@router.post("/{campaign_id}/start")
async def start_campaign(
    request: Request, caller: CallerDep, campaign_id: UUID, body: StartChange | None = None
) -> CampaignOut:
    """402 when the balance does not cover one message; 409 when something is missing."""
    known = await owned(request, caller, campaign_id, "admin")
    start_at = body.start_at if body else None
    campaigns = services(request).campaigns
    return await shown(
        request, await campaigns.start(known.domain_id, campaign_id, start_at, caller)
    )


@router.post("/{campaign_id}/pause")
async def pause_campaign(request: Request, caller: CallerDep, campaign_id: UUID) -> CampaignOut:
    """What was handed to a carrier goes on."""
    known = await owned(request, caller, campaign_id, "admin")
    campaigns = services(request).campaigns
    return await shown(request, await campaigns.pause(known.domain_id, campaign_id, caller))


@router.post("/{campaign_id}/resume")
async def resume_campaign(request: Request, caller: CallerDep, campaign_id: UUID) -> CampaignOut:
    known = await owned(request, caller, campaign_id, "admin")
    campaigns = services(request).campaigns
    return await shown(request, await campaigns.resume(known.domain_id, campaign_id, caller))


@router.post("/{campaign_id}/cancel")
async def cancel_campaign(request: Request, caller: CallerDep, campaign_id: UUID) -> CampaignOut:
    """For good: whoever still waits gets nothing."""
    known = await owned(request, caller, campaign_id, "admin")
    campaigns = services(request).campaigns
    return await shown(request, await campaigns.cancel(known.domain_id, campaign_id, caller))


@router.get("/{campaign_id}/recipients")
async def list_recipients(
    request: Request,
    caller: CallerDep,
    campaign_id: UUID,
    status: Outcome | Literal["answered"] | None = None,
    q: Search = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RecipientOut]:
    """In the order of the file; `q` is part of a number or a name.

    A page may have fewer items than asked for, even none, while `next` says that there may be
    more: rare outcomes are looked for in some thousand lines at a time.
    """
    known = await owned(request, caller, campaign_id)
    check_json("q", q)
    page, following = await services(request).recipients.page(
        known.domain_id, campaign_id, after=_line(cursor), status=status, q=q, most=limit
    )
    return Page[RecipientOut](
        items=[recipient_out(each) for each in page],
        next=None if following is None else str(following),
    )


@router.get("/{campaign_id}/recipients.csv", response_class=Response)
async def recipients_csv(
    request: Request,
    caller: CallerDep,
    campaign_id: UUID,
    status: Outcome | Literal["answered"] | None = None,
    q: Search = None,
) -> Response:
    known = await owned(request, caller, campaign_id)
    check_json("q", q)
    pages = services(request).recipients.all(known.domain_id, campaign_id, status=status, q=q)
    return csv_response(f"campaign-{campaign_id}.csv", COLUMNS, pages)


def _line(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise Unprocessable(f"cursor {cursor[:80]!r} is not one that a page gave as next")
    return int(cursor)
