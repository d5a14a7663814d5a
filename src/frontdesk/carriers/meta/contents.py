"""What a customer's message says, by its type.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages

    {"type": "text", "text": {"body": "Hello"}}
    {"type": "image", "image": {"id": "1003…", "mime_type": "image/jpeg", "caption": "Look"}}
    {"type": "document", "document": {"id": …, "filename": "menu.pdf", "mime_type": …}}
    {"type": "button", "button": {"text": "Yes", "payload": "yes"}}
    {"type": "interactive", "interactive": {"type": "list_reply",
        "list_reply": {"id": "…", "title": "…", "description": "…"}}}
    {"type": "reaction", "reaction": {"message_id": "wamid.…", "emoji": "👍"}}
    {"type": "location", "location": {"latitude": 37.4, "longitude": -122.1, "name": "…"}}
    {"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]}
and with each `"context": {"from": "…", "id": "wamid.…", "forwarded": true}` and `"referral": {…}`.

What is not known here is kept as it came, as `unsupported`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote

import orjson

from frontdesk.ports import Inbound, MessageKind

TEXT_LIMIT = 65_536
"""WhatsApp takes 4 096 characters from a customer."""
FIELD_LIMIT = 4_096
NAME_LIMIT = 256
ID_LIMIT = 256
"""Characters. Meta's ids of messages have about 60, and up to 130 in groups."""
KEPT_LIMIT = 16_384
"""Bytes of JSON that are kept of what is not known here."""
DEPTH_LIMIT = 32
MOST_CARDS = 100

MEDIA_KINDS: Mapping[str, MessageKind] = {
    "image": "image",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "document": "document",
    "sticker": "sticker",
}


def read(item: dict[str, Any], message: Inbound) -> None:
    """Fills in what the message says: its kind, its text, its content."""
    said = text(item, "type", NAME_LIMIT)
    _add_context(item, message)
    if "group_id" in item:
        # An answer would go to its writer alone, who wrote to the group.
        _keep(item, message, "group")
        return
    reader = READERS.get(said)
    if reader is None or not isinstance(item.get(said), dict):
        _keep(item, message, said)
        return
    reader(part(item, said), said, message)
    if items(item, "errors"):
        message.content["errors"] = kept(item["errors"])


def _add_context(item: dict[str, Any], message: Inbound) -> None:
    """What the message answers, and where it comes from."""
    content, context = message.content, part(item, "context")
    message.reply_to = text(context, "id", ID_LIMIT).strip() or None
    sender = text(context, "from", NAME_LIMIT)
    if sender:
        content["reply_to_sender"] = f"+{sender}" if sender.isdigit() else sender
    if context.get("forwarded") is True or context.get("frequently_forwarded") is True:
        content["forwarded"] = True
    if context.get("frequently_forwarded") is True:
        content["frequently_forwarded"] = True
    if "referred_product" in context:
        content["referred_product"] = kept(context["referred_product"])
    referral = part(item, "referral")
    if referral:
        content["referral"] = _some(referral, REFERRAL)


REFERRAL = (
    "source_url",
    "source_type",
    "source_id",
    "headline",
    "body",
    "media_type",
    "image_url",
    "video_url",
    "thumbnail_url",
    "ctwa_clid",
)


def _text(value: dict[str, Any], said: str, message: Inbound) -> None:
    message.text = _bounded(value, "body", message)


def _media(value: dict[str, Any], said: str, message: Inbound) -> None:
    media_id = text(value, "id", ID_LIMIT).strip()
    message.kind = MEDIA_KINDS[said]
    message.text = _bounded(value, "caption", message)
    if not media_id.isdigit():
        message.kind = "unsupported"
        message.content["carrier_type"] = said
        return
    filename = text(value, "filename", NAME_LIMIT).strip()
    # Its address lasts five minutes, its id for days: the id is what it is fetched by.
    url = f"{media_id}/{quote(filename, safe='')}" if filename else media_id
    content_type = text(value, "mime_type", NAME_LIMIT).strip().lower()
    item: dict[str, Any] = {"url": url, "content_type": content_type}
    if filename:
        item["filename"] = filename
    message.content["media"] = [item]
    if value.get("voice") is True:
        message.content["voice"] = True


