"""Twilio's content resource as a template, and a template as one.

https://www.twilio.com/docs/content/content-types-overview
https://www.twilio.com/docs/content/content-api-resources

A content, with its approval as ContentAndApprovals lists it:
    {"sid": "HX…", "friendly_name": "order_update", "language": "es", "variables": {"1": "Ana"},
     "types": {"twilio/quick-reply": {"body": "Hola {{1}}",
        "actions": [{"type": "QUICK_REPLY", "title": "Gracias", "id": "thanks"}]}},
     "approval_requests": {"name": "order_update", "category": "UTILITY", "status": "approved",
        "content_type": "twilio/quick-reply", "rejection_reason": "", …}, …}

All types of one content say the same to different channels. WhatsApp approves one of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast
from urllib.parse import urlsplit

from frontdesk.carriers.twilio.webhook import FIELD_LIMIT, ID_LIMIT, NAME_LIMIT
from frontdesk.kernel.templates import (
    TEMPLATE_CATEGORIES,
    CarrierTemplate,
    TemplateCategory,
    TemplateStatus,
)

STATUSES: dict[str, TemplateStatus] = {
    "": "draft",
    "unsubmitted": "draft",
    "received": "pending",
    "pending": "pending",
    "in_appeal": "pending",
    "approved": "approved",
    "rejected": "rejected",
    "paused": "paused",
    "disabled": "disabled",
}
# The type that says most of a content goes before those that other channels fall back to.
READABLE = (
    "whatsapp/card",
    "twilio/card",
    "twilio/quick-reply",
    "twilio/call-to-action",
    "twilio/media",
    "twilio/text",
)
BUTTONS = {"QUICK_REPLY": "reply", "URL": "url", "PHONE_NUMBER": "phone"}
BUTTONS_MOST = 10
VARIABLES_MOST = 100
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
VIDEO = frozenset({".mp4", ".3gp", ".3gpp", ".mov", ".webm"})
DOCUMENT = frozenset(
    {".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".txt", ".csv", ".rtf"}
)


@dataclass(slots=True)
class Parts:
    """What a customer sees of a content."""

    body: str
    header: dict[str, str] | None = None
    footer: str | None = None
    buttons: Sequence[dict[str, str]] = ()


class Unreadable(Exception):
    """A content that cannot be shown here. The text is written for people."""


def read(content: object) -> CarrierTemplate | None:
    """None for what is no content. One of a type that is not known here is `disabled`."""
    fields = _object(content)
    sid = fields.get("sid")
    if not isinstance(sid, str) or not sid.isalnum() or len(sid) > ID_LIMIT:
        return None
    approval = _object(fields.get("approval_requests"))
    status, reason = _status(approval)
    try:
        parts = _parts(_object(fields.get("types")), _text(approval, "content_type"))
    except Unreadable as unreadable:
        parts, status, reason = Parts(""), "disabled", str(unreadable)
    return CarrierTemplate(
        carrier_id=sid,
        name=_text(approval, "name") or _text(fields, "friendly_name", NAME_LIMIT) or sid,
        language=_text(fields, "language", 20) or "en",
        category=_category(approval, fields),
        status=status,
        status_reason=reason,
        header=parts.header,
        body=parts.body,
        footer=parts.footer,
        buttons=parts.buttons,
        variables=_variables(_object(fields.get("variables")), parts),
    )


def write(template: CarrierTemplate) -> dict[str, Any]:
    """The body of a request that creates the content, in the plainest type that holds it."""
    header = template.header or {}
    media = [header["url"]] if header.get("url") else []
    kinds = {button["kind"] for button in template.buttons}
    value: dict[str, Any] = {"body": template.body}
    if template.buttons:
        value["actions"] = [_action(button) for button in template.buttons]
    mixed = "reply" in kinds and len(kinds) > 1
    if template.footer or header.get("text") or (media and kinds) or mixed:
        named = "whatsapp/card"
        value |= {"header_text": header["text"]} if header.get("text") else {}
        value |= {"footer": template.footer} if template.footer else {}
    elif kinds:
        named = "twilio/quick-reply" if "reply" in kinds else "twilio/call-to-action"
    else:
        named = "twilio/media" if media else "twilio/text"
    if media:
        value["media"] = media
    return {
        "friendly_name": template.name,
        "language": template.language,
        "variables": {each["name"]: each["sample"] for each in template.variables},
        "types": {named: value},
    }


def _action(button: Mapping[str, str]) -> dict[str, str]:
    named = {kind: action for action, kind in BUTTONS.items()}
    action = {"type": named[button["kind"]], "title": button["text"]}
    if button["kind"] == "reply":
        # What comes back in ButtonPayload.
        return action | {"id": button["text"]}
    target = "url" if button["kind"] == "url" else "phone"
    return action | {target: button[target]}


def status_of(approval: Mapping[str, Any]) -> TemplateStatus:
    return _status(approval)[0]


def _status(approval: Mapping[str, Any]) -> tuple[TemplateStatus, str | None]:
    said = _text(approval, "status", ID_LIMIT).lower()
    reason = _text(approval, "rejection_reason", FIELD_LIMIT) or None
    known = STATUSES.get(said)
    if known is None:
        return "disabled", reason or f"Twilio says that it is {said!r}"
    return known, reason


def _category(approval: Mapping[str, Any], fields: Mapping[str, Any]) -> TemplateCategory:
    said = _text(approval, "category").lower()
    if "whatsapp/authentication" in _object(fields.get("types")):
        said = "authentication"
    # Until 2023 WhatsApp had others, all of which became utility.
    return said if said in TEMPLATE_CATEGORIES else "utility"


def _parts(types: Mapping[str, Any], approved: str) -> Parts:
    named = next((name for name in (approved, *READABLE) if name in types), None)
    if named not in READABLE:
        shown = ", ".join(sorted(types))[:200] or "nothing"
        raise Unreadable(f"Its kind of content cannot be sent from here: {shown}")
    value = _object(types[named])
    buttons = _buttons(value)
    if named == "twilio/card":
        body, footer = _text(value, "title", FIELD_LIMIT), _text(value, "subtitle") or None
    else:
        body, footer = _text(value, "body", FIELD_LIMIT), _text(value, "footer") or None
    return Parts(body, _header(value), footer, buttons)


def _header(value: Mapping[str, Any]) -> dict[str, str] | None:
    if text := _text(value, "header_text"):
        return {"kind": "text", "text": text}
    media: object = value.get("media")
    first = cast("list[object]", media)[0] if isinstance(media, list) and media else media
    if not isinstance(first, str) or not first:
        return None
    if len(first) > FIELD_LIMIT:
        raise Unreadable("The address of its file is too long")
    return {"kind": media_kind(first), "url": first.replace("\0", "")}


def media_kind(url: str) -> str:
    """What an address is likely to lead to. WhatsApp shows one without an ending as a picture."""
    try:
        ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        return "image"
    return "video" if ending in VIDEO else "document" if ending in DOCUMENT else "image"


def _buttons(value: Mapping[str, Any]) -> list[dict[str, str]]:
    listed: object = value.get("actions")
    actions = cast("list[object]", listed) if isinstance(listed, list) else []
    buttons: list[dict[str, str]] = []
    for each in actions[:BUTTONS_MOST]:
        action = _object(each)
        # A quick reply may leave its type out.
        said = _text(action, "type").upper() or "QUICK_REPLY"
        kind = BUTTONS.get(said)
        if kind is None:
            raise Unreadable(f"It has a button that cannot be sent from here: {said[:80]}")
        button = {"kind": kind, "text": _text(action, "title")}
        if kind != "reply":
            button[kind] = _text(action, kind, FIELD_LIMIT)
        buttons.append(button)
    return buttons


def _variables(samples: Mapping[str, Any], parts: Parts) -> list[dict[str, str]]:
    """Those that stand somewhere, in that order. Twilio fills in the samples of others."""
    texts = [*(parts.header or {}).values(), parts.body, parts.footer or ""]
    texts += [value for button in parts.buttons for value in button.values()]
    names = dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text))
    return [
        {"name": name, "sample": _text(samples, name, FIELD_LIMIT)}
        for name in list(names)[:VARIABLES_MOST]
    ]


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(fields: Mapping[str, Any], name: str, limit: int = NAME_LIMIT) -> str:
    value = fields.get(name)
    return value.replace("\0", "")[:limit] if isinstance(value, str) else ""
