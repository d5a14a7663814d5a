"""Meta's components as a template, a template as components, and one filled in for a message.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/template-messages

A template, as message_templates lists it:
    {"id": "594425479261596", "name": "order_update", "language": "es", "category": "UTILITY",
     "status": "APPROVED", "parameter_format": "POSITIONAL", "components": [
      {"type": "HEADER", "format": "TEXT", "text": "Hola {{1}}", "example": {"header_text": ["A"]}},
      {"type": "BODY", "text": "Tu pedido {{1}} …", "example": {"body_text": [["7", "hoy"]]}},
      {"type": "FOOTER", "text": "…"},
      {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://…/{{1}}",
        "example": ["https://…/7"]}, {"type": "QUICK_REPLY", "text": "Gracias"}]}]}
With NAMED: {"example": {"body_text_named_params": [{"param_name": "name", "example": "Ana"}]}}
Filled in:
    {"name": "order_update", "language": {"code": "es"}, "components": [
      {"type": "body", "parameters": [{"type": "text", "text": "7"}, …]},
      {"type": "button", "sub_type": "url", "index": "0", "parameters": […]}]}

Meta numbers the variables of each component from one. Here names are a template's, so that those
of a header are `Header_1` and those of a button `Button0_1`: Meta's own names have no capitals.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from frontdesk.carriers.meta.contents import FIELD_LIMIT, NAME_LIMIT, items, part, text
from frontdesk.kernel.templates import (
    TEMPLATE_CATEGORIES,
    CarrierTemplate,
    TemplateCategory,
    TemplateStatus,
    TemplateUse,
)

STATUSES: dict[str, TemplateStatus] = {
    "APPROVED": "approved",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "LIMIT_EXCEEDED": "paused",
    "DISABLED": "disabled",
    "PENDING_DELETION": "disabled",
    "DELETED": "disabled",
    "ARCHIVED": "disabled",
}
REASONS = {
    "ABUSIVE_CONTENT": "WhatsApp takes its text for abusive",
    "INVALID_FORMAT": "Its form is not right: look at its variables",
    "PROMOTIONAL": "It advertises, which its category does not allow",
    "TAG_CONTENT_MISMATCH": "Its text does not fit its category or language",
    "INCORRECT_CATEGORY": "Its text does not fit its category",
    "SCAM": "WhatsApp takes its text for a fraud",
}
BUTTONS = {"QUICK_REPLY": "reply", "URL": "url", "PHONE_NUMBER": "phone"}
MEDIA_HEADERS = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
BUTTONS_MOST = 10
VARIABLES_MOST = 100
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
META_NAME = re.compile(r"[a-z_][a-z0-9_]*")
HEADER_PREFIX = "Header_"
BUTTON_NAME = re.compile(r"Button([0-9])_(.+)")


@dataclass(slots=True)
class Parts:
    """What a customer sees of a template, its variables under this template's names."""

    body: str = ""
    header: dict[str, str] | None = None
    footer: str | None = None
    buttons: Sequence[dict[str, str]] = ()
    samples: dict[str, str] = field(default_factory=dict[str, str])


class Unreadable(Exception):
    """A template that cannot be shown here. The text is written for people."""


# As Meta lists it


def read(row: dict[str, Any]) -> CarrierTemplate | None:
    """None for what is no template. One with parts that are not known here is `disabled`."""
    carrier_id, name = text(row, "id", NAME_LIMIT), text(row, "name", 512)
    if not carrier_id.isdigit() or not name:
        return None
    status, reason = status_of(row)
    try:
        parts = _parts(items(row, "components"))
    except Unreadable as unreadable:
        parts, status, reason = Parts(), "disabled", str(unreadable)
    return CarrierTemplate(
        carrier_id=carrier_id,
        name=name,
        language=text(row, "language", 20) or "en",
        category=_category(row),
        status=status,
        status_reason=reason,
        header=parts.header,
        body=parts.body,
        footer=parts.footer,
        buttons=parts.buttons,
        variables=_variables(parts),
    )


def status_of(row: Mapping[str, Any]) -> tuple[TemplateStatus, str | None]:
    said = text(row, "status", NAME_LIMIT).upper()
    reason = text(row, "rejected_reason", NAME_LIMIT).upper()
    told = None if reason in ("", "NONE") else REASONS.get(reason, reason)
    known = STATUSES.get(said)
    if known is None:
        return "disabled", told or f"Meta says that it is {said!r}"
    return known, told if known != "approved" else None


