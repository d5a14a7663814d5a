"""One authenticated call to Meta's Graph API, and what each way of failing means.

https://developers.facebook.com/docs/graph-api/overview
https://developers.facebook.com/docs/graph-api/guides/error-handling

Refused  →  400  {"error": {"message": "(#131030) Recipient …", "type": "OAuthException",
    "code": 131030, "error_data": {"messaging_product": "whatsapp", "details": "…"},
    "error_subcode": 2655007, "fbtrace_id": "…"}}
"""

import math
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import aiohttp
import orjson
from aiohttp.abc import AbstractStreamWriter

from frontdesk.carriers.answers import host_of, read, retry_after
from frontdesk.carriers.meta.errors import ERRORS, PAIR_SECONDS, Meaning, meaning
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import Channel, Remedy, SendError

GRAPH_BASE = "https://graph.facebook.com"
VERSION = "v23.0"
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
ANSWER_LIMIT = 4 * 1024 * 1024
"""Bytes. A page of 100 templates has under 1 MB."""
NOT_THERE = 33
"""The subcode of 100 for what does not exist, or is not this token's to see."""


def garbled(text: str, remedy: Remedy = "ask") -> SendError:
    return SendError(remedy, "garbled", text)


class TooLate(Exception):
    """The moment is past until which the body could be written."""


class Json(aiohttp.BytesPayload):
    """A body that is not sent after a moment of `time.monotonic()`.

    aiohttp writes the headers with the body's first bytes, so one that is too late leaves nothing
    on the wire.
    """

    def __init__(self, value: object, until: float) -> None:
        super().__init__(orjson.dumps(value), content_type="application/json")
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

    def base(self, channel: Channel) -> str:
        return (channel.base_url or GRAPH_BASE).rstrip("/")

    def own(self, id_there: str) -> str:
        """An id of the channel's as part of a path. Raises SendError when it has none."""
        if not id_there:
            raise SendError(
                "stop_channel", "no-id", "The channel lacks an id of Meta's. Fill it in"
            )
        return quote(id_there, safe="")

    async def post(
        self, path: str, value: object, channel: Channel, *, until: float = math.inf
    ) -> dict[str, Any]:
        """Whatever leaves open whether Meta acted on it is `ask`.

        `until` is the `time.monotonic()` after which nothing is written any more.
        """
        return await self._call("POST", path, Json(value, until), channel, unsure="ask")

    async def get(self, path: str, channel: Channel) -> dict[str, Any]:
        """Asking is free to repeat: whatever fails for a moment is `retry`."""
        return await self._call("GET", path, None, channel, unsure="retry")

    async def delete(self, path: str, channel: Channel) -> None:
        await self._call("DELETE", path, None, channel, unsure="retry")

    async def _call(
        self, method: str, path: str, body: Json | None, channel: Channel, *, unsure: Remedy
    ) -> dict[str, Any]:
        headers = self.authorization(channel)
        try:
            async with self.http.request(
                method,
                f"{self.base(channel)}/{VERSION}{path}",
                data=body,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
            ) as response:
                answer = await read(response, ANSWER_LIMIT)
        except Unprocessable as error:
            # The session does not connect to it: a private address that nobody trusts.
            text = f"The channel's API address is not called: {error.detail}"
            raise SendError("stop_channel", "bad-address", text) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            text = f"Meta could not be reached at {host_of(self.base(channel))}"
            raise SendError("retry", "unreachable", text) from error
        except TimeoutError as error:
            text = f"Meta did not answer within {self.timeout.total} seconds"
            raise SendError(unsure, "timeout", text) from error
        except (ValueError, aiohttp.NonHttpUrlClientError) as error:
            text = f"The channel's API address is not usable: {host_of(self.base(channel))}"
            raise SendError("stop_channel", "bad-address", text) from error
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, TooLate):
                raise SendError("ask", "late", "The worker was stopped before it sent") from error
            text = f"The connection to Meta broke ({type(error).__name__})"
            raise SendError(unsure, "disconnected", text) from error
        return self._answer(response, answer, unsure)

    def authorization(self, channel: Channel) -> dict[str, str]:
        token = channel.secret
        if not token or not token.isascii() or not token.isprintable():
            raise SendError("stop_channel", "190", ERRORS["190"].text)
        return {"Authorization": f"Bearer {token}"}

    def _answer(
        self, response: aiohttp.ClientResponse, body: bytes | None, unsure: Remedy
    ) -> dict[str, Any]:
        value = _object(body)
        status = response.status
        if 200 <= status < 300 and value is not None and "error" not in value:
            return value
        error = as_object((value or {}).get("error"))
        if 200 <= status < 300 and not error:
            raise garbled("Meta's answer could not be read", remedy=unsure)
        code = str(error.get("code", f"http-{status}"))[:64]
        if code == "100" and error.get("error_subcode") == NOT_THERE:
            code = "33"
        remedy, text = _judge(status, code, error, unsure)
        wait = retry_after(response.headers.get("Retry-After"), self.clock())
        if wait is None and code == "131056":
            wait = PAIR_SECONDS
        raise SendError(remedy, code, text, retry_after=wait)


def said_in(error: dict[str, Any]) -> str:
    """Meta's own words. The details say more than the message, which may go away one day."""
    details = as_object(error.get("error_data")).get("details")
    told = details or error.get("error_user_msg") or error.get("message") or error.get("title")
    return str(told or "").replace("\0", "")[:500]


def _judge(status: int, code: str, error: dict[str, Any], unsure: Remedy) -> Meaning:
    """The table knows Meta's codes; without one the HTTP status decides."""
    said = said_in(error)
    known = ERRORS.get(code)
    if known is not None and known.remedy == "ask":
        return Meaning(unsure, known.text)
    if known is not None:
        more = f": {said}" if said and known.remedy == "give_up" else ""
        return Meaning(known.remedy, known.text + more)
    if status >= 500:
        return Meaning(unsure, f"Meta has a fault of its own (HTTP {status})")
    if status == 429:
        return Meaning("wait", ERRORS["130429"].text)
    if status == 401:
        return ERRORS["190"]
    if status == 408:
        return Meaning(unsure, "Meta did not get the whole request in time")
    if 300 <= status < 400:
        text = "The channel's API address redirects elsewhere, where no credentials are sent"
        return Meaning("stop_channel", text)
    if status == 403 and not error:
        return ERRORS["200"]
    return meaning(code, said)


def _object(body: bytes | None) -> dict[str, Any] | None:
    try:
        value: object = orjson.loads(body or b"")
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
