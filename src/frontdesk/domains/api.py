"""Domains over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field

from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Domain
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import iso

router = APIRouter(prefix="/api/v1", tags=["domains"])


class DomainCreate(BaseModel):
    name: str = Field(examples=["aitana"])
    display_name: str = Field("", max_length=200, examples=["Aitana"])


class DomainChange(BaseModel):
    display_name: str | None = Field(None, min_length=1, max_length=200, examples=["Aitana"])
    default_assistant_id: str | None = Field(None, examples=["python-expert"])
    settings: dict[str, Any] | None = Field(
        None, examples=[{"fallback_text": "We will be right back."}]
    )


class DomainOut(BaseModel):
    name: str = Field(examples=["aitana"])
    display_name: str = Field(examples=["Aitana"])
    default_assistant_id: str | None = Field(examples=["python-expert"])
    settings: dict[str, Any]
    created_at: str = Field(examples=["2026-02-03T12:00:00Z"])

    @classmethod
    def of(cls, domain: Domain) -> "DomainOut":
        return cls(
            name=domain.name,
            display_name=domain.display_name,
            default_assistant_id=domain.default_assistant_id,
            settings=domain.settings,
            created_at=iso(domain.created_at) or "",
        )


def service(request: Request) -> DomainService:
    return request.app.state.domains


@router.post("/domains", status_code=201)
async def create_domain(request: Request, caller: CallerDep, body: DomainCreate) -> DomainOut:
    """Makes a domain that the caller owns. The caller must own the domain of their token."""
    caller.domain(None, "owner")
    return DomainOut.of(await service(request).create(body.name, body.display_name, caller))


@router.get("/domains")
async def list_domains(request: Request, caller: CallerDep) -> dict[str, list[DomainOut]]:
    """The domains that the caller is a member of."""
    domains = [await service(request).get(domain_id) for domain_id in caller.domain_ids]
    return {"items": [DomainOut.of(domain) for domain in domains]}


@router.get("/domains/{name}")
async def get_domain(request: Request, caller: CallerDep, name: str) -> DomainOut:
    return DomainOut.of(await service(request).get(caller.domain(name).domain_id))


@router.put("/domains/{name}")
async def change_domain(
    request: Request, caller: CallerDep, name: str, body: Annotated[DomainChange, Body()]
) -> DomainOut:
    """Changes what is given and leaves the rest; a setting given as null is removed."""
    membership = caller.domain(name, "admin")
    domain = await service(request).update(
        membership.domain_id,
        display_name=body.display_name,
        default_assistant_id=body.default_assistant_id,
        settings=body.settings,
        by=caller,
    )
    return DomainOut.of(domain)
