"""Templates over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.channels.templates import TemplateService
from frontdesk.channels.templates_model import Draft, Rendered, Template
from frontdesk.channels.templates_sync import Outcome
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.clock import iso
from frontdesk.kernel.templates import TemplateCategory, TemplateStatus
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1/templates", tags=["templates"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
LONG = 10_000
"""Characters that are read at all; the model says how many are allowed."""


class TemplateHeader(BaseModel):
    kind: Literal["text", "image", "video", "document"] = Field(examples=["text"])
    text: str | None = Field(None, max_length=LONG, examples=["Your order"])
    url: str | None = Field(None, max_length=LONG, examples=[None])


class TemplateButton(BaseModel):
    kind: Literal["reply", "url", "phone"] = Field(examples=["reply"])
    text: str = Field(max_length=LONG, examples=["Thanks"])
    url: str | None = Field(None, max_length=LONG, examples=[None])
    phone: str | None = Field(None, max_length=LONG, examples=[None])


class TemplateVariable(BaseModel):
    name: str = Field(max_length=80, examples=["1"])
    sample: str = Field("", max_length=LONG, examples=["Ana"])


class TemplateOut(BaseModel):
    template_id: str
    channel_id: str
    channel: str = Field(examples=["wmsg"])
    channel_address: str = Field(examples=["+14155238886"])
    carrier_id: str | None = Field(examples=["HX…"])
    name: str = Field(examples=["order_update"])
    language: str = Field(examples=["es"])
    category: TemplateCategory = Field(examples=["utility"])
    status: TemplateStatus = Field(examples=["approved"])
    status_reason: str | None = Field(examples=[None])
    header: TemplateHeader | None
    body: str = Field(examples=["Hola {{1}}, tu pedido llega el {{2}}."])
    footer: str | None = Field(examples=["Panadería"])
    buttons: list[TemplateButton]
    variables: list[TemplateVariable]
    synced_at: str | None
    updated_at: str | None

    @classmethod
    def of(cls, template: Template) -> "TemplateOut":
        return cls(
            template_id=str(template.template_id),
            channel_id=str(template.channel_id),
            channel=template.channel,
            channel_address=template.channel_address,
            carrier_id=template.carrier_id,
            name=template.name,
            language=template.language,
            category=template.category,
            status=template.status,
            status_reason=template.status_reason,
            header=TemplateHeader.model_validate(template.header) if template.header else None,
            body=template.body,
            footer=template.footer,
            buttons=[TemplateButton.model_validate(each) for each in template.buttons],
            variables=[TemplateVariable.model_validate(each) for each in template.variables],
            synced_at=iso(template.synced_at),
            updated_at=iso(template.updated_at),
        )


class TemplatePage(BaseModel):
    items: list[TemplateOut]
    next: str | None = None


class TemplateCreate(BaseModel):
    channel_id: UUID = Field(examples=["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"])
    name: str = Field(max_length=LONG, examples=["order_update"])
    language: str = Field(max_length=LONG, examples=["es"])
    category: TemplateCategory = Field(examples=["utility"])
    header: TemplateHeader | None = None
    body: str = Field(max_length=LONG, examples=["Hola {{1}}"])
    footer: str | None = Field(None, max_length=LONG, examples=["Panadería"])
    buttons: list[TemplateButton] = Field(default_factory=list[TemplateButton], max_length=50)
    variables: list[TemplateVariable] = Field(
        default_factory=list[TemplateVariable],
        max_length=100,
        examples=[[{"name": "1", "sample": "Ana"}]],
    )

    def draft(self) -> Draft:
        return Draft(self.name, self.language, self.category, self.body, **_parts(self))


class TemplateChange(BaseModel):
    """What is to be different; what is not given stays."""

    name: str | None = Field(None, max_length=LONG, examples=["order_update"])
    language: str | None = Field(None, max_length=LONG, examples=["es"])
    category: TemplateCategory | None = Field(None, examples=["utility"])
    header: TemplateHeader | None = None
    body: str | None = Field(None, max_length=LONG, examples=["Hola {{1}}"])
    footer: str | None = Field(None, max_length=LONG)
    buttons: list[TemplateButton] | None = Field(None, max_length=50)
    variables: list[TemplateVariable] | None = Field(None, max_length=100)

    def given(self) -> dict[str, Any]:
        """A header or footer of null is taken away; any other null says nothing."""
        parts, cleared = _parts(self), ("header", "footer")
        return {
            name: parts.get(name, value)
            for name, value in self.model_dump(exclude_unset=True).items()
            if value is not None or name in cleared
        }


class SyncRequest(BaseModel):
    channel_id: UUID | None = Field(None, description="Of all channels, if not given")


class ChannelSync(BaseModel):
    channel_id: str
    added: int = Field(examples=[3])
    changed: int = Field(examples=[0])
    removed: int = Field(description="No longer at the carrier; kept as disabled", examples=[0])
    error: str | None = Field(examples=[None])

    @classmethod
    def of(cls, outcome: Outcome) -> "ChannelSync":
        return cls(
            channel_id=str(outcome.channel_id),
            added=outcome.added,
            changed=outcome.changed,
            removed=outcome.removed,
            error=outcome.error,
        )


class TemplatesCompared(BaseModel):
    channels: list[ChannelSync]


class PreviewRequest(BaseModel):
    variables: dict[str, Annotated[str, Field(max_length=LONG)]] = Field(
        default_factory=dict[str, str], max_length=200, examples=[{"1": "Ana", "2": "martes"}]
    )


class PreviewOut(BaseModel):
    text: str = Field(examples=["Hola Ana, tu pedido llega el martes."])
    header: TemplateHeader | None
    footer: str | None = Field(examples=[None])
    buttons: list[TemplateButton]

    @classmethod
    def of(cls, rendered: Rendered) -> "PreviewOut":
        header = rendered.header
        return cls(
            text=rendered.text,
            header=TemplateHeader.model_validate(header) if header else None,
            footer=rendered.footer,
            buttons=[TemplateButton.model_validate(each) for each in rendered.buttons],
        )


def service(request: Request) -> TemplateService:
    return request.app.state.templates


def _parts(body: TemplateCreate | TemplateChange) -> dict[str, Any]:
    """Header, footer, buttons and variables as the model has them."""
    return {
        "header": body.header and body.header.model_dump(exclude_none=True),
        "footer": body.footer,
        "buttons": [each.model_dump(exclude_none=True) for each in body.buttons or ()],
        "variables": [each.model_dump() for each in body.variables or ()],
    }


@router.get("")
async def list_templates(
    request: Request,
    caller: CallerDep,
    channel_id: UUID | None = None,
    status: TemplateStatus | None = None,
    q: Annotated[Typed | None, Query(max_length=200, description="In name and body")] = None,
    domain: DomainName = None,
) -> TemplatePage:
    """All templates of the domain's channels, by name."""
    found = await service(request).listed(
        caller.domain(domain).domain_id, channel_id, status, q or None
    )
    return TemplatePage(items=[TemplateOut.of(each) for each in found])


