"""Contacts as a table, sent while it is read."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from frontdesk.contacts.cards import MOST_FOUND, ContactService
from frontdesk.contacts.model import Contact
from frontdesk.contacts.segments import SegmentService
from frontdesk.contacts.segments_model import Listed
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.errors import Unprocessable
from frontdesk.web.csv_stream import csv_response
from frontdesk.web.typed import Typed

router = APIRouter(tags=["contacts"])

PAGE = 1_000
MOST_COLUMNS = 50
COLUMNS = ("phone_number", "name", "email", "language")
OTHERS = "other_attributes"
"""As JSON: attributes that nobody on the first page has."""

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
Pages = AsyncGenerator[Sequence[Contact] | Sequence[Listed]]


@router.get("/api/v1/contacts.csv", response_class=StreamingResponse)
async def export_contacts(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    q: Annotated[
        Typed | None,
        Query(max_length=200, description="In names, numbers and e-mails; the first 1 000"),
    ] = None,
    segment_id: Annotated[UUID | None, Query(description="Those of a segment")] = None,
) -> StreamingResponse:
    """All contacts, or some. What is exported can be imported again."""
    text = (q or "").strip()
    if text and segment_id is not None:
        raise Unprocessable("q and segment_id are both given; give one of them")
    domain_id = caller.domain(domain).domain_id
    if segment_id is not None:
        segments: SegmentService = request.app.state.segments
        owner = await segments.domain_of(caller.domain_ids, segment_id)
        pages = _of_segment(segments, owner, segment_id)
    else:
        contacts: ContactService = request.app.state.contacts
        pages = _found(contacts, domain_id, text) if text else _all(contacts, domain_id)
    first = await _next(pages)  # before the answer begins, so that an error has its status
    names = dict.fromkeys(name for each in first for name in each.attributes)
    shown = list(names)[:MOST_COLUMNS]
    return csv_response("contacts.csv", (*COLUMNS, *shown, OTHERS), _rows(first, pages, shown))


async def _next(pages: Pages) -> Sequence[Contact] | Sequence[Listed]:
    async for page in pages:
        return page
    return ()


async def _rows(
    first: Sequence[Contact] | Sequence[Listed], pages: Pages, shown: Sequence[str]
) -> AsyncGenerator[list[list[str | None]]]:
    yield [_row(each, shown) for each in first]
    async for page in pages:
        yield [_row(each, shown) for each in page]


def _row(contact: Contact | Listed, shown: Sequence[str]) -> list[str | None]:
    others = {name: value for name, value in contact.attributes.items() if name not in shown}
    return [
        contact.address,
        contact.display_name,
        contact.email,
        contact.language,
        *(contact.attributes.get(name) for name in shown),
        orjson.dumps(others).decode() if others else None,
    ]


async def _found(contacts: ContactService, domain_id: UUID, text: str) -> Pages:
    yield await contacts.find(domain_id, text, 0, MOST_FOUND)


async def _all(contacts: ContactService, domain_id: UUID) -> Pages:
    before: UUID | None = None
    while page := await contacts.latest(domain_id, before, PAGE):
        yield page
        before = page[-1].contact_id


async def _of_segment(segments: SegmentService, domain_id: UUID, segment_id: UUID) -> Pages:
    segment = await segments.get(domain_id, segment_id)
    after: UUID | None = None
    while page := await segments.page(domain_id, segment, after, PAGE):
        yield page
        after = page[-1].contact_id
