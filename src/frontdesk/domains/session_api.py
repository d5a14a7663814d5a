"""A browser's session over HTTP: in, out, and what a person sees of their own."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from frontdesk.domains.auth import (
    SESSION_COOKIE,
    CallerDep,
    check_same_origin,
    cookie_name,
    is_https,
    session_of,
    set_session,
)
from frontdesk.domains.model import Caller, Role
from frontdesk.domains.passwords import LEAST, MOST
from frontdesk.domains.services import SignInServices
from frontdesk.domains.sessions import Session
from frontdesk.domains.sign_in import Visit
from frontdesk.kernel.clock import iso
from frontdesk.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["session"])

Password = Annotated[str, Field(max_length=1_000, examples=["a password of the past"])]
Token = Annotated[str, Field(max_length=200, examples=["kJ5s…"])]


class MembershipOut(BaseModel):
    name: str = Field(examples=["aitana"])
    display_name: str = Field(examples=["Aitana"])
    role: Role


class FeaturesOut(BaseModel):
    """What this installation offers."""

    sandbox: bool = Field(examples=[True])
    oidc: bool = Field(examples=[False])


class MeOut(BaseModel):
    person_id: UUID = Field(examples=["0198c0de-0000-7000-8000-000000000000"])
    email: str = Field(examples=["ana@example.com"])
    name: str = Field(examples=["Ana"])
    role: Role = Field(description="In the domain of the token or session", examples=["agent"])
    domain: str = Field(description="The domain of the token or session", examples=["aitana"])
    domain_display_name: str = Field(examples=["Aitana"])
    domains: list[MembershipOut]
    has_password: bool = Field(examples=[True])
    features: FeaturesOut

    @classmethod
    def of(cls, caller: Caller, settings: Settings) -> "MeOut":
        home = caller.domain()
        return cls(
            person_id=caller.person_id,
            email=caller.email,
            name=caller.name,
            role=home.role,
            domain=home.name,
            domain_display_name=home.display_name,
            domains=[
                MembershipOut(name=one.name, display_name=one.display_name, role=one.role)
                for one in caller.memberships
            ],
            has_password=caller.has_password,
            features=FeaturesOut(sandbox=settings.sandbox, oidc=settings.oidc is not None),
        )


class SessionCreate(BaseModel):
    email: str = Field(max_length=254, examples=["ana@example.com"])
    password: Password
    domain: str | None = Field(
        None,
        max_length=64,
        description="Where several domains know the e-mail; else the one signed in to last",
        examples=["aitana"],
    )


class LinkSpend(BaseModel):
    token: Token


class MeChange(BaseModel):
    name: str = Field(min_length=1, max_length=200, examples=["Ana"])


class PasswordChange(BaseModel):
    current: Password | None = Field(
        None,
        description="Needed where there is one, except within 10 minutes after a sign-in link",
    )
    password: Password = Field(description=f"{LEAST} to {MOST} characters")


class DomainSwitch(BaseModel):
    domain: str = Field(examples=["aitana"])


class ProviderOut(BaseModel):
    name: str = Field(examples=["Example Corp"])


class SignInOptionsOut(BaseModel):
    password: bool = Field(examples=[True])
    oidc: ProviderOut | None
    sandbox: bool = Field(examples=[False])


class SessionOut(BaseModel):
    session_id: UUID = Field(examples=["0198c0de-0000-7000-8000-000000000000"])
    created_at: str = Field(examples=["2026-02-03T12:00:00Z"])
    last_used_at: str = Field(description="To within a minute", examples=["2026-02-03T12:30:00Z"])
    user_agent: str = Field(examples=["Mozilla/5.0 (X11; Linux x86_64)"])
    address: str = Field(examples=["192.0.2.1"])
    current: bool = Field(description="The session that asks", examples=[True])

    @classmethod
    def of(cls, session: Session, caller: Caller) -> "SessionOut":
        return cls(
            session_id=session.session_id,
            created_at=iso(session.created_at) or "",
            last_used_at=iso(session.last_used_at) or "",
            user_agent=session.user_agent,
            address=session.address,
            current=session.session_id == caller.session_id,
        )


def services(request: Request) -> SignInServices:
    return request.app.state.people


def visit(request: Request) -> Visit:
    return Visit(
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        session=session_of(request),
    )


VisitDep = Annotated[Visit, Depends(visit)]
OwnPages = [Depends(check_same_origin)]
"""For what needs no session yet: another site must not sign a browser in or out either."""


async def enter(request: Request, response: Response, session: str) -> MeOut:
    """Hands the browser its session, and tells whose it is."""
    set_session(request, response, session)
    response.headers["Cache-Control"] = "no-store"
    caller = await request.app.state.domains.authenticate(session, "session")
    return MeOut.of(caller, request.app.state.settings)


@router.get("/sign-in-options")
async def sign_in_options(request: Request) -> SignInOptionsOut:
    """The ways in that this installation has."""
    settings: Settings = request.app.state.settings
    oidc = settings.oidc and ProviderOut(name=settings.oidc.name)
    return SignInOptionsOut(password=True, oidc=oidc, sandbox=settings.sandbox)


@router.post("/session", dependencies=OwnPages)
async def sign_in(
    request: Request, response: Response, visit: VisitDep, body: SessionCreate
) -> MeOut:
    """Signs in with e-mail and password, in a session that is new each time."""
    session = await services(request).sign_in.by_password(
        body.email, body.password, body.domain, visit
    )
    return await enter(request, response, session)


@router.post("/session/link", dependencies=OwnPages)
async def spend_link(
    request: Request, response: Response, visit: VisitDep, body: LinkSpend
) -> MeOut:
    """Signs in with a link of `frontdesk people sign-in`, which works once."""
    session = await services(request).sign_in.by_link(body.token, visit)
    return await enter(request, response, session)


@router.delete("/session", status_code=204, dependencies=OwnPages)
async def sign_out(request: Request, response: Response, visit: VisitDep) -> None:
    """Ends this browser's session, if there is one."""
    await services(request).sign_in.sign_out(visit.session)
    _forget(request, response)


