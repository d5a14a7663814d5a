"""A load of signed Twilio webhooks over keep-alive connections, made beforehand and sent raw.

The client shares the machine with what it measures, so it does as little as it can.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from hmac import digest
from typing import cast
from urllib.parse import urlencode
from uuid import uuid4


@dataclass(frozen=True)
class Result:
    """`latencies` are seconds, one per request that was answered 200."""

    seconds: float
    latencies: list[float]
    refused: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def webhook(url: str, token: str, account: str, sender: str, to: str, text: str) -> bytes:
    """One signed request, whole, as bytes."""
    sid = f"SM{uuid4().hex}"
    fields = {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Ana Silva",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": sender.removeprefix("+"),
        "SmsStatus": "received",
        "Body": text,
        "To": f"whatsapp:{to}",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": account,
        "From": f"whatsapp:{sender}",
        "ApiVersion": "2010-04-01",
    }
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    signature = b64encode(digest(token.encode(), signed.encode(), sha1)).decode()
    body = urlencode(fields).encode()
    host, _, path = url.removeprefix("http://").partition("/")
    head = (
        f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """Sends its requests one after the other."""

    def __init__(self, requests: Sequence[bytes], done: asyncio.Future[None]) -> None:
        self.requests = iter(requests)
        self.done = done
        self.latencies: list[float] = []
        self.refused = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self.buffer = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.latencies.append(time.perf_counter() - self.began)
        else:
            self.refused += 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.done.set_result(None)
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)


async def run(host: str, port: int, requests: Sequence[bytes], connections: int) -> Result:
    """Sends all requests over so many connections at once."""
    loop = asyncio.get_running_loop()
    shares = [requests[number::connections] for number in range(connections)]
    protocols: list[Connection] = []
    waits: list[asyncio.Future[None]] = []
    began = time.perf_counter()
    for share in shares:
        done: asyncio.Future[None] = loop.create_future()
        _, protocol = await loop.create_connection(
            lambda share=share, done=done: Connection(share, done), host, port
        )
        protocols.append(protocol)
        waits.append(done)
    await asyncio.gather(*waits)
    return Result(
        time.perf_counter() - began,
        [latency for protocol in protocols for latency in protocol.latencies],
        sum(protocol.refused for protocol in protocols),
    )
