"""Messages as the phone and tests see them, and JSON bodies read with care."""

from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Invalid, TooLarge
from frontdesk.sandbox.filetypes import captioned
from frontdesk.sandbox.model import Media, Message, bare, channel_of

BODY_LIMIT = 8 * 1024 * 1024
"""Room for an attachment in base64."""


def json_response(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def phone_json(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "sequence": message.sequence,
        "revision": message.revision,
        "channel": channel_of(message.to),
        "direction": "in" if message.direction == "inbound" else "out",
        "customer": bare(message.customer),
        "business": message.business,
        "body": _seen(message),
        "media": [_media_json(message, item) for item in message.media],
        "location": _location(message),
        "template": None if message.template is None else asdict(message.template),
        "quotes": message.quotes,
        "status": message.status,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "webhook": message.webhook,
        "webhook_error": _why(message),
        "at": iso(message.created),
    }


def _seen(message: Message) -> str:
    """The text that the customer sees: WhatsApp has no room for it beside most kinds of files."""
    dropped = message.direction != "inbound" and channel_of(message.to) == "whatsapp"
    kinds = captioned(message.vendor)
    if dropped and any(m.size is not None and m.kind not in kinds for m in message.media):
        return ""
    return message.body


def _media_json(message: Message, item: Media) -> dict[str, Any]:
    """`url` is relative to the sandbox's root; None until the bytes are here."""
    return {
        "sid": item.sid,
        "content_type": item.content_type,
        "kind": item.kind,
        "filename": item.filename,
        "size": item.size,
        "url": None if item.size is None else f"phone/media/{message.sid}/{item.sid}",
    }


def _location(message: Message) -> dict[str, str] | None:
    names = ("Latitude", "Longitude", "Label", "Address")
    if "Latitude" not in message.fields:
        return None
    return {name.lower(): message.fields.get(name, "") for name in names}


def _why(message: Message) -> str | None:
    """Why the business did not take a customer's message, for the person at the phone."""
    if message.webhook not in ("refused", "unreachable"):
        return None
    last = next((d for d in reversed(message.deliveries) if d.kind == "message"), None)
    if last is None:
        return None
    return last.error if last.status is None else f"HTTP {last.status} {last.body[:200]}".strip()


def full_json(message: Message) -> dict[str, Any]:
    """Everything, for tests and for a person who asks what happened."""
    return {
        **phone_json(message),
        "text": message.body,
        "from": message.from_,
        "to": message.to,
        "account_sid": message.account_sid,
        "updated": iso(message.updated),
        "sent": iso(message.sent),
        "status_callback": message.status_callback,
        "callback_data": message.callback_data,
        "fields": message.fields,
        "deliveries": [asdict(delivery) for delivery in message.deliveries],
    }


async def read_json(request: Request) -> Any:
    """The body as JSON. The content type must say so: a page of another origin then needs a
    preflight, which the sandbox does not answer."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Invalid(f"Content-Type is {kind!r}; it must be application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLarge(f"the body is larger than {BODY_LIMIT} bytes")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise Invalid(f"the body is no JSON: {wrong}") from wrong