@router.delete("/sessions", status_code=204)
async def sign_out_everywhere(request: Request, response: Response, caller: CallerDep) -> None:
    """Ends all of the caller's sessions. API tokens go on."""
    await services(request).sessions.end_all(caller)
    _forget(request, response)


@router.get("/me")
async def me(request: Request, caller: CallerDep) -> MeOut:
    """Whose token or session this is, and their role in each of their domains."""
    return MeOut.of(caller, request.app.state.settings)


@router.patch("/me")
async def change_me(request: Request, caller: CallerDep, body: MeChange) -> MeOut:
    name = body.name.strip() or caller.name
    await services(request).sessions.rename(caller, name)
    return MeOut.of(replace(caller, name=name), request.app.state.settings)


@router.put("/me/password", status_code=204)
async def change_password(
    request: Request, caller: CallerDep, visit: VisitDep, body: PasswordChange
) -> None:
    """Sets the caller's password and ends their other sessions."""
    await services(request).sessions.set_password(
        caller, body.current, body.password, visit.address
    )


@router.post("/me/domain")
async def switch_domain(request: Request, caller: CallerDep, body: DomainSwitch) -> MeOut:
    """Makes another of the caller's domains the one that the session is in."""
    await services(request).sessions.switch(caller, body.domain)
    moved = await request.app.state.domains.authenticate(session_of(request), "session")
    return MeOut.of(moved, request.app.state.settings)


@router.get("/me/sessions")
async def own_sessions(request: Request, caller: CallerDep) -> dict[str, list[SessionOut]]:
    """Where the caller is signed in, the latest used first."""
    found = await services(request).sessions.of(caller)
    return {"items": [SessionOut.of(each, caller) for each in found]}


@router.delete("/me/sessions/{session_id}", status_code=204)
async def end_session(request: Request, caller: CallerDep, session_id: UUID) -> None:
    await services(request).sessions.end(caller, session_id)


def _forget(request: Request, response: Response) -> None:
    settings: Settings = request.app.state.settings
    response.delete_cookie(
        cookie_name(settings, SESSION_COOKIE),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(settings),
    )