@router.post("", status_code=201)
async def create_template(
    request: Request, caller: CallerDep, body: TemplateCreate, domain: DomainName = None
) -> TemplateOut:
    """Of an SMS channel it is approved at once; of WhatsApp it is made at the carrier and handed
    in for approval. 409 when the name is taken in that language, or the carrier refuses it."""
    domain_id = caller.domain(domain, "admin").domain_id
    return TemplateOut.of(
        await service(request).create(domain_id, body.channel_id, body.draft(), caller)
    )


@router.post("/sync")
async def sync_templates(
    request: Request,
    caller: CallerDep,
    body: SyncRequest | None = None,
    domain: DomainName = None,
) -> TemplatesCompared:
    """Asks the carriers now, which otherwise happens every 15 minutes."""
    domain_id = caller.domain(domain, "admin").domain_id
    found = await service(request).sync(domain_id, body.channel_id if body else None)
    return TemplatesCompared(channels=[ChannelSync.of(each) for each in found])


@router.get("/{template_id}")
async def get_template(request: Request, caller: CallerDep, template_id: UUID) -> TemplateOut:
    return TemplateOut.of(await service(request).of_caller(caller.domain_ids, template_id))


@router.patch("/{template_id}")
async def change_template(
    request: Request, caller: CallerDep, template_id: UUID, body: TemplateChange
) -> TemplateOut:
    """409 for one that was handed in for approval."""
    template = await _administered(request, caller, template_id)
    return TemplateOut.of(await service(request).change(template, body.given(), caller))


@router.delete("/{template_id}", status_code=204)
async def delete_template(request: Request, caller: CallerDep, template_id: UUID) -> None:
    """Also at the carrier. 409 while a campaign, a follow-up or a message needs it."""
    template = await _administered(request, caller, template_id)
    await service(request).delete(template, caller)


@router.post("/{template_id}/preview")
async def preview_template(
    request: Request, caller: CallerDep, template_id: UUID, body: PreviewRequest
) -> PreviewOut:
    """What a customer would read. 422 names each variable that does not fit."""
    template = await service(request).of_caller(caller.domain_ids, template_id)
    return PreviewOut.of(service(request).preview(template, body.variables))


async def _administered(request: Request, caller: Caller, template_id: UUID) -> Template:
    template = await service(request).of_caller(caller.domain_ids, template_id)
    caller.member_of(template.domain_id, "admin")
    return template
