"""A message of the business in Meta's JSON, made into one of the exchange's.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from frontdesk.sandbox.contents import Content
from frontdesk.sandbox.exchange import Exchange, new_number_id, new_wamid
from frontdesk.sandbox.filetypes import CAPTIONED_BY_META
from frontdesk.sandbox.graph_errors import GraphError
from frontdesk.sandbox.graph_media import KINDS, GraphMedia
from frontdesk.sandbox.graph_templates import filled
from frontdesk.sandbox.model import BusinessNumber, Media, Message, TemplateParts
from frontdesk.sandbox.text import is_address

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_LIMIT = 512
STATES = {"paused": 132015, "disabled": 132016}
_SEPARATORS = re.compile(r"[\s().-]")

Json = Mapping[str, Any]


def outbound(
    exchange: Exchange, files: GraphMedia, number: BusinessNumber, account: str, raw: Json
) -> Message:
    """Raises GraphError."""
    if raw.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    to = recipient(raw)
    if to == number.address:
        raise GraphError(131021)
    kind = str(raw.get("type") or "text")
    now = exchange.clock()
    message = Message(
        new_wamid(to), account, number.address, to, "", "outbound-api", "queued", now, now,
        callback_data=_callback_data(raw), quotes=_quoted(exchange, raw, to),
    )  # fmt: skip
    if kind == "text":
        message.body = _text(_part(raw, "text"), "body", TEXT_LIMIT)
    elif kind == "template":
        _use_template(exchange, files, message, _part(raw, "template"))
    elif kind in KINDS:
        part = _part(raw, kind)
        message.media = [_media(files, account, kind, part)]
        if kind in CAPTIONED_BY_META and "caption" in part:
            message.body = _text(part, "caption", CAPTION_LIMIT)
    else:
        raise GraphError(131051, f"the sandbox delivers no messages of the type {kind}")
    return message


def recipient(raw: Json) -> str:
    """The customer's address: a number, with or without +, or a business-scoped user id."""
    to, user = raw.get("to"), raw.get("recipient")
    if not to and not user:
        raise GraphError(131008, "The parameter to is required.")
    bare = "+" + _SEPARATORS.sub("", str(to)).lstrip("+") if to else str(user)
    address = f"whatsapp:{bare}"
    if not is_address(address):
        raise GraphError(131009, f"{to or user} is no number and no user id")
    return address


def _part(raw: Json, name: str) -> Json:
    part: object = raw.get(name)
    if not isinstance(part, dict):
        raise GraphError(100, f"The parameter {name} is required.")
    return cast("Json", part)


def _text(part: Json, name: str, limit: int) -> str:
    value: object = part.get(name)
    if not isinstance(value, str) or not value.strip():
        raise GraphError(131008, f"{name} is a text that is not empty")
    if len(value) > limit:
        raise GraphError(100, f"Param {name} must be at most {limit} characters long.")
    return value


def _callback_data(raw: Json) -> str | None:
    value: object = raw.get("biz_opaque_callback_data")
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > CALLBACK_LIMIT:
        raise GraphError(100, f"biz_opaque_callback_data is a text of {CALLBACK_LIMIT} characters")
    return value


def _quoted(exchange: Exchange, raw: Json, to: str) -> str | None:
    if raw.get("context") is None:
        return None
    sid = str(_part(raw, "context").get("message_id"))
    quoted = exchange.get(sid)
    if quoted is None or quoted.customer != to:
        raise GraphError(131009, f"context: {sid} is no message of this conversation")
    return sid


def _media(files: GraphMedia, account: str, kind: str, part: Json) -> Media:
    link, media_id = part.get("link"), part.get("id")
    if (link is None) == (media_id is None):
        raise GraphError(131008, f"{kind} has either a link or an id")
    filename = str(part["filename"]) if kind == "document" and part.get("filename") else None
    if link is not None:
        if urlsplit(str(link)).scheme not in ("http", "https"):
            raise GraphError(131009, f"{kind}: link {link} is no http address")
        return Media(new_number_id(), "application/octet-stream", str(link), KINDS[kind], filename)
    found = files.find(account, str(media_id))
    if found is None:
        raise GraphError(131009, f"{kind}: there is no media with the id {media_id}")
    item, _ = found
    return Media(item.sid, item.content_type, item.url, KINDS[kind], filename, item.size)


def _use_template(exchange: Exchange, files: GraphMedia, message: Message, part: Json) -> None:
    content = _template(exchange, message.account_sid, part)
    message.body, header, message.template = filled(content, part.get("components"))
    message.content_sid = content.sid
    if header:
        kind = str(header["type"]).lower()
        message.media = [_media(files, message.account_sid, kind, _part(header, kind))]
    assert isinstance(message.template, TemplateParts)


def _template(exchange: Exchange, account: str, part: Json) -> Content:
    """Only an approved one can be named; Meta says of the others that they are not there."""
    name, language = str(part.get("name")), str(_part(part, "language").get("code"))
    for content in exchange.contents.find(account, name, language):
        status = content.status(exchange.clock())
        if status in STATES:
            raise GraphError(STATES[status], f"template {name} ({language}) is {status}")
        if status == "approved":
            return content
    raise GraphError(132001, f"template name ({name}) does not exist in {language}")
