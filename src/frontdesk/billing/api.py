"""Credit and prices over HTTP."""

import csv
import io
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, AwareDatetime

from frontdesk.billing import reporting
from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import (
    Entry,
    EntryKind,
    plain,
)
from frontdesk.billing.prices import PriceService
from frontdesk.billing.shapes import (
    AccountOut,
    CreditChange,
    CreditsOut,
    DailyOut,
    DayOut,
    EntryOut,
    PricesChange,
    PricesOut,
    ReportOut,
    ToppedUpOut,
    TopUpCreate,
    text_of,
)
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.spreadsheet import neutral
from frontdesk.web.moments import in_utc

router = APIRouter(prefix="/api/v1/domains/{name}", tags=["credit"])

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = (
    "at",
    "kind",
    "amount",
    "balance",
    "channel",
    "direction",
    "call_type",
    "category",
    "country",
    "quantity",
    "chat_id",
    "message_id",
    "call_id",
    "campaign_id",
    "reason",
    "entry_id",
)

Moment: TypeAlias = Annotated[AwareDatetime, AfterValidator(in_utc)]
From = Annotated[Moment | None, Query(alias="from", description="Entries since then")]
To = Annotated[Moment | None, Query(alias="to", description="Entries before then")]


def ledger(request: Request) -> LedgerService:
    return request.app.state.ledger


def prices(request: Request) -> PriceService:
    return request.app.state.prices


@router.post("/credits", status_code=201)
async def top_up(
    request: Request,
    caller: CallerDep,
    name: str,
    body: TopUpCreate,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> ToppedUpOut:
    """Pays in. From its first top-up on, a domain is billed.

    With an `Idempotency-Key` a repeated request pays in once.
    """
    domain_id = caller.domain(name, "admin").domain_id
    balance, entry = await ledger(request).top_up(
        domain_id, body.amount, body.reason, by=caller, key=idempotency_key
    )
    return ToppedUpOut(balance=balance, entry=EntryOut.of(entry))


@router.get("/credits")
async def credit(
    request: Request,
    caller: CallerDep,
    name: str,
    kind: EntryKind | None = None,
    since: From = None,
    until: To = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CreditsOut:
    page = await ledger(request).entries(
        caller.domain(name).domain_id,
        since=since,
        until=until,
        kind=kind,
        before=_from_cursor(cursor),
        limit=limit,
    )
    return CreditsOut(
        **AccountOut.of(page.account).model_dump(),
        entries=[EntryOut.of(entry) for entry in page.entries],
        next=None if page.next is None else _to_cursor(*page.next),
    )


@router.patch("/credits")
async def change_credit(
    request: Request, caller: CallerDep, name: str, body: CreditChange
) -> AccountOut:
    domain_id = caller.domain(name, "admin").domain_id
    account = await ledger(request).set_low_balance(domain_id, body.low_balance, caller)
    return AccountOut.of(account)


@router.get(
    "/credits/statement.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
async def statement(
    request: Request, caller: CallerDep, name: str, since: From = None, until: To = None
) -> StreamingResponse:
    """All entries of a time, the oldest first."""
    domain_id = caller.domain(name).domain_id
    batches = ledger(request).statement(domain_id, since or FIRST, until)
    return StreamingResponse(
        _csv(batches),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="credits-{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/credits/report")
async def report(
    request: Request,
    caller: CallerDep,
    name: str,
    month: Annotated[
        str, Query(description="In the domain's time zone", examples=["2026-11"], max_length=40)
    ],
) -> ReportOut:
    """What a month came to, by channel, direction, template category, country and day."""
    return ReportOut.of(
        await reporting.month(ledger(request), caller.domain(name).domain_id, month)
    )


@router.get("/credits/daily")
async def daily(
    request: Request,
    caller: CallerDep,
    name: str,
    days: Annotated[int, Query(ge=1, le=400)] = 30,
) -> DailyOut:
    found = await reporting.daily(ledger(request), caller.domain(name).domain_id, days)
    return DailyOut(timezone=found.timezone, items=[DayOut.of(day) for day in found.days])


@router.get("/prices")
async def list_prices(request: Request, caller: CallerDep, name: str) -> PricesOut:
    return PricesOut.of(await prices(request).all_of(caller.domain(name).domain_id))


@router.put("/prices")
async def replace_prices(
    request: Request, caller: CallerDep, name: str, body: PricesChange
) -> PricesOut:
    """Sets all of the domain's own prices."""
    domain_id = caller.domain(name, "admin").domain_id
    given = [each.value() for each in body.items]
    return PricesOut.of(await prices(request).replace(domain_id, given, caller))


async def _csv(batches: AsyncGenerator[list[Entry]]) -> AsyncGenerator[bytes]:
    yield _lines([COLUMNS])
    async for batch in batches:
        yield _lines([_row(entry) for entry in batch])


def _lines(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _row(entry: Entry) -> tuple[str, ...]:
    """Amounts stay numbers, also below zero: they are ours. Texts are others'."""
    return (
        iso(entry.at) or "",
        entry.kind,
        plain(entry.amount),
        plain(entry.balance_after or Decimal(0)),
        entry.channel or "",
        entry.direction or "",
        neutral(entry.call_type or ""),
        neutral(entry.category or ""),
        entry.country or "",
        plain(entry.quantity),
        text_of(entry.conversation_id) or "",
        text_of(entry.message_id) or "",
        text_of(entry.outreach_id) or "",
        text_of(entry.campaign_id) or "",
        neutral(entry.reason),
        str(entry.entry_id),
    )


def _to_cursor(at: datetime, entry_id: UUID, balance: Decimal | None) -> str:
    text = f"{at.isoformat()}|{entry_id}|{'' if balance is None else balance}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _from_cursor(cursor: str | None) -> tuple[datetime, UUID, Decimal | None] | None:
    """Raises Unprocessable for a cursor that no page gave."""
    if not cursor:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, entry_id, balance = text.split("|")
        moment, left = datetime.fromisoformat(at), Decimal(balance) if balance else None
        if moment.tzinfo is None or not (left is None or left.is_finite()):
            raise ValueError("not one of ours")
        return moment, UUID(entry_id), left
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise Unprocessable(
            f"cursor {cursor[:80]!r} is not one that a page gave as next"
        ) from error
