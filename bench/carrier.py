"""A carrier that costs next to nothing: it takes messages as Twilio does and notes when they came.

What customers sent as files it gives to those who have the account's credentials. It runs in the
measuring process, so that its clock is the load's clock.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import cast
from urllib.parse import parse_qs
from uuid import uuid4

import orjson

NOTHING_CAME_IN = orjson.dumps({"messages": [], "next_page_uri": None, "page": 0, "page_size": 50})


@dataclass
class Carrier:
    """`called` has the moment (`perf_counter`) of the first call for each text."""

    port: int = 0
    called: dict[str, float] = field(default_factory=dict[str, float])
    repeats: int = 0
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, tuple[str, bytes]])
    """The content types and the bytes of customers' files, by path."""
    credentials: bytes = b""
    """The Authorization that a file is given for, in base64."""
    fetched: dict[str, float] = field(default_factory=dict[str, float])
    """The moment (`perf_counter`) at which each file was asked for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, at: float, path: str, form: bytes) -> bytes:
        fields = {name: values[0] for name, values in parse_qs(form.decode()).items()}
        # Made from a template, it has what the template is filled with in place of a text.
        text = fields.get("Body") or fields.get("ContentVariables", "")
        if text in self.called:
            self.repeats += 1
        else:
            self.called[text] = at
        return orjson.dumps(_message(path.split("/")[3], fields))

    def give(self, at: float, path: str, head: bytes) -> tuple[bytes, str, bytes]:
        """Status, content type and bytes of a file; without one, that nothing was received."""
        if path not in self.files:
            return b"200 OK", "application/json", NOTHING_CAME_IN
        self.fetched[path] = at
        if b"Basic " + self.credentials not in head:
            return b"401 Unauthorized", "application/json", b"{}"
        return b"200 OK", *self.files[path]


def _message(account: str, fields: dict[str, str]) -> dict[str, object]:
    """https://www.twilio.com/docs/messaging/api/message-resource"""
    sid, now = f"SM{uuid4().hex}", formatdate()
    uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": fields.get("Body", ""),
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": fields.get("From"),
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": fields.get("To"),
        "uri": f"{uri}.json",
    }


class _Line(asyncio.Protocol):
    """One connection of the worker's."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        place = head.lower().find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(body) < length:
            return
        self._buffer = body[length:]
        method, path, _ = head.split(b" ", 2)
        if method == b"POST":
            taken = self._carrier.take(at, path.decode(), body[:length])
            self._answer(b"201 Created", "application/json", taken)
        else:
            self._answer(*self._carrier.give(at, path.decode(), head))

    def _answer(self, status: bytes, content_type: str, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b"
            % (status, content_type.encode(), len(body), body)
        )


@asynccontextmanager
async def carrying() -> AsyncGenerator[Carrier]:
    carrier = Carrier()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Line(carrier), "127.0.0.1", 0)
    carrier.port = server.sockets[0].getsockname()[1]
    try:
        yield carrier
    finally:
        server.close()
