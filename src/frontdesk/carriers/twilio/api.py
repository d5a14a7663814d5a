"""One authenticated call to Twilio's REST API, and what each way of failing means.

https://www.twilio.com/docs/usage/requests-to-twilio
https://www.twilio.com/docs/usage/rate-limiting
"""

import math
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp.abc import AbstractStreamWriter

from frontdesk.carriers.answers import host_of, read, retry_after
from frontdesk.carriers.twilio.errors import ERRORS, Meaning, meaning
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import Channel, Remedy, SendError

API_BASE = "https://api.twilio.com"
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
ANSWER_LIMIT = 4 * 1024 * 1024
"""Bytes. A page of 200 messages has under 1 MB."""


def garbled(text: str, remedy: Remedy = "ask") -> SendError:
    return SendError(remedy, "garbled", text)


class TooLate(Exception):
    """The moment is past until which the body could be written."""


class Form(aiohttp.BytesPayload):
    """A form that is not sent after a moment of `time.monotonic()`.

    aiohttp writes the headers with the body's first bytes, so a form that is too late leaves
    nothing on the wire.
    """

    def __init__(self, form: str, until: float) -> None:
        super().__init__(form.encode(), content_type="application/x-www-form-urlencoded")
        self._until = until

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        if time.monotonic() > self._until:
            raise TooLate
        await super().write_with_length(writer, content_length)


@dataclass(frozen=True, slots=True)
class Api:
    http: aiohttp.ClientSession
    clock: Clock
    timeout: aiohttp.ClientTimeout
    home: str = API_BASE
    """Where the resources are, unless the channel has an address of its own."""

    def base(self, channel: Channel) -> str:
        return (channel.base_url or self.home).rstrip("/")

    async def post(
        self, uri: str, form: str, channel: Channel, *, until: float = math.inf
    ) -> dict[str, Any]:
        """Whatever leaves open whether Twilio acted on it is `ask`.

        `until` is the `time.monotonic()` after which nothing is written any more.
        """
        return await self._call("POST", uri, Form(form, until), channel, unsure="ask")

    async def post_json(self, uri: str, value: object, channel: Channel) -> dict[str, Any]:
        """`post` with JSON, as the newer resources take it."""
        body = aiohttp.BytesPayload(orjson.dumps(value), content_type="application/json")
        return await self._call("POST", uri, body, channel, unsure="ask")

    async def get(self, uri: str, channel: Channel) -> dict[str, Any]:
        """Asking is free to repeat: whatever fails for a moment is `retry`."""
        return await self._call("GET", uri, None, channel, unsure="retry")

    async def delete(self, uri: str, channel: Channel) -> None:
        await self._call("DELETE", uri, None, channel, unsure="retry")

    async def _call(
        self,
        method: str,
        uri: str,
        form: aiohttp.BytesPayload | None,
        channel: Channel,
        *,
        unsure: Remedy,
    ) -> dict[str, Any]:
        if ":" in channel.account:
            raise SendError("stop_channel", "20003", ERRORS["20003"].text)
        headers = {"Authorization": aiohttp.encode_basic_auth(channel.account, channel.secret)}
        try:
            async with self.http.request(
                method,
                self._url(uri, channel),
                data=form,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
            ) as response:
                body = await read(response, ANSWER_LIMIT)
        except Unprocessable as error:
            # The session does not connect to it: a private address that nobody trusts.
            text = f"The channel's API address is not called: {error.detail}"
            raise SendError("stop_channel", "bad-address", text) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            text = f"Twilio could not be reached at {host_of(self.base(channel))}"
            raise SendError("retry", "unreachable", text) from error
        except TimeoutError as error:
            text = f"Twilio did not answer within {self.timeout.total} seconds"
            raise SendError(unsure, "timeout", text) from error
        except (ValueError, aiohttp.NonHttpUrlClientError) as error:
            text = f"The channel's API address is not usable: {host_of(self.base(channel))}"
            raise SendError("stop_channel", "bad-address", text) from error
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, TooLate):
                raise SendError("ask", "late", "The worker was stopped before it sent") from error
            text = f"The connection to Twilio broke ({type(error).__name__})"
            raise SendError(unsure, "disconnected", text) from error
        return self._answer(response, body, unsure)

    def _url(self, uri: str, channel: Channel) -> str:
        """An address that Twilio gave, on the channel's own host: nothing else gets the token."""
        base = self.base(channel)
        if uri.startswith("/"):
            return base + uri
        if uri.startswith(base + "/"):
            return uri
        raise garbled(f"Twilio's answer leads to another server: {uri[:200]!r}", remedy="retry")

    def _answer(
        self, response: aiohttp.ClientResponse, body: bytes | None, unsure: Remedy
    ) -> dict[str, Any]:
        status = response.status
        if status == 204:
            return {}
        value = _object(body)
        if 200 <= status < 300:
            if value is None:
                raise garbled("Twilio's answer could not be read", remedy=unsure)
            return value
        code = str((value or {}).get("code") or f"http-{status}")[:64]
        said = str((value or {}).get("message") or "")[:500]
        wait = retry_after(response.headers.get("Retry-After"), self.clock())
        remedy, text = _judge(status, code, said, unsure)
        raise SendError(remedy, code, text, retry_after=wait)


def _judge(status: int, code: str, said: str, unsure: Remedy) -> Meaning:
    """The table knows Twilio's codes; without one the HTTP status decides."""
    if status >= 500:
        return Meaning(unsure, f"Twilio has a fault of its own (HTTP {status})")
    if status == 429:
        return Meaning("wait", ERRORS["20429"].text)
    if code in ERRORS:
        return ERRORS[code]
    if status in (401, 403):
        return ERRORS["20003"]
    if status == 404:
        return ERRORS["20404"]
    if status == 408:
        return Meaning(unsure, "Twilio did not get the whole request in time")
    if 300 <= status < 400:
        text = "The channel's API address redirects elsewhere, where no credentials are sent"
        return Meaning("stop_channel", text)
    return meaning(code, said)


def _object(body: bytes | None) -> dict[str, Any] | None:
    try:
        value: object = orjson.loads(body or b"")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
