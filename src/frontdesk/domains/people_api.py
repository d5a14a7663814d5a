"""A domain's people, their invitations and tokens, and the log of what they changed, over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from frontdesk.domains.audit import Entry
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Person, Role
from frontdesk.domains.people import Invitation
from frontdesk.domains.service import DomainService
from frontdesk.domains.session_api import (
    MeOut,
    OwnPages,
    Password,
    Token,
    VisitDep,
    enter,
    services,
)
from frontdesk.domains.shapes import PersonRefOut
from frontdesk.kernel.clock import iso
from frontdesk.settings import Settings
from frontdesk.web.paging import MOST, from_cursor, to_cursor

router = APIRouter(prefix="/api/v1", tags=["people"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
Name = Annotated[str, Field(max_length=200, examples=["Ana"])]
ID = "0198c0de-0000-7000-8000-000000000000"
MOMENT = "2026-02-03T12:00:00Z"


class PersonOut(PersonRefOut):
    role: Role
    created_at: str = Field(examples=[MOMENT])
    has_password: bool = Field(examples=[True])
    state: Literal["active", "invited"] = Field(
        description="invited: has not signed in yet", examples=["active"]
    )

    @classmethod
    def of(cls, person: Person) -> "PersonOut":
        return cls(
            person_id=str(person.person_id),
            name=person.name,
            email=person.email,
            role=person.role,
            created_at=iso(person.created_at) or "",
            has_password=person.has_password,
            state="active" if person.signed_in_at else "invited",
        )


class PersonCreate(BaseModel):
    email: str = Field(max_length=254, examples=["bob@example.com"])
    name: Name = ""
    role: Role = Field("agent", examples=["agent"])


class PersonChange(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Ana"])] | None = None
    role: Role | None = Field(None, examples=["agent"])


class InvitationOut(BaseModel):
    invitation_url: str = Field(
        description="Works once; whoever has it gets in as the person",
        examples=["https://desk.example/invitation?token=kJ5s…"],
    )
    expires_at: str = Field(examples=[MOMENT])

    @classmethod
    def of(cls, invitation: Invitation, settings: Settings) -> "InvitationOut":
        return cls(
            invitation_url=f"{settings.public_url}/invitation?token={invitation.token}",
            expires_at=iso(invitation.expires_at) or "",
        )


class InvitedOut(InvitationOut):
    """A new member, and the link to send them."""

    person: PersonOut


class InvitationInfoOut(BaseModel):
    email: str = Field(examples=["bob@example.com"])
    name: str = Field(examples=["Bob"])
    domain_display_name: str = Field(examples=["Aitana"])


class InvitationAccept(BaseModel):
    token: Token
    name: Name = ""
    password: Password


class TokenOut(BaseModel):
    token_id: UUID = Field(examples=[ID])
    name: str = Field(examples=["reports"])
    person: PersonRefOut
    created_at: str = Field(examples=[MOMENT])
    last_used_at: str | None = Field(description="To within a minute", examples=[MOMENT])
    expires_at: str | None = Field(examples=[MOMENT])


class TokenCreate(BaseModel):
    name: str = Field(min_length=1, max_length=200, examples=["reports"])
    expires_at: AwareDatetime | None = Field(None, examples=["2199-01-01T00:00:00Z"])


class NewTokenOut(BaseModel):
    token_id: UUID = Field(examples=[ID])
    token: str = Field(description="Shown this once", examples=["fd_kJ5s…"])


class AuditEntryOut(BaseModel):
    entry_id: UUID = Field(examples=[ID])
    at: str = Field(examples=[MOMENT])
    person: PersonRefOut | None = Field(description="Null: the operator, or Frontdesk itself")
    action: str = Field(examples=["person.role"])
    target: str = Field(examples=["bob@example.com"])
    detail: dict[str, Any] = Field(examples=[{"role": "admin"}])

    @classmethod
    def of(cls, entry: Entry) -> "AuditEntryOut":
        return cls(
            entry_id=entry.entry_id,
            at=iso(entry.at) or "",
            person=entry.person_id
            and PersonRefOut(person_id=str(entry.person_id), name=entry.name, email=entry.email),
            action=entry.action,
            target=entry.target,
            detail=entry.detail,
        )


class AuditPageOut(BaseModel):
    items: list[AuditEntryOut]
    next: str | None = Field(description="The cursor of the next page", examples=[None])


def domains(request: Request) -> DomainService:
    return request.app.state.domains


@router.get("/people")
async def list_people(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> dict[str, list[PersonOut]]:
    """The domain's people: everybody may know their colleagues."""
    found = await domains(request).people(caller.domain(domain).domain_id)
    return {"items": [PersonOut.of(person) for person in found]}


