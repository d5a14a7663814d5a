"""Teams over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.conversations.shapes import Page, PersonRefOut, TeamRefOut
from frontdesk.domains.auth import CallerDep
from frontdesk.inbox.model import MOST_MEMBERS, Member, Team
from frontdesk.inbox.teams import TeamService

router = APIRouter(prefix="/api/v1/teams", tags=["teams"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
MemberIds = Annotated[
    list[UUID],
    Field(max_length=MOST_MEMBERS, description="People of the domain", examples=[[]]),
]


class TeamCreate(BaseModel):
    name: str = Field(max_length=200, examples=["Sales"])
    member_ids: MemberIds = Field(default_factory=list[UUID])


class TeamChange(BaseModel):
    name: str | None = Field(None, max_length=200, examples=["Sales"])
    member_ids: MemberIds | None = Field(None, description="The whole list")


class TeamOut(TeamRefOut):
    members: list[PersonRefOut]


def service(request: Request) -> TeamService:
    return request.app.state.inbox.teams


def member_out(member: Member) -> PersonRefOut:
    return PersonRefOut(person_id=str(member.person_id), name=member.name, email=member.email)


def _out(team: Team) -> TeamOut:
    members = [member_out(each) for each in team.members]
    return TeamOut(team_id=str(team.team_id), name=team.name, members=members)


@router.get("")
async def list_teams(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> Page[TeamOut]:
    found = await service(request).all_of(caller.domain(domain).domain_id)
    return Page[TeamOut](items=[_out(team) for team in found])


@router.post("", status_code=201)
async def create_team(
    request: Request, caller: CallerDep, body: TeamCreate, domain: DomainName = None
) -> TeamOut:
    """409 when the domain has a team of that name; 422 for members who are not its people."""
    domain_id = caller.domain(domain, "admin").domain_id
    return _out(await service(request).create(domain_id, body.name, body.member_ids, caller))


@router.patch("/{team_id}")
async def change_team(
    request: Request, caller: CallerDep, team_id: UUID, body: TeamChange
) -> TeamOut:
    domain_id = await service(request).domain_of(caller.domain_ids, team_id)
    caller.member_of(domain_id, "admin")
    return _out(
        await service(request).change(domain_id, team_id, body.name, body.member_ids, caller)
    )


@router.delete("/{team_id}", status_code=204)
async def delete_team(request: Request, caller: CallerDep, team_id: UUID) -> None:
    """Its conversations are no team's then."""
    domain_id = await service(request).domain_of(caller.domain_ids, team_id)
    caller.member_of(domain_id, "admin")
    await service(request).delete(domain_id, team_id, caller)
