"""Who opted out, over HTTP: the list, and its history for audits."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from frontdesk.contacts.model import LogEntry, OptedOut, Via
from frontdesk.contacts.opt_outs import OptOutService
from frontdesk.conversations.shapes import Page, PersonRefOut
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.optout import Action
from frontdesk.ports import ChannelKind
from frontdesk.web.csv_stream import csv_response
from frontdesk.web.paging import MOST, from_cursor, to_cursor
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1/opt-outs", tags=["contacts"])

EXAMPLE = "0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"
COLUMNS = (
    "at",
    "phone_number",
    "name",
    "action",
    "channel",
    "channel_number",
    "via",
    "reason",
    "person",
)

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
OfContact = Annotated[UUID | None, Query(description="Of this contact alone")]


class OptedOutOut(BaseModel):
    contact_id: str = Field(examples=[EXAMPLE])
    address: str = Field(examples=["+1234567890"])
    name: str | None = Field(examples=["Ana"])
    channel_id: str | None = Field(description="Null: all of the domain's channels")
    channel: ChannelKind | None = Field(examples=["wmsg"])
    channel_address: str | None = Field(examples=["+14155238886"])
    reason: str = Field(description="The word or the carrier's code", examples=["STOP"])
    via: Via = Field(description="Who said so", examples=["customer"])
    at: str = Field(examples=["2026-11-21T09:30:00Z"])

    @classmethod
    def of(cls, row: OptedOut) -> "OptedOutOut":
        return cls(
            contact_id=str(row.contact_id),
            address=row.address,
            name=row.display_name,
            channel_id=str(row.channel_id) if row.channel_id else None,
            channel=row.channel,
            channel_address=row.channel_address,
            reason=row.reason,
            via=row.via,
            at=iso(row.at) or "",
        )


class OptOutEntryOut(BaseModel):
    entry_id: str = Field(examples=[EXAMPLE])
    contact_id: str = Field(examples=[EXAMPLE])
    address: str = Field(description="As it was then", examples=["+1234567890"])
    name: str | None = Field(examples=["Ana"])
    channel_id: str | None = Field(description="Null: all of the domain's channels")
    channel: ChannelKind | None = Field(examples=["wmsg"])
    channel_address: str | None = Field(examples=["+14155238886"])
    action: Action = Field(
        description="asked: whether messages are wanted again", examples=["stopped"]
    )
    via: Via = Field(description="Who said so", examples=["customer"])
    reason: str = Field(description="The word or the carrier's code", examples=["STOP"])
    person: PersonRefOut | None
    at: str = Field(examples=["2026-11-21T09:30:00Z"])

    @classmethod
    def of(cls, entry: LogEntry) -> "OptOutEntryOut":
        person = None
        if entry.person_id is not None and entry.person_email is not None:
            person = PersonRefOut(
                person_id=str(entry.person_id),
                name=entry.person_name or "",
                email=entry.person_email,
            )
        return cls(
            entry_id=str(entry.entry_id),
            contact_id=str(entry.contact_id),
            address=entry.address,
            name=entry.display_name,
            channel_id=str(entry.channel_id) if entry.channel_id else None,
            channel=entry.channel,
            channel_address=entry.channel_address,
            action=entry.action,
            via=entry.via,
            reason=entry.reason,
            person=person,
            at=iso(entry.at) or "",
        )


def service(request: Request) -> OptOutService:
    return request.app.state.opt_outs


@router.get("")
async def list_opt_outs(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    q: Annotated[
        Typed | None, Query(max_length=200, description="In names, numbers and e-mails")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[OptedOutOut]:
    """Who is not written to, the latest first; with `q` those of the contacts found first."""
    domain_id = caller.domain(domain).domain_id
    text = (q or "").strip()
    if text:
        found = await service(request).find(domain_id, text, MOST)
        return Page[OptedOutOut](items=[OptedOutOut.of(row) for row in found[:limit]])
    found = await service(request).latest(domain_id, _read(cursor), limit + 1)
    following = _written(found[limit - 1]) if len(found) > limit else None
    return Page[OptedOutOut](items=[OptedOutOut.of(row) for row in found[:limit]], next=following)


def _written(row: OptedOut) -> str:
    return f"{to_cursor(row.at, row.contact_id)}.{row.channel_id or UUID(int=0)}"


def _read(cursor: str | None) -> tuple[datetime, UUID, UUID] | None:
    if not cursor:
        return None
    text, _, channel = cursor.partition(".")
    found = from_cursor(text)
    try:
        return (*found, UUID(channel)) if found else None
    except ValueError:
        raise Unprocessable(f"cursor {cursor[:80]!r} is not one that a page gave as next") from None


@router.get("/log")
async def list_log(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    contact_id: OfContact = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[OptOutEntryOut]:
    """What was said, by whom and where, the latest first. Nothing of it is ever changed."""
    domain_id = caller.domain(domain).domain_id
    found = await service(request).log(domain_id, contact_id, from_cursor(cursor), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Page[OptOutEntryOut](
        items=[OptOutEntryOut.of(entry) for entry in found[:limit]],
        next=to_cursor(last.at, last.entry_id) if last else None,
    )


@router.get("/log.csv", response_class=StreamingResponse)
async def export_log(
    request: Request, caller: CallerDep, domain: DomainName = None, contact_id: OfContact = None
) -> StreamingResponse:
    """All of the log as a table."""
    domain_id = caller.domain(domain).domain_id
    if contact_id is not None:
        await service(request).contacts.card(domain_id, contact_id)  # 404 while there is a status
    return csv_response("opt-outs.csv", COLUMNS, _rows(service(request), domain_id, contact_id))


async def _rows(
    opt_outs: OptOutService, domain_id: UUID, contact_id: UUID | None
) -> AsyncGenerator[Sequence[Sequence[str | None]]]:
    async for page in opt_outs.whole_log(domain_id, contact_id):
        yield [
            (
                iso(entry.at),
                entry.address,
                entry.display_name,
                entry.action,
                entry.channel if entry.channel_id else "all",
                entry.channel_address,
                entry.via,
                entry.reason,
                entry.person_name or entry.person_email,
            )
            for entry in page
        ]
