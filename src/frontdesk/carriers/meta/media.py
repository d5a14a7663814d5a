"""A file that a customer sent: Meta keeps it for some days, under its id.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media

GET https://graph.facebook.com/v23.0/1037543291543636?phone_number_id=106540352242922  →  200
    {"url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=…", "mime_type":
     "image/jpeg", "sha256": "…", "file_size": 303833, "id": "1037543291543636"}
GET that address, with the token, within five minutes  →  200 with the bytes

The token goes to Meta's hosts and to the host of the channel's base, wherever an answer leads.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import unquote

import aiohttp
from yarl import URL

from frontdesk.carriers.answers import retry_after
from frontdesk.carriers.meta.api import Api
from frontdesk.carriers.meta.contents import ID_LIMIT, NAME_LIMIT
from frontdesk.kernel.claims import claimed_type, packed
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import Channel, Download, FetchError, SendError

META_HOSTS = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 3
PASSING = frozenset({408, 425, 429})
"""Refusals that do not last, besides the server's own faults."""
CHUNK = 64 * 1024
URL_LIMIT = 4_096
REFERENCE = re.compile(rf"([0-9]{{1,{ID_LIMIT}}})(?:/(.{{1,2048}}))?", re.ASCII)
"""The id, and behind a slash the name that the customer's phone gave, escaped."""
GONE = ("33", "http-404", "131052")


@dataclass(frozen=True)
class TimeLimits:
    """Seconds."""

    connect: float = 5
    first_byte: float = 15
    """From a request to its answer, the connection included."""
    silence: float = 60
    """Between two pieces of the body."""
    total: float = 600


LIMITS = TimeLimits()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file is for five minutes, and what Meta says of it."""

    url: URL
    content_type: str


@asynccontextmanager
async def fetch(
    api: Api, reference: str, channel: Channel, limits: TimeLimits = LIMITS
) -> AsyncGenerator[Download]:
    """Opens the file. Entering raises FetchError, and so do the chunks when they break off."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise FetchError("The file is not named by an id of Meta's", again=False)
    media_id, filename = match.groups()
    place = await _look_up(api, media_id, channel)
    response = await _follow(api, place.url, channel, limits)
    try:
        yield Download(
            content_type=place.content_type or claimed_type(response.headers),
            filename=unquote(filename)[:NAME_LIMIT] if filename else None,
            size=response.content_length,
            chunks=_chunks(response),
        )
    finally:
        # What was not read is not waited for.
        response.close()


async def _look_up(api: Api, media_id: str, channel: Channel) -> Place:
    try:
        path = f"/{media_id}?phone_number_id={api.own(channel.account)}"
        answer = await api.get(path, channel)
    except SendError as error:
        if error.code in GONE:
            text = f"The file is no longer there, or not this channel's (error {error.code})"
            raise FetchError(text, again=False) from error
        if error.remedy == "stop_channel":
            text = f"Meta does not accept this channel's credentials: {error.text}"
            raise FetchError(text, again=True) from error
        again = error.remedy in ("retry", "wait", "ask")
        raise FetchError(error.text, again=again, retry_after=error.retry_after) from error
    url: object = answer.get("url")
    told: object = answer.get("mime_type")
    content_type = told[:NAME_LIMIT].strip().lower() if isinstance(told, str) else ""
    if not isinstance(url, str) or len(url) > URL_LIMIT:
        raise FetchError("Meta does not say where the file is", again=True)
    return Place(_allowed(api, url, channel), content_type if content_type.isprintable() else "")


def _allowed(api: Api, raw: str, channel: Channel) -> URL:
    """The address, if the token may go there."""
    try:
        # A signed address may not change by a letter, where it can be taken as it is.
        url = URL(raw, encoded=raw.isascii() and raw.isprintable() and " " not in raw)
        own = _is_own(url, api.base(channel)) and url.user is None and url.password is None
    except ValueError:
        url, own = URL(), False
    if not own:
        text = f"The file's address is not one of Meta's: {_host(url) or 'it has no host'}"
        raise FetchError(text, again=False)
    return url


def _is_own(url: URL, base: str) -> bool:
    host = url.raw_host or ""
    if url.scheme == "https" and url.port == 443 and f".{host}".endswith(META_HOSTS):
        return True
    try:
        configured = URL(base)
        return bool(host) and url.origin() == configured.origin()
    except ValueError:
        return False


async def _follow(
    api: Api, url: URL, channel: Channel, limits: TimeLimits
) -> aiohttp.ClientResponse:
    deadline = asyncio.get_running_loop().time() + limits.total
    for _ in range(MAX_REDIRECTS + 1):
        response = await _get(api, url, channel, limits, deadline)
        location = response.headers.get("Location", "")
        if response.status not in REDIRECTS or not location:
            try:
                _check(api, response)
            except FetchError:
                response.close()
                raise
            return response
        response.close()
        url = _allowed(api, _joined(url, location), channel)
    text = f"The file's address leads to more than {MAX_REDIRECTS} others, one after another"
    raise FetchError(text, again=False)


def _joined(origin: URL, location: str) -> str:
    try:
        return str(origin.join(URL(location, encoded=location.isascii())))
    except ValueError:
        return ""


async def _get(
    api: Api, url: URL, channel: Channel, limits: TimeLimits, deadline: float
) -> aiohttp.ClientResponse:
    # Compressed bodies are not asked for, and never unpacked: a small one may swell to any size.
    headers = {"Accept-Encoding": "identity", **api.authorization(channel)}
    left = deadline - asyncio.get_running_loop().time()
    with _failures(_host(url)):
        async with asyncio.timeout(min(limits.first_byte, left)):
            return await api.http.get(
                url,
                headers=headers,
                timeout=aiohttp.ClientTimeout(
                    total=max(left, 0.001),
                    connect=limits.connect,
                    sock_connect=limits.connect,
                    sock_read=limits.silence,
                ),
                allow_redirects=False,
                auto_decompress=False,
            )


@contextmanager
def _failures(host: str) -> Generator[None]:
    try:
        yield
    except Unprocessable as error:
        # The session does not connect to it: a private address that nobody trusts.
        raise FetchError(f"The file is not fetched: {error.detail}", again=False) from None
    except TimeoutError as error:
        raise FetchError(f"{host} did not send the file in time", again=True) from error
    except aiohttp.InvalidURL as error:
        raise FetchError(f"The file's address is not usable: {host}", again=False) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        text = f"The connection to {host} broke ({type(error).__name__})"
        raise FetchError(text, again=True) from error


def _check(api: Api, response: aiohttp.ClientResponse) -> None:
    status, host = response.status, _host(response.url)
    if status == 200:
        packing = packed(response.headers)
        if packing:
            raise FetchError(f"{host} sends the file packed ({packing})", again=False)
        return
    if status in (401, 403):
        text = f"{host} does not accept this channel's credentials (HTTP {status})"
        raise FetchError(text, again=True)
    if status in (404, 410):
        # The address lasts five minutes: the id may lead to another one.
        raise FetchError(f"The file is not at its address any more (HTTP {status})", again=True)
    wait = retry_after(response.headers.get("Retry-After"), api.clock())
    text = f"{host} does not send the file (HTTP {status})"
    raise FetchError(text, again=status >= 500 or status in PASSING, retry_after=wait)


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    with _failures(_host(response.url)):
        async for chunk in response.content.iter_chunked(CHUNK):
            yield chunk


def _host(url: URL) -> str:
    """All of an address that may be told: its query may hold a signature."""
    return (url.raw_host or "")[:255]
