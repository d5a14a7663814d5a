"""Channels and the metadata that makes them, over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field

from frontdesk.channels.model import ChannelRow
from frontdesk.channels.service import ChannelService
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable

router = APIRouter(prefix="/api/v1", tags=["channels"])

EXAMPLE = {
    "twilio_whatsapp_number": "+14155238886",
    "twilio_account_sid": "AC…",
    "twilio_auth_token": "…",
}


class ChannelOut(BaseModel):
    channel_id: str
    channel: str = Field(examples=["wmsg"])
    carrier: str = Field(examples=["twilio"])
    address: str = Field(examples=["+14155238886"])
    state: str = Field(examples=["active"])
    state_reason: str | None
    rate: float = Field(description="Messages per second", examples=[80])
    caught_up_to: str | None

    @classmethod
    def of(cls, row: ChannelRow) -> "ChannelOut":
        return cls(
            channel_id=str(row.channel_id),
            channel=row.kind,
            carrier=row.carrier,
            address=row.address,
            state=row.state,
            state_reason=row.state_reason,
            rate=row.rate,
            caught_up_to=iso(row.caught_up_to),
        )


def service(request: Request) -> ChannelService:
    return request.app.state.channels


@router.get("/domains/{name}/metadata")
async def get_metadata(request: Request, caller: CallerDep, name: str) -> dict[str, Any]:
    """The domain's `technical_json`; secrets are masked."""
    return await service(request).metadata(caller.domain(name, "admin").domain_id)


@router.put("/domains/{name}/metadata")
async def put_metadata(
    request: Request,
    caller: CallerDep,
    name: str,
    body: Annotated[dict[str, Any], Body(examples=[EXAMPLE])],
) -> dict[str, Any]:
    """Replaces the `technical_json` and makes its channels. A masked secret keeps its value."""
    membership = caller.domain(name, "admin")
    technical = body.get("technical_json", body)
    if not isinstance(technical, dict):
        raise Unprocessable("technical_json must be a JSON object")
    return await service(request).save_metadata(membership.domain_id, technical, caller)


@router.get("/channels")
async def list_channels(
    request: Request, caller: CallerDep, domain: str | None = None
) -> dict[str, list[ChannelOut]]:
    rows = await service(request).of_domain(caller.domain(domain).domain_id)
    return {"items": [ChannelOut.of(row) for row in rows]}