def _location(value: dict[str, Any], said: str, message: Inbound) -> None:
    message.kind = "location"
    place: dict[str, Any] = {}
    for name in ("latitude", "longitude"):
        number = value.get(name)
        if isinstance(number, int | float) and math.isfinite(number):
            place[name] = number
    for name, key in (("name", "label"), ("address", "address"), ("url", "url")):
        if told := text(value, name):
            place[key] = told
    message.content["location"] = place


def _button(value: dict[str, Any], said: str, message: Inbound) -> None:
    message.kind = "button"
    message.text = text(value, "text")
    message.content["button"] = _some(value, ("text", "payload"))


def _interactive(value: dict[str, Any], said: str, message: Inbound) -> None:
    kind = text(value, "type", NAME_LIMIT)
    chosen = part(value, kind)
    if kind == "button_reply":
        message.kind, message.text = "button", text(chosen, "title")
        message.content["button"] = {"text": text(chosen, "title"), "payload": text(chosen, "id")}
    elif kind == "list_reply":
        message.kind, message.text = "list_reply", text(chosen, "title")
        message.content["list_reply"] = _some(chosen, ("id", "title", "description"))
    elif kind == "nfm_reply":
        # What a customer filled in. `response_json` is JSON in a text, when it is.
        message.text = text(chosen, "body")
        answer = text(chosen, "response_json", TEXT_LIMIT)
        message.content["interactive"] = {"name": text(chosen, "name"), "response": _json(answer)}
    else:
        _keep({"interactive": value}, message, f"interactive {kind}".strip())


def _reaction(value: dict[str, Any], said: str, message: Inbound) -> None:
    message.kind = "reaction"
    message.text = text(value, "emoji", NAME_LIMIT)
    message.reply_to = text(value, "message_id", ID_LIMIT).strip() or message.reply_to
    # An empty one takes the reaction back.
    message.content["reaction"] = {"emoji": message.text}


READERS: Mapping[str, Callable[[dict[str, Any], str, Inbound], None]] = {
    "text": _text,
    "location": _location,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
    **dict.fromkeys(MEDIA_KINDS, _media),
}


def _contacts(item: dict[str, Any], message: Inbound) -> None:
    message.kind = "contacts"
    message.content["contacts"] = kept(item["contacts"][:MOST_CARDS])
    names = (text(part(card, "name"), "formatted_name") for card in items(item, "contacts"))
    message.text = ", ".join(name for name in names if name)[:FIELD_LIMIT]


def _keep(item: dict[str, Any], message: Inbound, said: str) -> None:
    """A type that is not known here: an order, an edit, a changed number, what comes one day."""
    if said == "contacts" and isinstance(item.get("contacts"), list):
        _contacts(item, message)
        return
    message.kind = "unsupported"
    message.content["carrier_type"] = said
    known = ("from", "from_user_id", "id", "timestamp", "type", "context", "referral")
    message.content["carrier_content"] = kept(
        {name: value for name, value in item.items() if name not in known}
    )


# Fields of anything, cleaned and bounded


def part(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object below a name; empty for what is none."""
    value: object = fields.get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list below a name, without what is none."""
    value: object = fields.get(name)
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", each) for each in listed if isinstance(each, dict)]


def text(fields: Mapping[str, Any], name: str, limit: int = FIELD_LIMIT) -> str:
    value: object = fields.get(name)
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "")[:limit] if "\0" in value else value[:limit]


def kept(value: object) -> Any:
    """JSON as it came, without NUL; its size alone where it is too large or too deep."""
    try:
        cleaned = _clean(value, 0)
    except ValueError:
        return {"left_out": "it is too deep"}
    size = len(orjson.dumps(cleaned))
    return cleaned if size <= KEPT_LIMIT else {"left_out": f"it has {size} bytes"}


def _some(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if (value := text(fields, name))}


def _bounded(fields: Mapping[str, Any], name: str, message: Inbound) -> str:
    """A text that is noted when it is cut."""
    value: object = fields.get(name)
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        message.content["truncated"] = {name: len(value)}
    return text(fields, name, TEXT_LIMIT)


def _json(answer: str) -> Any:
    try:
        return kept(orjson.loads(answer))
    except ValueError:
        return answer[:FIELD_LIMIT]


def _clean(value: Any, depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        raise ValueError("too deep")
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        pairs: dict[str, Any] = value
        return {name.replace("\0", ""): _clean(each, depth + 1) for name, each in pairs.items()}
    if isinstance(value, list):
        listed: list[Any] = value
        return [_clean(each, depth + 1) for each in listed]
    return value
