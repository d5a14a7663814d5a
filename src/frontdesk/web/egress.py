"""Egress: the one HTTP client for addresses that people configured.

Model servers, remote assistants and metadata URLs are typed in by a domain's people, and a domain
must not reach the server's own network through them. So every connection made here goes to an
address that was checked, and to that very address: the check sits in the resolver that aiohttp
connects with, so there is no second look-up that could answer differently. Addresses written as
numbers skip the resolver and are checked before each request, redirected ones included.

Hosts and networks of FRONTDESK_TRUSTED_HOSTS are allowed although they are private. Proxies of the
environment are not used: behind one, the check would be blind.

An address that arrives in a request, such as a picture to send, is nobody's configuration: it is
fetched with `download`, on an instance that trusts no host.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from frontdesk.kernel.claims import claimed_filename, claimed_type, packed
from frontdesk.kernel.errors import FrontdeskError, TooLarge, Unprocessable
from frontdesk.web.addresses import (
    Blocked,
    blocked,
    check_url,
    embedded,
    is_public,
    literal,
)
from frontdesk.web.trust import Trust

MAX_REDIRECTS = 3
MAX_BODY = 4 * 1024 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
KEEPS_METHOD = {307, 308}
CHUNK = 64 * 1024
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 30.0
"""How long a server of a file may say nothing."""


class EgressFailed(FrontdeskError):
    """The call did not get through, or its answer was too long."""

    status = 503


class EgressTimeout(EgressFailed):
    """The call took longer than it was given."""


class GuardedResolver(AbstractResolver):
    """Resolves, and returns only the addresses that may be connected to."""

    def __init__(self, trust: Trust, inner: AbstractResolver) -> None:
        self._trust = trust
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if self._trust.names(host):
            return found
        allowed = [result for result in found if self._allows(result["host"])]
        if not allowed:
            raise blocked(host)
        return allowed

    def _allows(self, text: str) -> bool:
        address = literal(text)
        if address is None:
            return False
        return is_public(address) or self._trust.covers(embedded(address))

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True)
class Response:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on its way. What its server says of it may be wrong."""

    url: str
    """Where it was in the end."""
    headers: Mapping[str, str]
    content_type: str
    filename: str | None
    size: int | None
    chunks: AsyncIterator[bytes]
    """Raises TooLarge, EgressTimeout or EgressFailed."""


