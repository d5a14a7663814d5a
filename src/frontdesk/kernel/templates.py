"""Templates as carriers know them: values that cross the ports, without any I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

TemplateCategory = Literal["marketing", "utility", "authentication"]
TEMPLATE_CATEGORIES: tuple[TemplateCategory, ...] = ("marketing", "utility", "authentication")

TemplateStatus = Literal["draft", "pending", "approved", "rejected", "paused", "disabled"]
TEMPLATE_STATUSES: tuple[TemplateStatus, ...] = (
    "draft",
    "pending",
    "approved",
    "rejected",
    "paused",
    "disabled",
)


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """The template that a message is made from, with what its variables are replaced by."""

    carrier_id: str
    name: str
    language: str
    category: TemplateCategory
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    header_media_url: str | None = None
    header_kind: str | None = None
    """text, image, video or document."""


@dataclass(frozen=True, slots=True)
class CarrierTemplate:
    """A template as a carrier lists it, or as it is handed in.

    `header` is {"kind": "text", "text"} or {"kind": "image" | "video" | "document", "url"}, a
    button {"kind": "reply" | "url" | "phone", "text", "url" or "phone"}, a variable
    {"name", "sample"}.
    """

    carrier_id: str
    name: str
    language: str
    category: TemplateCategory
    status: TemplateStatus
    body: str
    status_reason: str | None = None
    header: Mapping[str, str] | None = None
    footer: str | None = None
    buttons: Sequence[Mapping[str, str]] = ()
    variables: Sequence[Mapping[str, str]] = ()
