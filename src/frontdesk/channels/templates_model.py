"""Templates: messages with places for variables, which WhatsApp takes outside its window."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.templates import TemplateCategory, TemplateStatus, TemplateUse
from frontdesk.ports import ChannelKind

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
BRACES = re.compile(r"\{\{|\}\}")
REFUSED_BY_WHATSAPP = re.compile(r"[\n\r\t\u2028\u2029]| {4,}")
NAME_OF_WHATSAPP = re.compile(r"[a-z0-9_]{1,512}")
NAME = re.compile(r"[^\x00-\x1f]{1,200}")
LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,4})?")
VARIABLE_LIMIT = 1024
TEXT_LIMIT = 1600
"""Characters of a message, at Twilio."""
BODY_LIMIT = 1024
HEADER_LIMIT = 60
FOOTER_LIMIT = 60
BUTTON_LIMIT = 25
URL_LIMIT = 2000
MOST_BUTTONS = 10


@dataclass(frozen=True)
class Template:
    """A template of a channel. See `ports.CarrierTemplate` for header, buttons and variables."""

    domain_id: UUID
    template_id: UUID
    channel_id: UUID
    channel: ChannelKind
    channel_address: str
    carrier_id: str | None
    name: str
    language: str
    category: TemplateCategory
    status: TemplateStatus
    status_reason: str | None
    header: dict[str, str] | None
    body: str
    footer: str | None
    buttons: list[dict[str, str]]
    variables: list[dict[str, str]]
    synced_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True)
class Draft:
    """A template as a person writes it, checked."""

    name: str
    language: str
    category: TemplateCategory
    body: str
    header: dict[str, str] | None = None
    footer: str | None = None
    buttons: Sequence[dict[str, str]] = ()
    variables: Sequence[dict[str, str]] = ()


@dataclass(frozen=True)
class Rendered:
    """A template with its variables filled in: what a customer reads, and what a message keeps."""

    text: str
    structured: dict[str, Any]

    @property
    def header(self) -> dict[str, str] | None:
        return self.structured["template"]["header"]

    @property
    def footer(self) -> str | None:
        return self.structured["template"]["footer"]

    @property
    def buttons(self) -> list[dict[str, str]]:
        return self.structured["template"]["buttons"]


def variables_in(
    header: Mapping[str, str] | None,
    body: str,
    footer: str | None = None,
    buttons: Sequence[Mapping[str, str]] = (),
) -> list[str]:
    """The names of the variables, in the order in which they stand there."""
    texts = [*(header or {}).values(), body, footer or ""]
    texts += [value for button in buttons for value in button.values()]
    return list(dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)))


def render(template: Template, variables: Mapping[str, str]) -> Rendered:
    """Fills the variables in. Raises Unprocessable, which names every one that does not fit."""
    wanted = variables_in(template.header, template.body, template.footer, template.buttons)
    problems = _problems(template, wanted, variables)
    if problems:
        raise Unprocessable(f"template {template.name!r}: {'; '.join(problems)}")

    def filled(text: str) -> str:
        # One pass: what a customer's name contains is no variable.
        return PLACEHOLDER.sub(lambda match: variables[match[1]], text)

    header = template.header and {
        key: value if key == "kind" else filled(value) for key, value in template.header.items()
    }
    footer = filled(template.footer) if template.footer else None
    buttons = [
        {key: value if key == "kind" else filled(value) for key, value in button.items()}
        for button in template.buttons
    ]
    lines = [(header or {}).get("text", ""), filled(template.body), footer or ""]
    text = "\n".join(line for line in lines if line)
    if len(text) > TEXT_LIMIT:
        raise Unprocessable(
            f"template {template.name!r} has {len(text)} characters with these variables; "
            f"a message has up to {TEXT_LIMIT}"
        )
    return Rendered(text, {"template": _structured(template, variables, header, footer, buttons)})


def _structured(
    template: Template,
    variables: Mapping[str, str],
    header: dict[str, str] | None,
    footer: str | None,
    buttons: list[dict[str, str]],
) -> dict[str, Any]:
    return {
        "template_id": str(template.template_id),
        "carrier_id": template.carrier_id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "variables": dict(variables),
        "header": header,
        "footer": footer,
        "buttons": buttons,
    }


def _problems(template: Template, wanted: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    """What is wrong with the variables, one sentence for each kind of it."""
    strict = template.channel == "wmsg"
    found: dict[str, list[str]] = {
        "needs": [name for name in wanted if name not in variables],
        "has no variable": [name for name in variables if name not in wanted],
        "empty": [name for name in wanted if name in variables and not variables[name].strip()],
        f"longer than {VARIABLE_LIMIT} characters": [],
        "not on one line, or with a tab or four spaces in a row, which WhatsApp refuses": [],
        "with a NUL": [],
    }
    _, _, _, long, broken, nul = found.values()
    for name in wanted:
        value = variables.get(name, "")
        if len(value) > VARIABLE_LIMIT:
            long.append(name)
        if strict and REFUSED_BY_WHATSAPP.search(value):
            broken.append(name)
        if "\0" in value:
            nul.append(name)
    said: list[str] = []
    for what, names in found.items():
        if not names:
            continue
        listed = ", ".join(f"{{{{{name[:80]}}}}}" for name in names[:20])
        verb = what in ("needs", "has no variable")
        said.append(f"it {what} {listed}" if verb else f"{listed} must not be {what}")
    return said


def template_use(structured: Mapping[str, Any] | None) -> TemplateUse | None:
    """The template that a stored message was made from, for its carrier."""
    kept: object = (structured or {}).get("template")
    if not isinstance(kept, dict):
        return None
    fields = cast("dict[str, Any]", kept)
    if not fields.get("carrier_id"):
        return None
    header: dict[str, str] = fields.get("header") or {}
    return TemplateUse(
        carrier_id=fields["carrier_id"],
        name=fields["name"],
        language=fields["language"],
        category=fields["category"],
        variables=fields["variables"],
        header_media_url=header.get("url"),
        header_kind=header.get("kind"),
    )


def check_draft(kind: ChannelKind, draft: Draft) -> Draft:
    """A template that the channel can have, trimmed. Raises Unprocessable."""
    strict = kind == "wmsg"
    name, language = draft.name.strip(), draft.language.strip()
    if not (NAME_OF_WHATSAPP if strict else NAME).fullmatch(name):
        allowed = "small letters, digits and _" if strict else "1 to 200 characters"
        raise Unprocessable(f"name is {name[:80]!r}; use {allowed}, such as order_update")
    if not LANGUAGE.fullmatch(language):
        raise Unprocessable(f"language is {language[:40]!r}; use one such as en, es or pt_BR")
    body = _checked("body", draft.body, BODY_LIMIT if strict else TEXT_LIMIT)
    if not body:
        raise Unprocessable("body is empty; write what the customer reads")
    footer = _checked("footer", draft.footer or "", FOOTER_LIMIT) or None
    if not strict and (draft.header or draft.buttons):
        raise Unprocessable("a text message has neither header nor buttons; use the body")
    if footer and PLACEHOLDER.search(footer):
        raise Unprocessable("footer has a variable; WhatsApp takes none there")
    header = _checked_header(draft.header)
    buttons = _checked_buttons(draft.buttons)
    samples = {each["name"]: each.get("sample", "") for each in draft.variables}
    names = variables_in(header, body, footer, buttons)
    if unknown := [each for each in samples if each not in names]:
        raise Unprocessable(f"variables names {unknown[0][:80]!r}, which stands nowhere in it")
    if strict and (bare := [each for each in names if not samples.get(each, "").strip()]):
        raise Unprocessable(f"variable {bare[0]!r} has no sample; WhatsApp asks for one of each")
    listed = [{"name": each, "sample": samples.get(each, "")[:VARIABLE_LIMIT]} for each in names]
    return Draft(name, language, draft.category, body, header, footer, buttons, listed)


def _checked(what: str, text: str, limit: int) -> str:
    text = text.replace("\0", "").strip()
    if len(text) > limit:
        raise Unprocessable(f"{what} has {len(text)} characters; use up to {limit}")
    if BRACES.search(PLACEHOLDER.sub("", text)):
        raise Unprocessable(
            f"{what} has {{{{ or }}}} that belong to no variable; write {{{{1}}}} or {{{{name}}}}"
        )
    return text


def _checked_header(header: Mapping[str, str] | None) -> dict[str, str] | None:
    if not header:
        return None
    if header["kind"] == "text":
        text = _checked("header", header.get("text", ""), HEADER_LIMIT)
        if not text or "\n" in text:
            raise Unprocessable("header has no text, or more than one line; use one line")
        return {"kind": "text", "text": text}
    return {"kind": header["kind"], "url": _checked_url("header.url", header.get("url", ""))}


def _checked_url(what: str, url: str) -> str:
    url = _checked(what, url, URL_LIMIT)
    if not url.startswith(("https://", "http://")) or any(each.isspace() for each in url):
        raise Unprocessable(f"{what} is {url[:80]!r}; use an address beginning with https://")
    return url


def _checked_buttons(buttons: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    if len(buttons) > MOST_BUTTONS:
        raise Unprocessable(f"there are {len(buttons)} buttons; use up to {MOST_BUTTONS}")
    checked: list[dict[str, str]] = []
    for each in buttons:
        text = _checked("a button's text", each["text"], BUTTON_LIMIT)
        if not text:
            raise Unprocessable("a button has no text")
        button = {"kind": each["kind"], "text": text}
        if each["kind"] == "url":
            button["url"] = _checked_url("a button's url", each.get("url", ""))
        elif each["kind"] == "phone":
            button["phone"] = _checked("a button's phone", each.get("phone", ""), 20)
            if not re.fullmatch(r"\+[1-9]\d{6,14}", button["phone"]):
                raise Unprocessable(
                    f"a button's phone is {button['phone'][:40]!r}; use + and 7 to 15 digits"
                )
        checked.append(button)
    return checked