def _category(row: Mapping[str, Any]) -> TemplateCategory:
    said = text(row, "category").lower()
    return said if said in TEMPLATE_CATEGORIES else "utility"


def _parts(components: Iterable[dict[str, Any]]) -> Parts:
    parts = Parts()
    for component in components:
        match text(component, "type", NAME_LIMIT).upper():
            case "HEADER":
                parts.header = _header(component, parts)
            case "BODY":
                parts.body = text(component, "text")
                parts.samples |= _body_samples(component, parts.body)
            case "FOOTER":
                parts.footer = text(component, "text") or None
            case "BUTTONS":
                parts.buttons = _buttons(component, parts)
            case other:
                raise Unreadable(f"It has a part that cannot be sent from here: {other[:80]}")
    return parts


def _header(component: dict[str, Any], parts: Parts) -> dict[str, str]:
    said = text(component, "format", NAME_LIMIT).upper() or "TEXT"
    example = part(component, "example")
    if said == "TEXT":
        shown = _renamed(text(component, "text"), HEADER_PREFIX)
        named = _named_samples(example, "header_text_named_params")
        listed = _strings(example.get("header_text"))
        for place, name in enumerate(PLACEHOLDER.findall(shown)):
            bare = name.removeprefix(HEADER_PREFIX)
            parts.samples[name] = named.get(bare) or (listed[place] if place < len(listed) else "")
        return {"kind": "text", "text": shown}
    kind = MEDIA_HEADERS.get(said)
    if kind is None:
        raise Unreadable(f"Its header cannot be sent from here: {said[:80]}")
    handles = _strings(example.get("header_handle"))
    return {"kind": kind, "url": handles[0]} if handles else {"kind": kind}


def _body_samples(component: dict[str, Any], body: str) -> dict[str, str]:
    example = part(component, "example")
    named = _named_samples(example, "body_text_named_params")
    rows: object = example.get("body_text")
    first = cast("list[object]", rows)[0] if isinstance(rows, list) and rows else []
    listed = _strings(first)
    samples: dict[str, str] = {}
    for name in dict.fromkeys(PLACEHOLDER.findall(body)):
        place = int(name) - 1 if name.isdigit() and len(name) < 4 else -1
        samples[name] = named.get(name) or (listed[place] if 0 <= place < len(listed) else "")
    return samples


def _buttons(component: dict[str, Any], parts: Parts) -> list[dict[str, str]]:
    buttons: list[dict[str, str]] = []
    for place, each in enumerate(items(component, "buttons")[:BUTTONS_MOST]):
        said = text(each, "type", NAME_LIMIT).upper()
        kind = BUTTONS.get(said)
        if kind is None:
            raise Unreadable(f"It has a button that cannot be sent from here: {said[:80]}")
        button = {"kind": kind, "text": text(each, "text", NAME_LIMIT)}
        if kind == "url":
            button["url"] = _renamed(text(each, "url"), f"Button{place}_")
            # The sample is the whole address, of which the variable is the end.
            fixed = text(each, "url").partition("{{")[0]
            sample = next(iter(_strings(each.get("example"))), "").removeprefix(fixed)
            parts.samples |= dict.fromkeys(PLACEHOLDER.findall(button["url"]), sample)
        elif kind == "phone":
            button["phone"] = text(each, "phone_number", NAME_LIMIT)
        buttons.append(button)
    return buttons


def _renamed(shown: str, prefix: str) -> str:
    return PLACEHOLDER.sub(lambda match: f"{{{{{prefix}{match[1]}}}}}", shown)


def _named_samples(example: dict[str, Any], name: str) -> dict[str, str]:
    return {text(each, "param_name"): text(each, "example") for each in items(example, name)}


def _strings(value: object) -> list[str]:
    listed = cast("list[object]", value) if isinstance(value, list) else [value]
    return [each.replace("\0", "")[:FIELD_LIMIT] for each in listed if isinstance(each, str)]


def _variables(parts: Parts) -> list[dict[str, str]]:
    """Those that stand somewhere, in that order."""
    texts = [(parts.header or {}).get("text", ""), parts.body]
    texts += [button.get("url", "") for button in parts.buttons]
    names = dict.fromkeys(name for each in texts for name in PLACEHOLDER.findall(each))
    return [{"name": name, "sample": parts.samples.get(name, "")} for name in names][
        :VARIABLES_MOST
    ]


