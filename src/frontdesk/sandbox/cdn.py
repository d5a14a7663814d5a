"""Where the bytes of attachments are: addresses with a random name that take no credentials.

Twilio's media resource answers with a redirect to such an address on another host. Whoever sends
the account's credentials on to it leaks them; `GET /cdn` tells who did.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import NotFound
from frontdesk.sandbox.broken import Misstated, linger
from frontdesk.sandbox.exchange import Exchange
from frontdesk.sandbox.faults import HEADER, Asked
from frontdesk.sandbox.filetypes import essence
from frontdesk.sandbox.model import API_VERSION, Media, Message
from frontdesk.sandbox.views import json_response

KEPT = 1000
PIECE = 64 * 1024
DRIPS = 32
SHOWN_AS_IT_IS = ("image/jpeg", "image/png", "image/gif", "image/webp", "audio/", "video/")
"""A browser saves any other file: a page in it must not run as one of this host."""


class Cdn:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._tokens: dict[str, str] = {}
        self._places: dict[str, tuple[str, str]] = {}
        self._asked: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/cdn", self.requests, methods=["GET"]),
            Route("/cdn/{token}", self.content, methods=["GET"]),
            Route("/phone/media/{sid}/{media_sid}", self.shown, methods=["GET"]),
        ]

    def redirect(self, request: Request, message: Message, item: Media, asked: Asked) -> Response:
        """The answer of the API's media resource."""
        if "media_status" in asked:
            return Response("", asked["media_status"].status)
        if "media_redirect" in asked:
            return RedirectResponse(asked["media_redirect"].url or "", status_code=307)
        if item.size is None:
            return RedirectResponse(item.url or "", status_code=307)
        if item.sid not in self._tokens:
            self._tokens[item.sid] = token = secrets.token_urlsafe(24)
            self._places[token] = (message.sid, item.sid)
        # With the host and the mount prefix that the client reached this app by.
        prefix = request.url.path.partition(f"/{API_VERSION}/")[0]
        origin = f"{request.url.scheme}://{request.url.netloc}"
        address = f"{origin}{prefix}/cdn/{self._tokens[item.sid]}"
        return RedirectResponse(address, status_code=307)

    async def requests(self, request: Request) -> Response:
        """Who asked for bytes, and whether with credentials, in order."""
        return json_response({"requests": list(self._asked)})

    async def content(self, request: Request) -> Response:
        sids = self._places.get(request.path_params["token"])
        if sids is None:
            raise NotFound("there is no such file")
        message, item = self._find(*sids)
        return await self.serve(request, item, message)

    async def serve(self, request: Request, item: Media, message: Message | None) -> Response:
        """The bytes, with the faults that they may meet."""
        self._asked.append(
            {
                "method": request.method,
                "message_sid": None if message is None else message.sid,
                "media_sid": item.sid,
                "credentials": "authorization" in request.headers or "cookie" in request.headers,
                "range": request.headers.get("range"),
                "at": iso(self._exchange.clock()),
            }
        )
        numbers = () if message is None else (message.to, message.from_)
        asked = self._exchange.faults.take("cdn", numbers, request.headers.get(HEADER))
        for kind, answer in self._faulty().items():
            if kind in asked:
                return await answer(request, item, asked)
        return self._whole(item)

    async def shown(self, request: Request) -> Response:
        """The bytes for the phone's page and for tests. No faults and no credentials."""
        _, item = self._find(request.path_params["sid"], request.path_params["media_sid"])
        answer = self._whole(item)
        answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return answer

    def _find(self, sid: str, media_sid: str) -> tuple[Message, Media]:
        message = self._exchange.get(sid)
        for item in message.media if message is not None else ():
            if item.sid == media_sid and item.size is not None and message is not None:
                return message, item
        raise NotFound(f"no file {media_sid} of message {sid} is kept here")

    def _whole(self, item: Media, content_type: str | None = None) -> Response:
        path = self._exchange.files.path(item.sid)
        if not path.is_file():
            raise NotFound(f"the file of {item.sid} is gone from the disk")
        inline = item.content_type.startswith(SHOWN_AS_IT_IS)
        return FileResponse(
            path,
            # A charset would be added to texts: the type is what it came with.
            headers={
                "Content-Type": content_type or item.content_type,
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
            filename=item.filename or item.sid,
            content_disposition_type="inline" if inline else "attachment",
        )

    # What goes wrong

    def _faulty(self) -> dict[str, Callable[[Request, Media, Asked], Awaitable[Response]]]:
        return {
            "media_status": self._status,
            "media_slow": self._slow,
            "media_drip": self._drip,
            "media_type": self._type,
            "media_longer": self._longer,
            "media_shorter": self._shorter,
            "media_broken": self._broken,
            "media_endless": self._endless,
        }

    async def _status(self, request: Request, item: Media, asked: Asked) -> Response:
        return Response("", asked["media_status"].status)

    async def _slow(self, request: Request, item: Media, asked: Asked) -> Response:
        await linger(request, asked["media_slow"].seconds)
        return self._whole(item)

    async def _type(self, request: Request, item: Media, asked: Asked) -> Response:
        return self._whole(item, asked["media_type"].content_type)

    def _bytes(self, item: Media) -> bytes:
        return self._exchange.files.path(item.sid).read_bytes()

    async def _longer(self, request: Request, item: Media, asked: Asked) -> Response:
        content = self._bytes(item)
        return Misstated(content, essence(item.content_type), len(content) + 1000)

    async def _shorter(self, request: Request, item: Media, asked: Asked) -> Response:
        content = self._bytes(item)
        return Misstated(content, essence(item.content_type), len(content) // 2)

    async def _broken(self, request: Request, item: Media, asked: Asked) -> Response:
        content = self._bytes(item)
        return Misstated(content[: len(content) // 2], essence(item.content_type), len(content))

    async def _drip(self, request: Request, item: Media, asked: Asked) -> Response:
        content, seconds = self._bytes(item), asked["media_drip"].seconds
        step = max(1, -(-len(content) // DRIPS))

        async def drops() -> AsyncIterator[bytes]:
            for start in range(0, len(content), step):
                await asyncio.sleep(seconds / DRIPS)
                yield content[start : start + step]

        headers = {"Content-Length": str(len(content))}
        return StreamingResponse(drops(), headers=headers, media_type=item.content_type)

    async def _endless(self, request: Request, item: Media, asked: Asked) -> Response:
        async def forever() -> AsyncIterator[bytes]:
            yield self._bytes(item)
            while not await request.is_disconnected():
                yield bytes(PIECE)

        return StreamingResponse(forever(), media_type=item.content_type)
