"""Channels and the metadata that makes them, over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field

from frontdesk.channels.model import ChannelRow
from frontdesk.channels.service import ChannelService
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import Carrier

router = APIRouter(prefix="/api/v1", tags=["channels"])

CONVERTED = ("image", "audio", "video")
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


class MediaLimitOut(BaseModel):
    max_bytes: int = Field(examples=[5242880])
    content_types: list[str] = Field(examples=[["image/jpeg", "image/png"]])
    converted: bool = Field(description="Whether other types of the kind are converted to these")


class LimitsOut(BaseModel):
    channel_id: str
    channel: str = Field(examples=["wmsg"])
    text_limit: int = Field(description="Characters of a message", examples=[1600])
    caption_limit: int = Field(description="Characters beside a file", examples=[1024])
    captioned: list[str] = Field(description="Kinds that may have a text beside them")
    media_per_message: int = Field(examples=[1])
    window_hours: int | None = Field(description="After the customer's last message")
    media: dict[str, MediaLimitOut] = Field(description="By kind; others are not taken")


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


@router.get("/channels/{channel_id}/limits")
async def channel_limits(request: Request, caller: CallerDep, channel_id: UUID) -> LimitsOut:
    """What the channel takes: characters, files of each kind, how many in one message.

    Files of other accepted types are converted where `converted` says so.
    """
    row = await service(request).of_caller(caller.domain_ids, channel_id)
    carriers: Mapping[str, Carrier] = request.app.state.carriers
    capabilities = carriers[row.carrier].capabilities[row.kind]
    return LimitsOut(
        channel_id=str(row.channel_id),
        channel=row.kind,
        text_limit=capabilities.text_limit,
        caption_limit=capabilities.caption_limit,
        captioned=list(capabilities.captioned),
        media_per_message=capabilities.media_per_message,
        window_hours=capabilities.window_hours,
        media={
            kind: MediaLimitOut(
                max_bytes=limit.max_bytes,
                content_types=list(limit.content_types),
                converted=kind in CONVERTED,
            )
            for kind, limit in capabilities.media.items()
        },
    )