@router.post("/people", status_code=201)
async def invite_person(
    request: Request, caller: CallerDep, body: PersonCreate, domain: DomainName = None
) -> InvitedOut:
    """Makes somebody a member, and a link for them that works once, for 7 days."""
    home = caller.domain(domain, "admin")
    person, invitation = await services(request).people.invite(
        home.domain_id, body.email, body.name.strip(), body.role, caller
    )
    link = InvitationOut.of(invitation, request.app.state.settings)
    return InvitedOut(person=PersonOut.of(person), **link.model_dump())


@router.patch("/people/{person_id}")
async def change_person(
    request: Request,
    caller: CallerDep,
    person_id: UUID,
    body: PersonChange,
    domain: DomainName = None,
) -> PersonOut:
    """Only owners change owners, or make them; one owner stays."""
    home = caller.domain(domain, "admin")
    return PersonOut.of(
        await services(request).people.change(
            home.domain_id, person_id, name=body.name, role=body.role, by=caller
        )
    )


@router.delete("/people/{person_id}", status_code=204)
async def remove_person(
    request: Request, caller: CallerDep, person_id: UUID, domain: DomainName = None
) -> None:
    """Ends the person's membership, and with it their sessions and tokens of this domain."""
    home = caller.domain(domain, "admin")
    await services(request).people.remove(home.domain_id, person_id, caller)


@router.post("/people/{person_id}/invitation", status_code=201)
async def new_invitation(
    request: Request, caller: CallerDep, person_id: UUID, domain: DomainName = None
) -> InvitationOut:
    """A new link for a member, also for one who forgot their password; older links end."""
    home = caller.domain(domain, "admin")
    made = await services(request).people.invitation(home.domain_id, person_id, caller)
    return InvitationOut.of(made, request.app.state.settings)


@router.get("/invitation")
async def look_at_invitation(
    request: Request,
    response: Response,
    visit: VisitDep,
    token: Annotated[str, Query(max_length=200)],
) -> InvitationInfoOut:
    """Whom an invitation is for. Looking does not use it up."""
    found = await services(request).sign_in.invited(token, visit)
    response.headers["Cache-Control"] = "no-store"
    return InvitationInfoOut(
        email=found.person.email,
        name=found.person.name,
        domain_display_name=found.domain_display_name,
    )


@router.post("/invitation", dependencies=OwnPages)
async def accept_invitation(
    request: Request, response: Response, visit: VisitDep, body: InvitationAccept
) -> MeOut:
    """Sets the password, ends the person's older sessions, and signs in."""
    session = await services(request).sign_in.accept(body.token, body.name, body.password, visit)
    return await enter(request, response, session)


@router.get("/tokens")
async def list_tokens(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> dict[str, list[TokenOut]]:
    """API tokens: everybody's for admins, one's own for agents."""
    home = caller.domain(domain, "agent")
    own = None if home.at_least("admin") else caller.person_id
    rows = await domains(request).tokens(home.domain_id, own)
    items = [
        TokenOut(
            token_id=row["token_id"],
            name=row["name"],
            person=PersonRefOut(
                person_id=str(row["person_id"]), name=row["person_name"], email=row["email"]
            ),
            created_at=iso(row["created_at"]) or "",
            last_used_at=iso(row["last_used_at"]),
            expires_at=iso(row["expires_at"]),
        )
        for row in rows
    ]
    return {"items": items}


@router.post("/tokens", status_code=201)
async def issue_token(
    request: Request, caller: CallerDep, body: TokenCreate, domain: DomainName = None
) -> NewTokenOut:
    """Makes an API token that acts as the caller."""
    home = caller.domain(domain, "agent")
    expires_at: datetime | None = body.expires_at
    token_id, token = await domains(request).make_token(
        home.domain_id, caller.email, body.name, expires_at, caller
    )
    return NewTokenOut(token_id=token_id, token=token)


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(
    request: Request, caller: CallerDep, token_id: UUID, domain: DomainName = None
) -> None:
    """Whoever uses the token is refused at once."""
    home = caller.domain(domain, "agent")
    own = None if home.at_least("admin") else caller.person_id
    await domains(request).revoke_token(home.domain_id, token_id, caller, own)


@router.get("/audit")
async def audit_log(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> AuditPageOut:
    """Who changed what, the newest first."""
    home = caller.domain(domain, "admin")
    before = from_cursor(cursor)
    entries, more = await services(request).audit.entries(
        home.domain_id, before and before[1], limit
    )
    return AuditPageOut(
        items=[AuditEntryOut.of(entry) for entry in entries],
        next=to_cursor(entries[-1].at, entries[-1].entry_id) if more else None,
    )
