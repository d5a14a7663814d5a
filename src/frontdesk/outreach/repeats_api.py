"""Repeats over HTTP: campaigns that come again."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from frontdesk.conversations.shapes import Page
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import check_json
from frontdesk.kernel.clock import iso
from frontdesk.outreach._store.repeats import Repeat
from frontdesk.outreach.campaign_shapes import CampaignFollowUpIn, QuietHoursIn, Short, Text
from frontdesk.outreach.repeats import RepeatService

router = APIRouter(prefix="/api/v1/repeats", tags=["campaigns"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]


class RepeatPlanIn(BaseModel):
    """A campaign's fields."""

    model_config = ConfigDict(extra="forbid")

    channel: Short = Field("wmsg", examples=["wmsg"])
    channel_id: UUID | None = None
    type: Short = Field("informational", examples=["informational"])
    instruction: Text | None = None
    template_id: UUID | None = None
    variables: dict[Short, dict[Short, Text]] = {}
    assistant_id: Short | None = None
    rate: float | None = None
    quiet_hours: QuietHoursIn | None = None
    follow_up: CampaignFollowUpIn | None = None

    def values(self) -> dict[str, Any]:
        """Columns by name, of what was given."""
        values: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, QuietHoursIn | CampaignFollowUpIn):
                value = value.stored()
            values["call_type" if name == "type" else name] = value
        return values


class RepeatRuleIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    every: Short = Field(description="day, week or month", examples=["week"])
    on: int | None = Field(
        None, description="Of a week 1 (Monday) to 7, of a month 1 to 31", examples=[1]
    )
    at: Short = Field(examples=["09:00"])
    timezone: Short = Field(examples=["Europe/Madrid"])


class RepeatCreate(BaseModel):
    name: Short = Field(examples=["Monday's offer"])
    segment_id: UUID = Field(examples=["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"])
    plan: RepeatPlanIn
    rule: RepeatRuleIn


class RepeatChange(BaseModel):
    """What is not given stays; of the plan, too."""

    name: Short | None = Field(None, examples=["Monday's offer"])
    segment_id: UUID | None = None
    plan: RepeatPlanIn | None = None
    rule: RepeatRuleIn | None = None
    state: Literal["active", "stopped"] | None = Field(None, examples=["stopped"])


class RepeatOut(BaseModel):
    repeat_id: str
    name: str = Field(examples=["Monday's offer"])
    segment_id: str
    plan: dict[str, Any] = Field(examples=[{"channel": "sms", "instruction": "This week's offer"}])
    rule: dict[str, Any] = Field(
        examples=[{"every": "week", "on": 1, "at": "09:00", "timezone": "Europe/Madrid"}]
    )
    next_at: str | None
    state: Literal["active", "stopped"] = Field(examples=["active"])


def service(request: Request) -> RepeatService:
    return request.app.state.campaigns.repeats


def _out(repeat: Repeat) -> RepeatOut:
    plan = {"type" if key == "call_type" else key: value for key, value in repeat.plan.items()}
    active = repeat.state == "active"
    return RepeatOut(
        repeat_id=str(repeat.repeat_id),
        name=repeat.name,
        segment_id=str(repeat.segment_id),
        plan=plan,
        rule=dict(repeat.rule),
        next_at=iso(repeat.next_at) if active else None,
        state="active" if active else "stopped",
    )


@router.get("")
async def list_repeats(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[RepeatOut]:
    found = await service(request).all_of(caller.domain(domain).domain_id)
    return Page[RepeatOut](items=[_out(each) for each in found])


@router.post("", status_code=201)
async def create_repeat(
    request: Request, caller: CallerDep, body: RepeatCreate, domain: DomainName = None
) -> RepeatOut:
    """A new campaign to the segment each time, from the next one on."""
    domain_id = caller.domain(domain, "admin").domain_id
    check_json("the repeat", body.model_dump())
    made = await service(request).create(
        domain_id, body.name, body.segment_id, body.plan.values(), body.rule.model_dump(), caller
    )
    return _out(made)


@router.patch("/{repeat_id}")
async def change_repeat(
    request: Request, caller: CallerDep, repeat_id: UUID, body: RepeatChange
) -> RepeatOut:
    domain_id = await service(request).domain_of(caller.domain_ids, repeat_id)
    caller.member_of(domain_id, "admin")
    check_json("the repeat", body.model_dump())
    given: dict[str, Any] = {
        "name": body.name,
        "segment_id": body.segment_id,
        "plan": body.plan and body.plan.values(),
        "rule": body.rule and body.rule.model_dump(),
        "state": body.state,
    }
    return _out(await service(request).change(domain_id, repeat_id, given, caller))


@router.delete("/{repeat_id}", status_code=204)
async def delete_repeat(request: Request, caller: CallerDep, repeat_id: UUID) -> None:
    """Campaigns that came of it stay."""
    domain_id = await service(request).domain_of(caller.domain_ids, repeat_id)
    caller.member_of(domain_id, "admin")
    await service(request).delete(domain_id, repeat_id, caller)
