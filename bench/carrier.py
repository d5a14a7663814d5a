"""A carrier that costs next to nothing: it takes messages as Twilio does and notes when they came.

It runs in the measuring process, so that its clock is the load's clock.
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

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, at: float, path: str, form: bytes) -> bytes:
        fields = {name: values[0] for name, values in parse_qs(form.decode()).items()}
        text = fields.get("Body", "")
        if text in self.called:
            self.repeats += 1
        else:
            self.called[text] = at
        return orjson.dumps(_message(path.split("/")[3], fields))


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
            self._answer(b"201 Created", self._carrier.take(at, path.decode(), body[:length]))
        else:
            self._answer(b"200 OK", NOTHING_CAME_IN)

    def _answer(self, status: bytes, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(body), body)
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
