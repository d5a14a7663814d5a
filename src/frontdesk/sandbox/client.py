"""A customer without a screen: writes one message to a running sandbox and hears the replies."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from frontdesk.kernel.errors import Invalid, NotFound, Unavailable
from frontdesk.sandbox.filetypes import CAPTIONED, UPLOAD_LIMIT, guessed, kind_of
from frontdesk.sandbox.model import Channel, bare, channel_of

QUIET = 1.5
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` is the carrier's; `error` says why a failed reply did not arrive."""

    sid: str
    body: str
    status: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Location:
    latitude: float
    longitude: float
    label: str = ""

    def fields(self) -> dict[str, str]:
        """As Twilio's webhook has them."""
        place = {"Latitude": str(self.latitude), "Longitude": str(self.longitude)}
        return {**place, "Label": self.label} if self.label else place


def parse_location(text: str) -> Location:
    """`LATITUDE,LONGITUDE[,LABEL]`"""
    latitude, _, rest = text.partition(",")
    longitude, _, label = rest.partition(",")
    try:
        place = Location(float(latitude), float(longitude), label.strip())
    except ValueError:
        place = None
    if place is None or not (abs(place.latitude) <= 90 and abs(place.longitude) <= 180):
        raise Invalid(
            f"location {text!r} is LATITUDE,LONGITUDE[,LABEL] in degrees: 52.52,13.405,Berlin"
        )
    return place


@dataclass(frozen=True, slots=True)
class _Part:
    """One message to send."""

    text: str
    files: tuple[Path, ...] = ()
    fields: dict[str, str] = field(default_factory=dict[str, str])


async def converse(
    base_url: str,
    from_: str,
    text: str = "",
    *,
    to: str | None = None,
    channel: Channel = "whatsapp",
    profile_name: str = "",
    media: Sequence[Path] = (),
    location: Location | None = None,
    patience: float = PATIENCE,
    quiet: float = QUIET,
) -> AsyncGenerator[Reply, None]:
    """Yields each reply once it is delivered or has failed; ends when `quiet` seconds pass after
    one, or `patience` seconds without any. `base_url` is the sandbox's, mount prefix included.
    Files and a place go as messages of their own where the channel has it so."""
    for path in media:
        _check_file(path)
    base = base_url.rstrip("/")
    # One connection is the live stream; the total time is the caller's business.
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, connect=5)) as http:
        try:
            business = to or await _business(http, base, channel)
            number = bare(from_)
            params = {"number": number, "from": "now"}
            async with http.get(f"{base}/phone/events", params=params) as stream:
                await _checked(stream)
                # The message goes out once the stream listens, so that no reply is missed.
                await anext(aiter(stream.content))
                form = {"from": number, "to": business, "profile_name": profile_name}
                sids = await _write_all(http, base, form, _parts(business, text, media, location))
                async with aclosing(_events(stream.content, patience, quiet)) as events:
                    async for event in events:
                        if event["sid"] in sids:
                            _check_webhook(event)
                        elif event["business"] == business:
                            yield Reply(
                                event["sid"], event["body"], event["status"], event["error_message"]
                            )
        except aiohttp.ClientConnectionError as wrong:
            raise Unavailable(
                f"no sandbox at {base}: {wrong}; run `frontdesk up` or `frontdesk sandbox`"
            ) from wrong


async def _business(http: aiohttp.ClientSession, base: str, channel: Channel) -> str:
    async with http.get(f"{base}/phone/config") as answer:
        numbers = [n["address"] for n in (await _checked(answer))["numbers"]]
    for address in numbers:
        if channel_of(address) == channel:
            return str(address)
    raise NotFound(f"the sandbox at {base} has no {channel} number; it has {numbers}")


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise Invalid(f"{path} is no file: name one that exists")
    size = path.stat().st_size
    if not 0 < size <= UPLOAD_LIMIT:
        raise Invalid(f"{path} has {size} bytes: a file has 1 to {UPLOAD_LIMIT}")


def _parts(
    business: str, text: str, media: Sequence[Path], location: Location | None
) -> list[_Part]:
    """One message for each file on WhatsApp, the text with the first that can carry it."""
    channel = channel_of(business)
    parts: list[_Part] = []
    if channel == "sms" and media:
        parts.append(_Part(text, tuple(media)))
        text = ""
    for path in media if channel == "whatsapp" else ():
        captioned = kind_of(guessed(path.name), channel) in (*CAPTIONED, "sticker")
        parts.append(_Part(text if captioned else "", (path,)))
        text = "" if captioned else text
    if location is not None:
        parts.append(_Part("", fields=location.fields()))
    if text or not parts:
        parts.append(_Part(text))
    return parts


async def _write_all(
    http: aiohttp.ClientSession, base: str, form: dict[str, str], parts: list[_Part]
) -> set[str]:
    sids: set[str] = set()
    for part in parts:
        plain = {**form, "body": part.text, "fields": part.fields}
        with ExitStack() as opened:
            data = _form(form, part, opened) if part.files else aiohttp.JsonPayload(plain)
            async with http.post(f"{base}/phone/messages", data=data) as answer:
                sids.add(str((await _checked(answer))["sid"]))
    return sids


def _form(form: dict[str, str], part: _Part, opened: ExitStack) -> aiohttp.FormData:
    body = aiohttp.FormData()
    for name, value in {**form, "body": part.text}.items():
        body.add_field(name, value)
    for path in part.files:
        file = opened.enter_context(path.open("rb"))
        body.add_field("file", file, filename=path.name, content_type=guessed(path.name))
    return body


async def _checked(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """The JSON answer; a stream has none to read yet."""
    if answer.status < 400:
        is_json = answer.content_type == "application/json"
        return await answer.json() if is_json else {}
    try:
        detail = str(orjson.loads(await answer.read())["detail"])
    except (ValueError, KeyError, TypeError):
        raise Unavailable(f"the sandbox answered {answer.status} to {answer.url}") from None
    raise Invalid(detail)


def _check_webhook(event: dict[str, Any]) -> None:
    if event["webhook"] in ("refused", "unreachable"):
        raise Unavailable(f"the message was not taken in: {event['webhook_error']}")


async def _events(
    content: aiohttp.StreamReader, patience: float, quiet: float
) -> AsyncGenerator[dict[str, Any], None]:
    """Own messages as they change, and each reply once, when its fate is known."""
    heard: set[str] = set()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    lines: AsyncIterator[bytes] = aiter(content)
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                line = await anext(lines)
        except (TimeoutError, StopAsyncIteration):
            return
        if not line.startswith(b"data: {") or b'"sid"' not in line:
            continue
        event = orjson.loads(line.removeprefix(b"data: "))
        known = event["status"] in ("delivered", "read", "failed", "undelivered")
        if event["direction"] == "in":
            yield event
        elif known and event["sid"] not in heard:
            heard.add(event["sid"])
            yield event
            deadline = loop.time() + quiet
