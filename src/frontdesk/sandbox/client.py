"""A customer without a screen: writes one message to a running sandbox and hears the replies."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from frontdesk.kernel.errors import Invalid, NotFound, Unavailable
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


async def converse(
    base_url: str,
    from_: str,
    text: str,
    *,
    to: str | None = None,
    channel: Channel = "whatsapp",
    profile_name: str = "",
    patience: float = PATIENCE,
    quiet: float = QUIET,
) -> AsyncGenerator[Reply, None]:
    """Yields each reply once it is delivered or has failed; ends when `quiet` seconds pass after
    one, or `patience` seconds without any. `base_url` is the sandbox's, mount prefix included."""
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
                sid = await _write(http, base, number, business, text, profile_name)
                async with aclosing(_events(stream.content, patience, quiet)) as events:
                    async for event in events:
                        if event["sid"] == sid:
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


async def _write(
    http: aiohttp.ClientSession, base: str, from_: str, to: str, text: str, profile_name: str
) -> str:
    body = {"from": from_, "to": to, "body": text, "profile_name": profile_name}
    async with http.post(f"{base}/phone/messages", json=body) as answer:
        return str((await _checked(answer))["sid"])


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
