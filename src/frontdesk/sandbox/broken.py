"""Answers that break the connection or the protocol, as carriers on a bad day do."""

import asyncio
import socket
import struct
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from frontdesk.kernel.errors import FrontdeskError


def _transport(receive: Receive) -> asyncio.WriteTransport | None:
    """The server's transport, which uvicorn's `receive` leads to; None under another server, or
    behind a middleware that wraps `receive`."""
    return getattr(getattr(receive, "__self__", None), "transport", None)


async def _ended(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class ConnectionReset(Response):
    """No answer at all: the peer gets a TCP reset.

    Without the server's transport it is an answer cut off after its headers instead.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = _transport(receive)
        if transport is not None:
            # Lingering for zero seconds makes the kernel send RST where it would send FIN.
            end: socket.socket | None = transport.get_extra_info("socket")
            # Whoever called may have hung up first.
            with suppress(OSError):
                if end is not None:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
            await _ended(receive)
            return
        headers = [(b"content-length", b"1024"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class Misstated(Response):
    """A body with another Content-Length than its own, then the end of the connection.

    A server would refuse to send it, so it is written past the server.
    """

    def __init__(self, content: bytes, content_type: str, length: int) -> None:
        super().__init__(content, media_type=content_type)
        self._length = length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = _transport(receive)
        if transport is None:
            raise FrontdeskError("this fault needs uvicorn, with nothing around `receive`")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {self.media_type}\r\n"
        transport.write(f"{head}Content-Length: {self._length}\r\n\r\n".encode("latin-1"))
        transport.write(bytes(self.body))
        transport.close()
        await _ended(receive)


async def linger(request: Request, seconds: float) -> None:
    """Waits, but not for a client that has hung up."""
    try:
        async with asyncio.timeout(seconds):
            await _ended(request.receive)
    except TimeoutError:
        return
