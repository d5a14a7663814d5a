"""The carriers' door: a plain ASGI application, because this is the busiest route there is.

Parse → find the channel → verify → hand to the ingestor → answer. Nothing is stored of a request
that does not verify.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from frontdesk.channels.service import ChannelService
from frontdesk.conversations.model import Arrival, Report
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import FrontdeskError, NotFound, TooLarge
from frontdesk.pipeline.ingest import Ingestor, arrival, report
from frontdesk.ports import Carrier, Channel, ChannelKind, Event, Inbound, Refused, WebhookRequest
from frontdesk.web import metrics
from frontdesk.web.failures import DATABASE_AWAY, RETRY_AFTER_DATABASE
from frontdesk.web.local import FORWARDED, is_loopback

log = structlog.get_logger()

MOST_BYTES = 1_048_576
MOST_STRANGERS = 20
"""Look-ups of channels for one request of which nothing has verified yet."""

Headers = list[tuple[bytes, bytes]]


class Disconnected(Exception):
    """The carrier hung up before its request was whole."""


@dataclass(frozen=True)
class Door:
    """One route: which carrier calls it, about which kind of channel."""

    carrier: str
    kind: ChannelKind
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True)
class Webhooks:
    """`doors` maps paths to what comes through them; every other path is `inner`'s."""

    doors: Mapping[str, Door]
    carriers: Mapping[str, Carrier]
    channels: ChannelService
    ingestor: Ingestor
    public_url: str
    allow_unsigned: bool
    inner: Any
    clock: Clock = field(default=utc_now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self.doors.get(scope["path"]) if scope["type"] == "http" else None
        if door is None:
            await self.inner(scope, receive, send)
            return
        if scope["method"] != "POST":
            await self._greet(door, scope, send)
            return
        carrier = self.carriers[door.carrier]
        try:
            headers = _headers(scope)
            body = await _body(receive, headers.get("content-length", ""), door.most_bytes)
            await self._take_in(door, carrier, self._request(scope, headers, body), scope)
        except Disconnected:
            return
        except (Refused, FrontdeskError) as error:
            metrics.webhooks.labels(door.carrier, str(error.status)).inc()
            log.info("webhook refused", path=scope["path"], status=error.status, why=error.detail)
            retry_after = getattr(error, "retry_after", None)
            await _refuse(send, error.status, error.detail, retry_after)
        except DATABASE_AWAY as error:
            metrics.webhooks.labels(door.carrier, "503").inc()
            log.warning("webhook refused", path=scope["path"], status=503, why=repr(error)[:300])
            await _refuse(send, 503, "the database cannot be reached", RETRY_AFTER_DATABASE)
        else:
            metrics.webhooks.labels(door.carrier, "200").inc()
            await _answer(send, 200, *carrier.acknowledgement)

    async def _greet(self, door: Door, scope: Scope, send: Send) -> None:
        """What is no POST: a carrier may ask whether this address is ours before it calls it."""
        method, carrier = scope["method"], self.carriers[door.carrier]
        try:
            asked = None
            if method == "GET":
                asked = carrier.challenge(self._request(scope, _headers(scope), b""))
            if asked is None:
                body = orjson.dumps({"detail": f"{method} is not allowed here; use POST"})
                await _answer(send, 405, "application/json", body, [(b"allow", b"POST")])
                return
            if not await self.channels.knows_verify_token(carrier.name, asked.token):
                raise Refused(403, f"no channel of {carrier.name} has this verify token")
        except (Refused, FrontdeskError) as error:
            log.info("challenge refused", path=scope["path"], status=error.status, why=error.detail)
            await _refuse(send, error.status, error.detail, None)
        except DATABASE_AWAY:
            await _refuse(send, 503, "the database cannot be reached", RETRY_AFTER_DATABASE)
        else:
            nosniff = (b"x-content-type-options", b"nosniff")
            await _answer(send, 200, "text/plain; charset=utf-8", asked.answer, [nosniff])

    def _request(self, scope: Scope, headers: dict[str, str], body: bytes) -> WebhookRequest:
        query = scope["query_string"].decode("latin-1")
        target = (
            (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        )
        if query:
            target += f"?{query}"
        seen = f"{scope['scheme']}://{headers.get('host', '')}{target}"
        public = self.public_url + target
        return WebhookRequest(
            method=scope["method"],
            urls=(public,) if public == seen else (public, seen),
            headers=headers,
            body=body,
        )

    async def _take_in(
        self, door: Door, carrier: Carrier, request: WebhookRequest, scope: Scope
    ) -> None:
        now = self.clock()
        try:
            events = carrier.parse(door.kind, request)
        except (ValueError, TypeError, RecursionError) as error:
            # TypeError: orjson reads deeper JSON than it writes.
            raise Refused(400, f"the request cannot be read: {error}") from error
        trusted = self.allow_unsigned and _is_local_and_unsigned(request, scope)
        arrivals: list[Arrival] = []
        reports: list[Report] = []
        failure: Refused | FrontdeskError | None = None
        if len(events) == 1:
            channels = [await self._channel(events[0], carrier, request, verify=not trusted)]
        else:
            channels, failure = await self._channels(events, carrier, request, verify=not trusted)
        for event, channel in zip(events, channels, strict=True):
            if channel is None:
                continue
            if isinstance(event, Inbound):
                capabilities = carrier.capabilities[event.channel_kind]
                kept = event.receipt or request.body
                arrivals.append(arrival(event, channel, capabilities, kept, now))
                metrics.messages_in.labels(event.channel_kind).inc()
            else:
                reports.append(report(event, channel, now))
        await self.ingestor.submit(arrivals, reports)
        if failure is not None:
            raise failure

    async def _channels(
        self, events: Sequence[Event], carrier: Carrier, request: WebhookRequest, *, verify: bool
    ) -> tuple[list[Channel | None], Refused | FrontdeskError | None]:
        """The channel of each event, each asked for and verified once; None: it is left out.

        With it what the request is answered with in spite of those that are taken in: a passing
        fault, after which the carrier repeats it all. Raises when there is nothing to take in.
        """
        known: dict[tuple[str, str], Channel | Refused | FrontdeskError] = {}
        keys = [
            (each.channel_kind, each.carrier_address or each.channel_address) for each in events
        ]
        verified = False
        for key, event in zip(keys, events, strict=True):
            if key in known:
                continue
            if not verified and len(known) >= MOST_STRANGERS:
                known[key] = NotFound(f"over {MOST_STRANGERS} unknown channels in one request")
                continue
            try:
                known[key] = await self._channel(event, carrier, request, verify=verify)
                verified = True
            except (Refused, FrontdeskError) as error:
                known[key] = error
        errors = [each for each in known.values() if isinstance(each, Exception)]
        passing = next((each for each in errors if each.status >= 500), None)
        if errors and len(errors) == len(known):
            raise passing or next((each for each in errors if each.status == 403), errors[0])
        for each in errors:
            metrics.webhooks.labels(carrier.name, str(each.status)).inc()
            log.warning("part of a webhook left out", status=each.status, why=each.detail)
        found = (known[key] for key in keys)
        return [None if isinstance(each, Exception) else each for each in found], passing

    async def _channel(
        self, event: Event, carrier: Carrier, request: WebhookRequest, *, verify: bool
    ) -> Channel:
        address, by_carrier = event.channel_address, False
        if event.carrier_address:
            address, by_carrier = event.carrier_address, True
        channel = await self.channels.find(event.channel_kind, address, by_carrier=by_carrier)
        if channel.carrier != carrier.name:
            raise NotFound(f"{address} is not a channel of {carrier.name}")
        if verify:
            try:
                carrier.verify(request, channel)
            except Refused:
                # The token may have changed since the channel was cached.
                channel = await self.channels.find(
                    event.channel_kind, address, by_carrier=by_carrier, fresh=True
                )
                try:
                    carrier.verify(request, channel)
                except Refused as error:
                    self.channels.webhook_refused(channel, self.clock(), error.detail)
                    raise
            self.channels.webhook_signed(channel, self.clock())
        return channel


def _is_local_and_unsigned(request: WebhookRequest, scope: Scope) -> bool:
    """Whether a request comes from this machine itself: no proxy on it, no page in a browser."""
    if any(name in request.headers for name in ("x-twilio-signature", "x-hub-signature-256")):
        return False
    if any(name in request.headers for name in (*FORWARDED, "origin")):
        return False
    return is_loopback(scope)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive, length: str, most: int) -> bytes:
    if length.isdigit() and int(length) > most:
        raise TooLarge(f"the body has {length} bytes; at most {most} are read")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge(f"the body is over {most} bytes")
        if not message.get("more_body"):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


async def _refuse(send: Send, status: int, detail: str, retry_after: float | None) -> None:
    body = orjson.dumps({"detail": detail.encode("utf-8", "replace").decode()})
    extra: Headers = []
    if retry_after is not None:
        extra.append((b"retry-after", str(max(1, round(retry_after))).encode()))
    await _answer(send, status, "application/json", body, extra)


async def _answer(
    send: Send, status: int, content_type: str, body: bytes, extra: Headers | None = None
) -> None:
    headers: Headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *(extra or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
