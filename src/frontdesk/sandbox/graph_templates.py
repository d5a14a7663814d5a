"""Templates as Meta has them: components checked when made, filled when sent.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from frontdesk.sandbox.contents import BROKEN, PLACEHOLDER, Content
from frontdesk.sandbox.graph_errors import GraphError
from frontdesk.sandbox.model import TemplateParts

NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
MEDIA_FORMATS = ("IMAGE", "VIDEO", "DOCUMENT")
BUTTONS = {"QUICK_REPLY": "reply", "URL": "url", "PHONE_NUMBER": "phone"}
BODY_LIMIT = 1024
WRONG_LENGTHS = {"HEADER": 60, "BODY": BODY_LIMIT, "FOOTER": 60}

SHOWN = ("id", "name", "parameter_format", "components", "language", "status", "category")

Component = dict[str, Any]


def template_json(content: Content, now: datetime, fields: str | None = None) -> Component:
    """As Meta shows it: with the `fields` that are asked for, or those of its choice."""
    status = content.status(now).upper()
    whole: Component = {
        "id": content.sid,
        "name": content.friendly_name,
        "parameter_format": "NAMED" if content.named else "POSITIONAL",
        "components": components_of(content),
        "language": content.language,
        "status": status,
        "category": content.category,
        "rejected_reason": "INVALID_FORMAT" if status == "REJECTED" else "NONE",
        "quality_score": {"score": "UNKNOWN"},
    }
    asked = SHOWN if not fields else ("id", *(each.strip() for each in fields.split(",")))
    for name in asked:
        if name not in whole:
            raise GraphError(100, f"Tried accessing nonexisting field ({name})")
    return {name: whole[name] for name in asked}


def components_of(content: Content) -> list[Component]:
    """As Meta lists them; the ones that every account has from the start are made from Twilio's."""
    return content.components or _from_twilio(content)


def _from_twilio(content: Content) -> list[Component]:
    value = content.types.get(content.shown_type, {})
    found: list[Component] = []
    if value.get("media"):
        example = {"header_handle": list(value["media"])}
        found.append({"type": "HEADER", "format": "IMAGE", "example": example})
    body: Component = {"type": "BODY", "text": value["body"]}
    if names := placeholders(value["body"]):
        body["example"] = {"body_text": [[content.variables[name] for name in names]]}
    found.append(body)
    if value.get("footer"):
        found.append({"type": "FOOTER", "text": value["footer"]})
    if value.get("actions"):
        buttons = [
            {"type": each["type"], "text": each["title"]}
            | {name: each[name] for name in ("url", "phone_number") if name in each}
            for each in value["actions"]
        ]
        found.append({"type": "BUTTONS", "buttons": buttons})
    return found


def placeholders(text: str) -> list[str]:
    """The names in a text, each once; numbers in their order."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    return sorted(names, key=int) if all(name.isdigit() for name in names) else names


# Made ---------------------------------------------------------------------------------------------


def checked(raw: object, *, named: bool, sample: Callable[[str], str | None]) -> list[Component]:
    """The components of a new template, or Meta's refusal. `sample` shows an uploaded file."""
    listed = cast("list[object]", raw) if isinstance(raw, list) else []
    found = [_normal(cast("Component", each)) for each in listed if isinstance(each, dict)]
    kinds = [each["type"] for each in found]
    if kinds.count("BODY") != 1 or len(set(kinds)) != len(kinds):
        raise GraphError(100, "components has one BODY, and each other component at most once")
    for each in found:
        _check_component(each, named=named, sample=sample)
    return found


def _normal(component: Component) -> Component:
    kept = {**component, "type": str(component.get("type", "")).upper()}
    if "format" in kept:
        kept["format"] = str(kept["format"]).upper()
    return kept


def _check_component(
    component: Component, *, named: bool, sample: Callable[[str], str | None]
) -> None:
    kind, text = component["type"], component.get("text")
    if kind == "BUTTONS":
        _check_buttons(component.get("buttons"))
        return
    if kind == "HEADER" and component.get("format") in MEDIA_FORMATS:
        given = cast("Component", component.get("example") or {}).get("header_handle")
        handles = cast("list[object]", given) if isinstance(given, list) else []
        shown = [sample(str(handle)) for handle in handles[:1]]
        if not shown or shown[0] is None:
            raise GraphError(100, "example.header_handle is no handle of an uploaded file")
        component["example"] = {"header_handle": shown}
        return
    if kind not in WRONG_LENGTHS or (kind == "HEADER" and component.get("format") != "TEXT"):
        raise GraphError(100, f"component {kind} {component.get('format', '')} is not known")
    if not isinstance(text, str) or not 0 < len(text) <= WRONG_LENGTHS[kind]:
        raise GraphError(100, f"{kind} has a text of 1 to {WRONG_LENGTHS[kind]} characters")
    _check_example(component, kind, placeholders(text), named=named)


