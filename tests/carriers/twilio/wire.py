"""Twilio's side of one HTTP connection, byte for byte, for answers that a sandbox never gives."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson

from frontdesk.ports import Channel, ChannelKind

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "token-of-the-account"
BUSINESS = "+14155238886"
CUSTOMER = "+14155550101"


def channel(base_url: str = "", kind: ChannelKind = "wmsg", secret: str = TOKEN) -> Channel:
    return Channel(
        UUID(int=1), UUID(int=2), kind, "twilio", BUSINESS, ACCOUNT, secret, base_url, rate=80
    )


@dataclass(frozen=True)
class Call:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)


def answer(status: int, value: object, **headers: str) -> bytes:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def message(**fields: Any) -> dict[str, Any]:
    """A message resource as Twilio lists it."""
    return {
        "sid": "SM" + "1" * 32,
        "account_sid": ACCOUNT,
        "body": "Your table is ready",
        "direction": "outbound-api",
        "status": "queued",
        "from": f"whatsapp:{BUSINESS}",
        "to": f"whatsapp:{CUSTOMER}",
        "num_media": "0",
        "error_code": None,
        "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        "date_sent": None,
    } | fields


def page(*messages: object, next_page_uri: object = None) -> bytes:
    return answer(200, {"messages": messages, "next_page_uri": next_page_uri})


@dataclass
class Wire:
    """Gives the queued answers, one a connection; an empty one closes it without a word."""

    url: str = ""
    answers: deque[bytes | None] = field(default_factory=deque[bytes | None])
    """None: takes the request and never answers."""
    calls: list[Call] = field(default_factory=list[Call])
    broken_off: list[bytes] = field(default_factory=list[bytes])
    """What came of requests that ended before their headers did."""
    stalls: bool = False
    """Leaves a connection open after what was queued for it."""
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError as error:
            self.broken_off.append(error.partial)
            writer.close()
            return
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.calls.append(Call(method, target, headers, body))
        given = self.answers.popleft()
        if given is not None:
            writer.write(given)
        if given is None or self.stalls:
            await self.hold.wait()
        writer.close()


@asynccontextmanager
async def listening() -> AsyncGenerator[Wire]:
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    wire.url = f"http://{host}:{port}"
    try:
        yield wire
    finally:
        wire.hold.set()
        server.close()
        await server.wait_closed()
