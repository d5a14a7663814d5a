"""Segments over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from frontdesk.contacts.segments import MOST_ADDED, SegmentService
from frontdesk.contacts.segments_model import (
    MOST_LABELS,
    Count,
    Listed,
    Rule,
    Segment,
    SegmentKind,
)
from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import ChannelKind
from frontdesk.web.paging import MOST

router = APIRouter(prefix="/api/v1/segments", tags=["contacts"])

EXAMPLE = "0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]


class SegmentRule(BaseModel):
    """What is given must all be true of a contact."""

    # A field that is misspelt would leave a rule that everybody meets.
    model_config = ConfigDict(extra="forbid")

    labels: list[UUID] | None = Field(
        None, max_length=MOST_LABELS, description="A conversation of theirs has one of them"
    )
    language: str | None = Field(None, max_length=40, description="es is also es-MX")
    country: str | None = Field(None, max_length=2, description="ISO 3166, by the number")
    channel: ChannelKind | None = Field(None, description="They have a conversation there")
    last_wrote_within_days: int | None = None
    not_written_for_days: int | None = Field(None, description="Also those who never wrote")
    attributes: dict[str, str] | None = None
    created_after: str | None = Field(None, max_length=40)
    opted_out: bool | None = Field(None, description="Null: whether or not")

    @classmethod
    def of(cls, rule: Rule) -> "SegmentRule":
        return cls.model_validate(rule.stored())

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


RULE = {"language": "es", "last_wrote_within_days": 90}


class SegmentOut(BaseModel):
    segment_id: str = Field(examples=[EXAMPLE])
    name: str = Field(examples=["Spanish, wrote this quarter"])
    kind: SegmentKind = Field(examples=["rule"])
    rule: SegmentRule = Field(examples=[RULE])
    created_at: str = Field(examples=["2026-11-21T09:30:00Z"])
    updated_at: str = Field(examples=["2026-11-21T09:30:00Z"])

    @classmethod
    def of(cls, segment: Segment) -> "SegmentOut":
        return cls(**_values(segment))


class SegmentDetailOut(SegmentOut):
    count: int | None = Field(
        description="Its contacts, up to 10 000; null when counting takes too long", examples=[250]
    )
    more: bool = Field(description="Whether there are more than were counted", examples=[False])

    @classmethod
    def counted(cls, segment: Segment, count: Count) -> "SegmentDetailOut":
        return cls(**_values(segment), count=count.number, more=count.more)


def _values(segment: Segment) -> dict[str, Any]:
    return {
        "segment_id": str(segment.segment_id),
        "name": segment.name,
        "kind": segment.kind,
        "rule": SegmentRule.of(segment.rule),
        "created_at": iso(segment.created_at) or "",
        "updated_at": iso(segment.updated_at) or "",
    }


class SegmentMemberOut(BaseModel):
    contact_id: str = Field(examples=[EXAMPLE])
    display_name: str = Field(description="The number where no name is known", examples=["Ana"])
    address: str = Field(examples=["+1234567890"])
    email: str | None = Field(examples=["ana@example.com"])
    attributes: dict[str, str] = Field(examples=[{"Customer number": "4711"}])
    blocked: bool = Field(description="Campaigns do not write to them", examples=[False])
    opted_out: bool = Field(
        description="On a channel that the rule names, else on any", examples=[False]
    )

    @classmethod
    def of(cls, row: Listed) -> "SegmentMemberOut":
        return cls(
            contact_id=str(row.contact_id),
            display_name=row.display_name or row.address,
            address=row.address,
            email=row.email,
            attributes=row.attributes,
            blocked=row.blocked,
            opted_out=row.opted_out,
        )


class SegmentCreate(BaseModel):
    name: str = Field(max_length=200, examples=["Spanish, wrote this quarter"])
    kind: SegmentKind = Field("rule", examples=["rule"])
    rule: SegmentRule | None = Field(None, examples=[RULE])


class SegmentChange(BaseModel):
    name: str | None = Field(None, max_length=200, examples=["Spanish, wrote this quarter"])
    rule: SegmentRule | None = Field(None, description="All of it", examples=[RULE])


class MembersCreate(BaseModel):
    contact_ids: list[UUID] = Field(default_factory=list, max_length=MOST_ADDED)
    phone_numbers: list[str] = Field(
        default_factory=list,
        max_length=MOST_ADDED,
        description="Those that are not known become contacts",
        examples=[["+34600000000"]],
    )


class AddedOut(BaseModel):
    added: int = Field(description="Those that were not in the list", examples=[1])


def service(request: Request) -> SegmentService:
    return request.app.state.segments


async def _domain(request: Request, caller: Caller, segment_id: UUID) -> UUID:
    """The domain of a segment that the caller may change."""
    domain_id = await service(request).domain_of(caller.domain_ids, segment_id)
    caller.member_of(domain_id, "agent")
    return domain_id


@router.get("")
async def list_segments(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[SegmentOut]:
    found = await service(request).all_of(caller.domain(domain).domain_id)
    return Page[SegmentOut](items=[SegmentOut.of(each) for each in found])


@router.post("", status_code=201)
async def create_segment(
    request: Request, caller: CallerDep, body: SegmentCreate, domain: DomainName = None
) -> SegmentOut:
    """A rule is evaluated whenever it is used; a list has the contacts that are put into it."""
    domain_id = caller.domain(domain, "agent").domain_id
    rule = body.rule.given() if body.rule else None
    return SegmentOut.of(
        await service(request).create(domain_id, body.name, body.kind, rule, caller)
    )


@router.get("/{segment_id}")
async def get_segment(request: Request, caller: CallerDep, segment_id: UUID) -> SegmentDetailOut:
    """The segment, and how many contacts it has now."""
    domain_id = await service(request).domain_of(caller.domain_ids, segment_id)
    segment = await service(request).get(domain_id, segment_id)
    return SegmentDetailOut.counted(segment, await service(request).count(domain_id, segment))


@router.patch("/{segment_id}")
async def change_segment(
    request: Request, caller: CallerDep, segment_id: UUID, body: SegmentChange
) -> SegmentOut:
    domain_id = await _domain(request, caller, segment_id)
    rule = body.rule.given() if body.rule is not None else None
    return SegmentOut.of(
        await service(request).change(domain_id, segment_id, body.name, rule, caller)
    )


@router.delete("/{segment_id}", status_code=204)
async def delete_segment(request: Request, caller: CallerDep, segment_id: UUID) -> None:
    """Its contacts stay. 409 while a campaign or a repeat sends to it."""
    domain_id = await _domain(request, caller, segment_id)
    await service(request).delete(domain_id, segment_id, caller)


@router.get("/{segment_id}/contacts")
async def list_members(
    request: Request,
    caller: CallerDep,
    segment_id: UUID,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Page[SegmentMemberOut]:
    """Who is in it now, also those whom campaigns do not write to."""
    domain_id = await service(request).domain_of(caller.domain_ids, segment_id)
    segment = await service(request).get(domain_id, segment_id)
    found = await service(request).page(domain_id, segment, _after(cursor), limit + 1)
    return Page[SegmentMemberOut](
        items=[SegmentMemberOut.of(each) for each in found[:limit]],
        next=str(found[limit - 1].contact_id) if len(found) > limit else None,
    )


def _after(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise Unprocessable(f"cursor {cursor!r:.80} is not one that a page gave as next") from None


@router.post("/{segment_id}/members")
async def add_members(
    request: Request, caller: CallerDep, segment_id: UUID, body: MembersCreate
) -> AddedOut:
    """Puts contacts into a list, by their ids or their numbers."""
    domain_id = await _domain(request, caller, segment_id)
    added = await service(request).add(domain_id, segment_id, body.contact_ids, body.phone_numbers)
    return AddedOut(added=added)


@router.delete("/{segment_id}/members/{contact_id}", status_code=204)
async def remove_member(
    request: Request, caller: CallerDep, segment_id: UUID, contact_id: UUID
) -> None:
    domain_id = await _domain(request, caller, segment_id)
    await service(request).remove(domain_id, segment_id, contact_id)
