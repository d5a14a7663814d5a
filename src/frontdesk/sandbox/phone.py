"""The phone on the screen: its page, the API by which a customer writes, and live events."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.exchange import Exchange, involves
from frontdesk.sandbox.faults import HEADER
from frontdesk.sandbox.filetypes import captioned
from frontdesk.sandbox.model import Media, MediaKind, Message, bare, channel_of
from frontdesk.sandbox.text import is_address
from frontdesk.sandbox.uploads import keep_json, keep_upload, read_form
from frontdesk.sandbox.views import json_response, phone_json, read_json
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
        "img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
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
        await self._exchange.refresh()
        numbers = list(self._exchange.numbers.values())
        shown = [
            {"address": n.address, "name": n.name or bare(n.address), "carrier": n.vendor}
            for n in numbers
        ]
        fallback = {"address": FALLBACK_NUMBER, "name": "Business", "carrier": "twilio"}
        return json_response({"numbers": shown or [fallback]})

    async def write(self, request: Request) -> Response:
        """`{"from", "to", "body"}`; further webhook fields in `fields`; `"wait": true` answers
        after the webhook, with its outcome. Files come as `media` in JSON, or as parts named
        `file` of a multipart form with the same fields."""
        async with _written(request) as (raw, uploads):
            message = await self._accept(raw, uploads)
        await self._deliver(message, request, raw.get("wait") is True)
        return json_response(phone_json(message), 201)

    async def _accept(self, raw: dict[str, Any], uploads: list[UploadFile]) -> Message:
        to, body = _text(raw, "to"), _text(raw, "body")
        if to not in self._exchange.numbers:
            await self._exchange.refresh()
        prefix = "whatsapp:" if to.startswith("whatsapp:") else ""
        from_ = prefix + bare(_text(raw, "from"))
        fields = _fields(raw)
        if len(body) > TEXT_LIMIT:
            raise Invalid(f"the text has {len(body)} characters; the limit is {TEXT_LIMIT}")
        if not (body.strip() or raw.get("media") or uploads or fields):
            raise Invalid("write a text, or attach something")
        if prefix and (name := _text(raw, "profile_name")):
            fields.setdefault("ProfileName", name)
        media: list[Media] = []
        try:
            await self._attach(media, raw, uploads, to)
            if prefix:
                _check_whatsapp(media, body, captioned(self._exchange.vendor_of(to)))
            return self._exchange.accept_inbound(from_, to, body, media=media, fields=fields)
        except BaseException:
            for item in media:
                self._exchange.files.drop(item.sid)
            raise

    async def _attach(
        self, media: list[Media], raw: dict[str, Any], uploads: list[UploadFile], to: str
    ) -> None:
        exchange, channel = self._exchange, channel_of(to)
        for item in raw.get("media") or []:
            media.append(keep_json(exchange.files, item, channel, exchange.new_media_sid(to)))
        for upload in uploads:
            sid = exchange.new_media_sid(to)
            media.append(await keep_upload(exchange.files, upload, channel, raw, sid))

    async def _deliver(self, message: Message, request: Request, wait: bool) -> None:
        numbers = (message.from_, message.to)
        asked = self._exchange.faults.take("receive", numbers, request.headers.get(HEADER))
        if "no_webhook" in asked:
            self._exchange.settle(message, "skipped")
        elif wait:
            await self._webhooks.announce(message)
        else:
            self._webhooks.start(self._webhooks.announce(message))

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


def _check_whatsapp(media: list[Media], body: str, captioned: frozenset[MediaKind]) -> None:
    if len(media) > 1:
        raise Invalid("a WhatsApp message has one file: send each as a message of its own")
    if body.strip() and media and media[0].kind not in captioned:
        raise Invalid(
            f"on WhatsApp {media[0].kind} files have no caption: send the text on its own"
        )


@asynccontextmanager
async def _written(request: Request) -> AsyncGenerator[tuple[dict[str, Any], list[UploadFile]]]:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with read_form(request) as read:
            yield read
        return
    raw = await read_json(request)
    if not isinstance(raw, dict):
        raise Invalid("write a JSON object with from, to and body")
    yield raw, []
