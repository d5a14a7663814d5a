"""Call logs over HTTP: as pages, and as a table to open elsewhere."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import Page
from frontdesk.db.pool import Row
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.outreach.call_logs import CallLogService, LogFilter
from frontdesk.ports import ChannelKind
from frontdesk.web.csv_stream import csv_response
from frontdesk.web.moments import Moment
from frontdesk.web.paging import MOST, from_cursor, to_cursor
from frontdesk.web.typed import Typed

router = APIRouter(tags=["outreach"])

EXAMPLE = "0198c0de-0000-7000-8000-000000000000"
COLUMNS = (
    "call_id", "campaign_id", "channel", "direction", "call_type", "source", "phone_number", "name",
    "email", "instruction", "status", "reason", "duration", "cost", "answered", "conversation_id",
    "message_id", "created_at", "updated_at",
)  # fmt: skip

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]


class CallLogOut(BaseModel):
    call_id: str = Field(examples=[EXAMPLE])
    campaign_id: str | None
    channel: ChannelKind = Field(examples=["wmsg"])
    direction: str = Field(examples=["out"])
    type: str = Field(examples=["informational"])
    source: str = Field(examples=["api"])
    phone_number: str = Field(examples=["+1234567890"])
    name: str | None = Field(examples=["Ana"])
    email: str | None = Field(examples=["ana@example.com"])
    instruction: str | None = Field(examples=["Send appointment reminder"])
    status: str = Field(description="The message's, once there is one", examples=["delivered"])
    reason: str | None
    duration: int | None = Field(description="Seconds, of calls")
    recording: str | None
    transcript: str | None
    cost: float | None = Field(description="Credits; null where nothing was charged")
    answered: bool
    chat_id: str | None
    message_id: str | None
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, row: Row) -> "CallLogOut":
        return cls(
            call_id=str(row["call_id"]),
            campaign_id=_text(row["campaign_id"]),
            channel=row["channel"],
            direction=row["direction"],
            type=row["call_type"],
            source=row["source"],
            phone_number=row["phone_number"],
            name=row["name"],
            email=row["email"],
            instruction=row["instruction"],
            status=row["status"],
            reason=row["reason"],
            duration=row["duration"],
            recording=row["recording"],
            transcript=row["transcript"],
            cost=None if row["cost"] is None else float(row["cost"]),
            answered=bool(row["answered"]),
            chat_id=_text(row["conversation_id"]),
            message_id=_text(row["message_id"]),
            created_at=iso(row["created_at"]) or "",
            updated_at=iso(row["updated_at"]) or "",
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def log_filter(
    channel: Annotated[str | None, Query(max_length=20, examples=["wmsg"])] = None,
    status: Annotated[str | None, Query(max_length=20, examples=["delivered"])] = None,
    campaign_id: UUID | None = None,
    q: Annotated[
        Typed | None, Query(max_length=100, description="A part of a number or a name")
    ] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> LogFilter:
    return LogFilter(channel, status, campaign_id, q, since, until)


FilterDep = Annotated[LogFilter, Depends(log_filter)]


def service(request: Request) -> CallLogService:
    return request.app.state.call_logs


@router.get("/api/v1/call-logs")
async def list_call_logs(
    request: Request,
    caller: CallerDep,
    wanted: FilterDep,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    domain: DomainName = None,
) -> Page[CallLogOut]:
    """What was tried, the newest first.

    A page may have fewer items than asked for, even none, while `next` says that there may be
    more: rare outcomes are looked for in some thousand rows at a time.
    """
    domain_id = caller.domain(domain).domain_id
    rows, last = await service(request).page(domain_id, wanted, from_cursor(cursor), limit)
    following = None if last is None else to_cursor(*last)
    return Page[CallLogOut](items=[CallLogOut.of(row) for row in rows], next=following)


@router.get("/api/v1/call-logs.csv", response_class=StreamingResponse)
async def export_call_logs(
    request: Request, caller: CallerDep, wanted: FilterDep, domain: DomainName = None
) -> StreamingResponse:
    """All that fits, as CSV. What a spreadsheet would take for a formula is made harmless."""
    batches = service(request).all(caller.domain(domain).domain_id, wanted)
    return csv_response("call-logs.csv", COLUMNS, _tables(batches))


async def _tables(
    batches: AsyncGenerator[Sequence[Row]],
) -> AsyncGenerator[list[list[str | None]]]:
    async for rows in batches:
        yield [[_cell(row[name]) for name in COLUMNS] for row in rows]


def _cell(value: object) -> str | None:
    return iso(value) if isinstance(value, datetime) else _text(value)