@dataclass
class Egress:
    """An HTTP client for configured addresses. Make one per process; `close` it at the end."""

    trusted_hosts: Iterable[str] = ()
    resolver: AbstractResolver | None = None
    connections: int = 200
    trust: Trust = field(init=False)
    _session: aiohttp.ClientSession | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        self.trust = Trust.of(self.trusted_hosts)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def session(self) -> aiohttp.ClientSession:
        """The guarded session, for callers who set their own limits of size and time.

        It connects to allowed addresses only, redirects included. Made on first use, because it
        belongs to the running loop.
        """
        if self._session is None or self._session.closed:
            inner = self.resolver or aiohttp.ThreadedResolver()
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=GuardedResolver(self.trust, inner), limit=self.connections
                ),
                middlewares=(self._guard,),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    async def _guard(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Checks addresses written as numbers, which the resolver is not asked about."""
        host = request.url.host or ""
        address = literal(host)
        allowed = address is None or is_public(address) or self.trust.covers(embedded(address))
        if not allowed:
            raise blocked(host)
        return await handler(request)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        url: str,
        *,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own, split by phase
        **options: Any,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """One request without redirects, its body not yet read."""
        checked = check_url(url, self.trust)
        request = self.session().request(
            method, checked, timeout=timeout, allow_redirects=False, **options
        )
        async with request as response:
            yield response

    async def request(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        max_body: int = MAX_BODY,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Response:
        """Sends one request and reads its answer, within `seconds` and `max_body` bytes in all.

        Redirects are followed within the origin (and from http to https on the same host) only,
        because what is sent may hold a customer's words or a key.
        Raises Blocked, EgressTimeout or EgressFailed.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(method, url, max_body, headers, body)
        except TimeoutError:
            host = check_url(url, self.trust).host
            raise EgressTimeout(f"{host} did not answer within {seconds:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            host = check_url(url, self.trust).host
            raise EgressFailed(f"{host} cannot be reached ({type(error).__name__})") from error

    @asynccontextmanager
    async def download(
        self, url: str, *, seconds: float, max_bytes: int, https_only: bool = True
    ) -> AsyncGenerator[RemoteFile]:
        """Opens a file at an address that came in a request, within `seconds` in all.

        Every hop is checked as the first is; nothing that identifies this server is sent.
        Entering raises Unprocessable for what the caller must change, TooLarge, EgressTimeout or
        EgressFailed.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        address = url
        for _ in range(MAX_REDIRECTS + 1):
            async with AsyncExitStack() as stack:
                response = await self._get_file(stack, address, deadline, https_only)
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location:
                    address = redirected(response.url, location)
                    continue
                yield _remote_file(response, seconds, max_bytes)
                return
        raise Unprocessable(f"{URL(url).host} redirects more than {MAX_REDIRECTS} times")

    async def _get_file(
        self, stack: AsyncExitStack, url: str, deadline: float, https_only: bool
    ) -> aiohttp.ClientResponse:
        host = checked_host(url, self.trust, https_only)
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise EgressTimeout(f"{host} was not reached in time")
        limit = aiohttp.ClientTimeout(
            total=left, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
        )
        request = self.open(
            "GET",
            url,
            timeout=limit,
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
        )
        with _failures(host):
            return await stack.enter_async_context(request)

    async def _follow(
        self,
        method: str,
        url: str,
        max_body: int,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> Response:
        # Compressed answers are not asked for: a small body may swell, one chunk beyond the limit.
        sent = {**(headers or {}), "Accept-Encoding": "identity"}
        limit = aiohttp.ClientTimeout(total=None)
        for _ in range(MAX_REDIRECTS + 1):
            async with self.open(method, url, timeout=limit, headers=sent, data=body) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location:
                    url = str(_same_origin(response.url, location))
                    if response.status not in KEEPS_METHOD and method != "GET":
                        raise EgressFailed(
                            f"{response.url.host} answered {method} with redirect "
                            f"{response.status}, which would turn it into GET"
                        )
                    continue
                return Response(
                    response.status,
                    response.headers,
                    await _read(response, max_body),
                    str(response.url),
                )
        raise EgressFailed(f"{URL(url).host} redirected more than {MAX_REDIRECTS} times")


def _same_origin(origin: URL, location: str) -> URL:
    target = origin.join(URL(location))
    upgraded = origin.scheme == "http" and target.scheme == "https" and target.port == 443
    same = target.host == origin.host and (target.origin() == origin.origin() or upgraded)
    if not same:
        raise EgressFailed(f"{origin.host} redirected to another host, which is not followed")
    return target


async def _read(response: aiohttp.ClientResponse, max_body: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > max_body:
            raise EgressFailed(
                f"{response.url.host} answered with more than the {max_body} bytes allowed"
            )
        chunks.append(chunk)
    return b"".join(chunks)


# Files from addresses of requests


def checked_host(url: str, trust: Trust, https_only: bool) -> str:
    """The host of an address that a file may be fetched from. Raises Unprocessable, Blocked."""
    try:
        parsed = check_url(url, trust)
    except Blocked:
        raise _not_public(URL(url).host or "") from None
    host = parsed.host or ""
    if https_only and parsed.scheme != "https":
        raise Unprocessable(f"{host} is to be read over http; use an https:// address")
    return host


def _not_public(host: str) -> Blocked:
    # Trusting a host is for what people configure: it does not open it to requests.
    return Blocked(f"{host} is not a public address; files are fetched from public ones only")


@contextmanager
def _failures(host: str) -> Generator[None]:
    """What each way of failing is to the caller of `download`."""
    try:
        yield
    except Blocked:
        raise _not_public(host) from None
    except TimeoutError:
        raise EgressTimeout(f"{host} did not send the file in time") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise EgressFailed(f"{host} cannot be read from ({type(error).__name__})") from error


def redirected(origin: URL, location: str) -> str:
    try:
        target = origin.join(URL(location))
    except ValueError:
        raise Unprocessable(f"{origin.host} redirects to something that is no address") from None
    if origin.scheme == "https" and target.scheme != "https":
        raise Unprocessable(f"{origin.host} redirects from https to {target.scheme}")
    return str(target)


def _remote_file(response: aiohttp.ClientResponse, seconds: float, max_bytes: int) -> RemoteFile:
    host, status = response.url.host, response.status
    if status >= 500 or status in (408, 425, 429):
        raise EgressFailed(f"{host} does not send the file just now (HTTP {status})")
    if status != 200:
        raise Unprocessable(f"{host} has no file at this address (HTTP {status})")
    packing = packed(response.headers)
    if packing:
        raise Unprocessable(f"{host} sends the file packed ({packing}), though asked not to")
    size = response.content_length
    if size is not None and size > max_bytes:
        raise _too_large(max_bytes)
    return RemoteFile(
        url=str(response.url),
        headers=response.headers,
        content_type=claimed_type(response.headers),
        filename=claimed_filename(response.headers),
        size=size,
        chunks=_counted(response, max_bytes),
    )


async def _counted(response: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
    size = 0
    with _failures(response.url.host or ""):
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise _too_large(max_bytes)
            yield chunk


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"the file has more than the {max_bytes} bytes allowed")