def _check_example(component: Component, kind: str, names: list[str], *, named: bool) -> None:
    if not names:
        return
    if kind == "FOOTER":
        raise GraphError(100, "a footer has no parameters")
    if named == names[0].isdigit():
        raise GraphError(100, f"{kind} has {{{{{names[0]}}}}}: that is another parameter_format")
    if not named and names != [str(place) for place in range(1, len(names) + 1)]:
        raise GraphError(100, f"{kind} has the parameters {names}: they count from 1 without a gap")
    key = f"{kind.lower()}_text" + ("_named_params" if named else "")
    given: object = cast("Component", component.get("example") or {}).get(key)
    listed = cast("list[Any]", given) if isinstance(given, list) else []
    if not named and kind == "BODY":
        listed = listed[0] if listed and isinstance(listed[0], list) else []
    if len(listed) != len(names):
        raise GraphError(
            100, f"{kind} has {len(names)} parameters and {len(listed)} samples in {key}",
            subcode=2388043,
        )  # fmt: skip


def _check_buttons(raw: object) -> None:
    buttons = cast("list[object]", raw) if isinstance(raw, list) else []
    if not 0 < len(buttons) <= 10:
        raise GraphError(100, "BUTTONS has 1 to 10 buttons")
    for button in buttons:
        each = cast("Component", button) if isinstance(button, dict) else {}
        kind = each["type"] = str(each.get("type", "")).upper()
        target = {"URL": "url", "PHONE_NUMBER": "phone_number"}.get(kind)
        if kind not in BUTTONS or not 0 < len(str(each.get("text") or "")) <= 25:
            raise GraphError(100, f"a button is one of {list(BUTTONS)} with 1 to 25 characters")
        if target is not None and not each.get(target):
            raise GraphError(100, f"a button of type {kind} has a {target}")
        if PLACEHOLDER.search(str(each.get("url") or "")) and not each.get("example"):
            raise GraphError(100, "a button whose url has a parameter has an example of it")


# Sent ---------------------------------------------------------------------------------------------


def filled(content: Content, raw: object) -> tuple[str, Component, TemplateParts]:
    """The body, the header's media parameter (or {}) and the rest of what is shown."""
    listed = cast("list[object]", raw) if isinstance(raw, list) else []
    given = [_normal(cast("Component", each)) for each in listed if isinstance(each, dict)]
    parts, body, media = TemplateParts(), "", cast("Component", {})
    for component in components_of(content):
        kind = component["type"]
        if kind == "BUTTONS":
            parts.buttons = _buttons(component["buttons"], given)
            continue
        parameters = _parameters(given, kind)
        if kind == "HEADER" and component.get("format") != "TEXT":
            media = _header_media(component["format"], parameters)
            continue
        text = _text(content, kind.lower(), component["text"], parameters)
        if kind == "BODY":
            body = text
        elif kind == "HEADER":
            parts.header = text
        else:
            parts.footer = text
    if len(body) > BODY_LIMIT:
        raise GraphError(132005, f"body: {len(body)} characters, {BODY_LIMIT} are allowed")
    return body, media, parts


def _parameters(given: Sequence[Component], kind: str) -> list[Component]:
    for component in given:
        if component["type"] == kind:
            found: object = component.get("parameters")
            return cast("list[Component]", found) if isinstance(found, list) else []
    return []


def _header_media(expected: str, parameters: Sequence[Component]) -> Component:
    received = str(parameters[0].get("type", "")).upper() if len(parameters) == 1 else "UNKNOWN"
    if received != expected:
        raise GraphError(
            132012, f"header: Format mismatch, expected {expected}, received {received}"
        )
    return parameters[0]


def _text(content: Content, where: str, text: str, parameters: Sequence[Component]) -> str:
    names = placeholders(text)
    if len(parameters) != len(names):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({len(names)})",
        )
    values: dict[str, str] = {}
    for place, parameter in enumerate(parameters):
        name = str(parameter.get("parameter_name")) if content.named else names[place]
        if name not in names:
            raise GraphError(132000, f"{where}: parameter_name {name} is not one of {names}")
        values[name] = _value(where, parameter)
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def _value(where: str, parameter: Mapping[str, Any]) -> str:
    kind = str(parameter.get("type", "")).lower()
    value: object = parameter.get("text")
    if kind in ("currency", "date_time"):
        value = cast("Component", parameter.get(kind) or {}).get("fallback_value")
    elif kind != "text":
        raise GraphError(132012, f"{where}: Format mismatch, expected TEXT, received {kind}")
    if not isinstance(value, str) or not value:
        raise GraphError(131008, f"{where}: a parameter of type text is missing a text value")
    if BROKEN.search(value):
        raise GraphError(
            132018,
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        )
    return value


def _buttons(buttons: Sequence[Component], given: Sequence[Component]) -> list[dict[str, str]]:
    by_place = {str(each.get("index")): each for each in given if each["type"] == "BUTTON"}
    found: list[dict[str, str]] = []
    for place, button in enumerate(buttons):
        kind = BUTTONS[button["type"]]
        parameters = by_place.get(str(place), {}).get("parameters") or [{}]
        first = cast("Component", parameters[0])
        shown = {"kind": kind, "text": str(button["text"])}
        if kind == "reply":
            shown["id"] = str(first.get("payload") or button["text"])
        elif kind == "phone":
            shown["phone"] = str(button["phone_number"])
        else:
            shown["url"] = _button_url(place, str(button["url"]), first)
        found.append(shown)
    return found


def _button_url(place: int, url: str, parameter: Component) -> str:
    if not PLACEHOLDER.search(url):
        return url
    if not parameter.get("text"):
        raise GraphError(
            131008, f"buttons: Button at index {place} of type Url requires a parameter"
        )
    return PLACEHOLDER.sub(lambda _: str(parameter["text"]), url)
