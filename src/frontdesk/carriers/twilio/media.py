"""A file that a customer sent: Twilio keeps it, behind the account's credentials.

https://www.twilio.com/docs/messaging/api/media-resource

GET https://api.twilio.com/2010-04-01/Accounts/AC…/Messages/MM…/Media/ME…
→ 307 to a signed address at a content network, which must not see the credentials
→ 200 with the bytes
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from frontdesk.carriers.answers import retry_after
from frontdesk.carriers.twilio.api import Api
from frontdesk.kernel.claims import claimed_filename, claimed_type, packed
from frontdesk.kernel.errors import Unprocessable
from frontdesk.ports import Channel, Download, FetchError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 3
PASSING = frozenset({408, 425, 429})
"""Refusals that do not last, besides the server's own faults."""
CHUNK = 64 * 1024
URL_LIMIT = 4_096
API_PATH = "/2010-04-01/"
MEDIA_ID = re.compile(r"ME[0-9a-f]{32}")


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


@asynccontextmanager
async def fetch(
    api: Api, url: str, channel: Channel, limits: TimeLimits = LIMITS
) -> AsyncGenerator[Download]:
    """Opens the file. Entering raises FetchError, and so do the chunks when they break off."""
    response = await _follow(api, _first(api, url, channel), channel, limits)
    try:
        yield Download(
            content_type=claimed_type(response.headers),
            filename=_name(claimed_filename(response.headers)),
            size=response.content_length,
            chunks=_chunks(response),
        )
    finally:
        # What was not read is not waited for.
        response.close()


def _first(api: Api, url: str, channel: Channel) -> URL:
    try:
        parsed = URL(url) if len(url) <= URL_LIMIT else URL()
        own = _is_own(parsed, api.base(channel))
    except ValueError:
        parsed, own = URL(), False
    if not own or parsed.user is not None or parsed.password is not None:
        text = f"The file's address is not one of Twilio's: {_host(parsed) or 'it has no host'}"
        raise FetchError(text, again=False)
    return parsed


def _is_own(url: URL, base: str) -> bool:
    """Whether the credentials may go there: Twilio's own hosts, and that of the channel's base."""
    host = url.raw_host or ""
    if url.scheme == "https" and url.port == 443 and host.endswith(".twilio.com"):
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
    with_credentials = True
    for _ in range(MAX_REDIRECTS + 1):
        response = await _get(api, url, channel if with_credentials else None, limits, deadline)
        location = response.headers.get("Location", "")
        if response.status not in REDIRECTS or not location:
            try:
                _check(api, response, with_credentials=with_credentials)
            except FetchError:
                response.close()
                raise
            return response
        response.close()
        url = redirected(url, location)
        # A signed address takes no credentials besides, on one of these hosts neither.
        with_credentials = _is_own(url, api.base(channel)) and API_PATH in url.raw_path
    text = f"The file's address leads to more than {MAX_REDIRECTS} others, one after another"
    raise FetchError(text, again=False)


async def _get(
    api: Api, url: URL, channel: Channel | None, limits: TimeLimits, deadline: float
) -> aiohttp.ClientResponse:
    """One hop. `channel` is the one whose credentials go along."""
    # Compressed bodies are not asked for, and never unpacked: a small one may swell to any size.
    headers = {"Accept-Encoding": "identity"}
    if channel is not None and ":" not in channel.account:
        headers["Authorization"] = aiohttp.encode_basic_auth(channel.account, channel.secret)
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


def redirected(origin: URL, location: str) -> URL:
    try:
        # A signed address may not change by a letter, where it can be taken as it is.
        plain = location.isascii() and location.isprintable() and " " not in location
        target = origin.join(URL(location, encoded=plain))
        usable = target.scheme in ("http", "https") and bool(target.raw_host)
        usable = usable and target.user is None and target.password is None and bool(target.port)
    except ValueError:
        target, usable = URL(), False
    if not usable:
        text = f"{_host(origin)} redirects to something that is no web address"
        raise FetchError(text, again=False)
    if origin.scheme == "https" and target.scheme != "https":
        text = f"{_host(origin)} redirects to an address without encryption: {_host(target)}"
        raise FetchError(text, again=False)
    return target


def _check(api: Api, response: aiohttp.ClientResponse, *, with_credentials: bool) -> None:
    status, host = response.status, _host(response.url)
    if status == 200:
        packing = packed(response.headers)
        if packing:
            raise FetchError(f"{host} sends the file packed ({packing})", again=False)
        return
    if status in (401, 403):
        text = f"{host} refuses to send the file (HTTP {status})"
        if with_credentials:
            text = f"{host} does not accept this channel's credentials (HTTP {status})"
        raise FetchError(text, again=True)
    if status in (404, 410):
        raise FetchError(f"The file is no longer there (HTTP {status})", again=False)
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


def _name(claimed: str | None) -> str | None:
    """The customer's name of the file: Twilio's own id of it is none."""
    return None if claimed and MEDIA_ID.match(claimed) else claimed
