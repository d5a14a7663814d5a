"""Messages as the phone and tests see them, and JSON bodies read with care."""

from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request

from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import Invalid, TooLarge
from frontdesk.sandbox.model import Message, bare, channel_of

BODY_LIMIT = 8 * 1024 * 1024
"""Room for an attachment in base64."""


def phone_json(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "sequence": message.sequence,
        "revision": message.revision,
        "channel": channel_of(message.to),
        "direction": "in" if message.direction == "inbound" else "out",
        "customer": bare(message.customer),
        "business": message.business,
        "body": message.body,
        "media": [{"sid": m.sid, "content_type": m.content_type} for m in message.media],
        "status": message.status,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "webhook": message.webhook,
        "webhook_error": _why(message),
        "at": iso(message.created),
    }


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
        "from": message.from_,
        "to": message.to,
        "account_sid": message.account_sid,
        "updated": iso(message.updated),
        "sent": iso(message.sent),
        "status_callback": message.status_callback,
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
