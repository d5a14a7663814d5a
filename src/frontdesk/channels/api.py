"""Channels and the metadata that makes them, over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, Field

from frontdesk.channels.model import ChannelRow
from frontdesk.channels.service import ChannelService
from frontdesk.channels.setup import Setup, SetupService
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import CHANNEL_KINDS, Carrier, ChannelKind

router = APIRouter(prefix="/api/v1", tags=["channels"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
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
    carrier_address: str | None = Field(
        description="The carrier's own id of it: Meta's phone number ID", examples=[None]
    )
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
            carrier_address=row.carrier_address,
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
    replies: bool = Field(description="Whether customers see what a message quotes")
    reactions: bool
    edits: bool = Field(description="Whether messages that were sent can be changed")
    deletes: bool
    media: dict[str, MediaLimitOut] = Field(description="By kind; others are not taken")


class ChannelCredentials(BaseModel):
    """Of the account at the carrier. Kept encrypted; masked where metadata is shown.

    Twilio: `account_sid` and `auth_token`. Meta: the others; those that are left out are the
    domain's, and a verify token is made where there is none.
    """

    account_sid: str | None = Field(
        None, max_length=200, examples=["AC00000000000000000000000000000000"]
    )
    # Any: an error about a wrong type would repeat the value.
    auth_token: Any = Field(None, examples=["the account's auth token"])
    phone_number_id: str | None = Field(None, max_length=200, examples=[None])
    business_account_id: str | None = Field(None, max_length=200, examples=[None])
    access_token: Any = Field(None, examples=[None])
    app_secret: Any = Field(None, examples=[None])
    verify_token: Any = Field(None, examples=[None])

    @property
    def given(self) -> dict[str, str]:
        found: dict[str, str] = {}
        values: dict[str, Any] = self.model_dump(exclude_none=True)
        for name, value in values.items():
            if not isinstance(value, str):
                raise Unprocessable(f"credentials.{name} is no text")
            found[name] = value.strip()
        return found


class ChannelCreate(BaseModel):
    kind: ChannelKind = Field(examples=["sms"])
    carrier: str = Field(max_length=40, description="twilio or meta", examples=["twilio"])
    address: str = Field(
        max_length=80, description="The business's number", examples=["+15005550009"]
    )
    credentials: ChannelCredentials | None = Field(
        None, description="Without them the domain's shared ones count"
    )


class ChannelChange(BaseModel):
    rate: float | None = Field(None, description="Messages per second", examples=[80])
    state: Literal["active", "stopped"] | None = Field(None, examples=["active"])
    credentials: ChannelCredentials | None = None


class SetupOut(BaseModel):
    webhook_url: str = Field(
        description="To paste at the carrier", examples=["https://desk.example/sms/webhook"]
    )
    status_url: str = Field(description="Named with each message that is sent")
    method: Literal["POST"] = "POST"
    public: bool = Field(description="Whether the internet can reach it, by its look")
    public_reason: str | None
    last_inbound_at: str | None
    last_status_at: str | None
    signature_ok: bool | None = Field(description="Of the last webhook; null before the first")
    credentials_ok: bool | None = Field(description="Null until the carrier was asked")
    problem: str | None = Field(description="What is wrong and what to do")
    verify_token: str | None = Field(
        description="To paste beside webhook_url where the carrier asks for one: Meta"
    )

    @classmethod
    def of(cls, setup: Setup) -> "SetupOut":
        return cls(
            webhook_url=setup.webhook_url,
            status_url=setup.status_url,
            public=setup.public,
            public_reason=setup.public_reason,
            last_inbound_at=iso(setup.last_inbound_at),
            last_status_at=iso(setup.last_status_at),
            signature_ok=setup.signature_ok,
            credentials_ok=setup.credentials_ok,
            problem=setup.problem,
            verify_token=setup.verify_token,
        )


def setups(request: Request) -> SetupService:
    return request.app.state.setups


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
        replies=capabilities.replies,
        reactions=capabilities.reactions,
        edits=capabilities.edits,
        deletes=capabilities.deletes,
        media={
            kind: MediaLimitOut(
                max_bytes=limit.max_bytes,
                content_types=list(limit.content_types),
                converted=kind in CONVERTED,
            )
            for kind, limit in capabilities.media.items()
        },
    )


@router.post("/channels", status_code=201)
async def create_channel(
    request: Request, caller: CallerDep, body: ChannelCreate, domain: DomainName = None
) -> ChannelOut:
    """409 when a channel has the address already, in whichever domain."""
    domain_id = caller.domain(domain, "admin").domain_id
    if not setups(request).takes(body.carrier, body.kind):
        carriers: Mapping[str, Carrier] = request.app.state.carriers
        known = [
            f"{name}: {', '.join(kind for kind in CHANNEL_KINDS if kind in each.capabilities)}"
            for name, each in carriers.items()
        ]
        raise Unprocessable(
            f"there are no {body.kind} channels of {body.carrier!r}; use {'; '.join(known)}"
        )
    given = body.credentials and body.credentials.given
    made = await service(request).create(
        domain_id, body.kind, body.carrier, body.address, given, caller
    )
    return ChannelOut.of(made)


@router.patch("/channels/{channel_id}")
async def change_channel(
    request: Request, caller: CallerDep, channel_id: UUID, body: ChannelChange
) -> ChannelOut:
    """Changes what is given. `stopped`: nothing is sent until it is `active` again."""
    row = await _administered(request, caller, channel_id)
    changed = await service(request).change(
        row.domain_id,
        channel_id,
        rate=body.rate,
        state=body.state,
        given=body.credentials and body.credentials.given,
        by=caller,
    )
    return ChannelOut.of(changed)


@router.delete("/channels/{channel_id}", status_code=204)
async def remove_channel(request: Request, caller: CallerDep, channel_id: UUID) -> None:
    """Takes the channel away. Its conversations stay, and go on when it is added again."""
    row = await _administered(request, caller, channel_id)
    await service(request).remove(row.domain_id, channel_id, caller)


@router.get("/channels/{channel_id}/setup")
async def channel_setup(request: Request, caller: CallerDep, channel_id: UUID) -> SetupOut:
    """What to paste at the carrier, and what has come from there."""
    row = await _administered(request, caller, channel_id)
    return SetupOut.of(await setups(request).of(row))


@router.post("/channels/{channel_id}/check")
async def check_channel(request: Request, caller: CallerDep, channel_id: UUID) -> SetupOut:
    """The same, and asks the carrier whether the credentials are good."""
    row = await _administered(request, caller, channel_id)
    return SetupOut.of(await setups(request).of(row, ask=True))


async def _administered(request: Request, caller: Caller, channel_id: UUID) -> ChannelRow:
    row = await service(request).of_caller(caller.domain_ids, channel_id)
    caller.member_of(row.domain_id, "admin")
    return row