# As it is handed in


def write(template: CarrierTemplate) -> dict[str, Any]:
    """The body of a request that creates it. Its header is text: a file needs an upload first."""
    samples = {each["name"]: each["sample"] for each in template.variables}
    header = template.header or {}
    texts = [header.get("text", ""), template.body]
    names = [name for each in texts for name in PLACEHOLDER.findall(each)]
    is_named = bool(names) and all(META_NAME.fullmatch(name) for name in names)
    components: list[dict[str, Any]] = []
    if header.get("text"):
        written = {"type": "HEADER", "format": "TEXT"}
        components.append(written | _written("header", header["text"], samples, is_named))
    components.append({"type": "BODY"} | _written("body", template.body, samples, is_named))
    if template.footer:
        components.append({"type": "FOOTER", "text": template.footer})
    if template.buttons:
        buttons = [_written_button(button, samples) for button in template.buttons]
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category.upper(),
        "parameter_format": "NAMED" if is_named else "POSITIONAL",
        "components": components,
    }


def _written(where: str, shown: str, samples: Mapping[str, str], is_named: bool) -> dict[str, Any]:
    names = list(dict.fromkeys(PLACEHOLDER.findall(shown)))
    if not names:
        return {"text": shown}
    if is_named:
        named = [{"param_name": name, "example": samples.get(name, "")} for name in names]
        return {"text": shown, "example": {f"{where}_text_named_params": named}}
    # Each component counts for itself, from one and without a gap.
    numbers = {name: place for place, name in enumerate(names, 1)}
    numbered = PLACEHOLDER.sub(lambda match: f"{{{{{numbers[match[1]]}}}}}", shown)
    values = [samples.get(name, "") for name in names]
    example = values if where == "header" else [values]
    return {"text": numbered, "example": {f"{where}_text": example}}


def _written_button(button: Mapping[str, str], samples: Mapping[str, str]) -> dict[str, Any]:
    kinds = {kind: said for said, kind in BUTTONS.items()}
    written: dict[str, Any] = {"type": kinds[button["kind"]], "text": button["text"]}
    if button["kind"] == "phone":
        written["phone_number"] = button["phone"]
    elif button["kind"] == "url":
        written["url"] = PLACEHOLDER.sub("{{1}}", button["url"])
        if written["url"] != button["url"] or "{{1}}" in button["url"]:
            sample = PLACEHOLDER.sub(lambda match: samples.get(match[1], ""), button["url"])
            written["example"] = [sample]
    return written


# As a message is made from it


def filled(use: TemplateUse) -> dict[str, Any]:
    header: list[dict[str, Any]] = []
    body: list[tuple[str, str]] = []
    buttons: dict[int, list[dict[str, Any]]] = {}
    if use.header_media_url:
        kind = next((each for each in MEDIA_HEADERS.values() if each == use.header_kind), "image")
        header.append({"type": kind, kind: {"link": use.header_media_url}})
    for name, value in use.variables.items():
        if name.startswith(HEADER_PREFIX):
            header.append(_parameter(name.removeprefix(HEADER_PREFIX), value))
        elif match := BUTTON_NAME.fullmatch(name):
            # The end of an address, which has no name of its own.
            buttons.setdefault(int(match[1]), []).append({"type": "text", "text": value})
        else:
            body.append((name, value))
    if all(name.isdigit() for name, _ in body):
        body.sort(key=lambda pair: int(pair[0]))
    components: list[dict[str, Any]] = []
    if header:
        components.append({"type": "header", "parameters": header})
    if body:
        parameters = [_parameter(name, value) for name, value in body]
        components.append({"type": "body", "parameters": parameters})
    for place, parameters in sorted(buttons.items()):
        address = {"type": "button", "sub_type": "url", "index": str(place)}
        components.append({**address, "parameters": parameters})
    made: dict[str, Any] = {"name": use.name, "language": {"code": use.language}}
    return {**made, "components": components} if components else made


def _parameter(name: str, value: str) -> dict[str, Any]:
    """By its number or by its name, as the template counts them."""
    parameter = {"type": "text", "text": value}
    return parameter if name.isdigit() else {**parameter, "parameter_name": name}
