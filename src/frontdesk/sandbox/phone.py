"""The phone on the screen: its page, the API by which a customer writes, and live events."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.exchange import Exchange, involves, new_sid
from frontdesk.sandbox.faults import HEADER
from frontdesk.sandbox.model import Media, Message, bare
from frontdesk.sandbox.text import is_address
from frontdesk.sandbox.twilio_rest import json_response
from frontdesk.sandbox.views import phone_json, read_json
from frontdesk.sandbox.webhooks import Webhooks

STATIC = Path(__file__).parent / "static"
TEXT_LIMIT = 4096
HISTORY = 200
HEARTBEAT = 15.0
FALLBACK_NUMBER = "whatsapp:+14155238886"
"""Twilio's own WhatsApp sandbox; shown when no business number is configured."""

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Assets(StaticFiles):
    """Files that a browser asks for again each time, so that an upgrade shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


class Phone:
    def __init__(self, exchange: Exchange, webhooks: Webhooks) -> None:
        self._exchange = exchange
        self._webhooks = webhooks

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.home),
            Route("/phone", self.page),
            Route("/phone/config", self.config),
            Route("/phone/messages", self.write, methods=["POST"]),
            Route("/phone/read", self.read, methods=["POST"]),
            Route("/phone/events", self.events),
            Mount("/static", Assets(directory=STATIC)),
        ]

    async def home(self, request: Request) -> Response:
        # Relative, so that a mount prefix stays: `/sandbox/` leads to `/sandbox/phone`.
        return RedirectResponse("phone")

    async def page(self, request: Request) -> Response:
        return FileResponse(STATIC / "phone.html", headers=SECURITY)

    async def config(self, request: Request) -> Response:
        numbers = list(self._exchange.numbers.values())
        shown = [{"address": n.address, "name": n.name or bare(n.address)} for n in numbers]
        fallback = {"address": FALLBACK_NUMBER, "name": "Business"}
        return json_response({"numbers": shown or [fallback]})

    async def write(self, request: Request) -> Response:
        """`{"from", "to", "body"}`; further webhook fields in `fields`; `"wait": true` answers
        after the webhook, with its outcome."""
        raw = await read_json(request)
        if not isinstance(raw, dict):
            raise Invalid("write a JSON object with from, to and body")
        to, body = _text(raw, "to"), _text(raw, "body")
        prefix = "whatsapp:" if to.startswith("whatsapp:") else ""
        from_ = prefix + bare(_text(raw, "from"))
        media = [_media(item) for item in raw.get("media") or []]
        fields = _fields(raw)
        if len(body) > TEXT_LIMIT:
            raise Invalid(f"the text has {len(body)} characters; the limit is {TEXT_LIMIT}")
        if not body.strip() and not media and not fields:
            raise Invalid("write a text, or attach something")
        if prefix and (name := _text(raw, "profile_name")):
            fields.setdefault("ProfileName", name)
        message = self._exchange.accept_inbound(from_, to, body, media=media, fields=fields)
        asked = self._exchange.faults.take("receive", (from_, to), request.headers.get(HEADER))
        if "no_webhook" in asked:
            self._exchange.settle(message, "skipped")
        elif raw.get("wait") is True:
            await self._webhooks.announce(message)
        else:
            self._webhooks.start(self._webhooks.announce(message))
        return json_response(phone_json(message), 201)

    async def read(self, request: Request) -> Response:
        """`{"sids": […]}`: the customer has these on the screen."""
        raw = await read_json(request)
        sids = raw.get("sids") if isinstance(raw, dict) else None
        if not isinstance(sids, list):
            raise Invalid('write {"sids": ["SM…"]}')
        for sid in sids:
            message = self._exchange.get(str(sid))
            if message is not None and message.direction == "outbound-api":
                self._webhooks.start(self._webhooks.read(message))
        return Response(status_code=204)

    async def events(self, request: Request) -> Response:
        """Server-sent events with the messages of the given customer numbers, as they change.

        A new stream begins with the history, unless `from=now`; one that comes back with
        Last-Event-ID gets what changed meanwhile.
        """
        numbers = frozenset(request.query_params.getlist("number"))
        wrong = [number for number in numbers if not is_address(number)]
        if not numbers or wrong:
            raise Invalid(f"number {wrong[:1] or '(none)'} is no number: write +14155550100")
        epoch, _, last = request.headers.get("last-event-id", "").partition("-")
        since = int(last) if epoch == self._exchange.epoch and last.isdigit() else 0
        if not since and request.query_params.get("from") == "now":
            since = self._exchange.revision
        return StreamingResponse(
            self._stream(numbers, since),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    async def _stream(self, numbers: frozenset[str], since: int) -> AsyncIterator[bytes]:
        ready = orjson.dumps({"epoch": self._exchange.epoch})
        yield b"retry: 1000\nevent: ready\ndata: " + ready + b"\n\n"
        while not self._exchange.closing:
            # Taken before reading, so that no change falls between reading and waiting.
            change = asyncio.ensure_future(self._exchange.changed())
            try:
                for message in self._news(numbers, since):
                    since = message.revision
                    yield self._event(message)
                await asyncio.wait_for(change, HEARTBEAT)
            except TimeoutError:
                yield b": still here\n\n"
            finally:
                change.cancel()

    def _event(self, message: Message) -> bytes:
        body = orjson.dumps(phone_json(message))
        return f"id: {self._exchange.epoch}-{message.revision}\ndata: ".encode() + body + b"\n\n"

    def _news(self, numbers: frozenset[str], since: int) -> list[Message]:
        """What changed after a revision, oldest change first; at most the latest messages."""
        found: list[Message] = []
        for number in numbers:
            for address in {number, bare(number), f"whatsapp:{bare(number)}"}:
                recent = list(zip(self._exchange.between(address), range(HISTORY), strict=False))
                found += [m for m, _ in recent if m.revision > since and involves(m, number)]
        return sorted({m.sid: m for m in found}.values(), key=lambda m: m.revision)


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str):
        raise Invalid(f"{name} is a text, not {value!r}")
    return value if name == "body" else value.strip()


def _fields(raw: dict[str, Any]) -> dict[str, str]:
    fields = raw.get("fields") or {}
    if not isinstance(fields, dict):
        raise Invalid("fields is an object of further webhook fields, such as ButtonText")
    return {str(name): str(value) for name, value in fields.items()}


def _media(raw: object) -> Media:
    """`{"content_type", "url"}`, or `"base64"` in place of `url`."""
    if not isinstance(raw, dict) or not isinstance(raw.get("content_type"), str):
        raise Invalid("an attachment is an object with content_type, and url or base64")
    url, encoded = raw.get("url"), raw.get("base64")
    if isinstance(url, str) and urlsplit(url).scheme in ("http", "https"):
        return Media(new_sid("ME"), raw["content_type"], url=url)
    if not isinstance(encoded, str):
        raise Invalid("an attachment has an http(s) url, or its bytes in base64")
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as wrong:
        raise Invalid(f"an attachment's base64 is broken: {wrong}") from wrong
    return Media(new_sid("ME"), raw["content_type"], content=content)
