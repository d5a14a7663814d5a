"""Egress: the one HTTP client for addresses that people configured.

Model servers, remote assistants and metadata URLs are typed in by a domain's people, and a domain
must not reach the server's own network through them. So every connection made here goes to an
address that was checked, and to that very address: the check sits in the resolver that aiohttp
connects with, so there is no second look-up that could answer differently. Addresses written as
numbers skip the resolver and are checked before each request, redirected ones included.

Hosts and networks of FRONTDESK_TRUSTED_HOSTS are allowed although they are private. Proxies of the
environment are not used: behind one, the check would be blind.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.web.trust import Address, Trust

MAX_REDIRECTS = 3
MAX_BODY = 4 * 1024 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
KEEPS_METHOD = {307, 308}

NAT64 = ip_network("64:ff9b::/96")


class Blocked(Unprocessable):
    """The address is not one that may be called."""


class EgressFailed(FrontdeskError):
    """The call did not get through, or its answer was too long."""

    status = 503


class EgressTimeout(EgressFailed):
    """The call took longer than it was given."""


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries and routes to, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if int(address) < 1 << 32 and int(address) > 1:  # the retired ::a.b.c.d form
        return IPv4Address(int(address))
    return address


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet's.

    `is_global` leaves out private, loopback, link-local, shared (CGNAT) and documentation ranges;
    multicast and the old site-local range are global by its reckoning.
    """
    reached = embedded(address)
    site_local = isinstance(reached, IPv6Address) and reached.is_site_local
    if reached.is_multicast or reached.is_reserved or reached.is_unspecified or site_local:
        return False
    return reached.is_global


def literal(host: str) -> Address | None:
    """The address that a host is, when it is written as one."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def check_url(url: str, trust: Trust = Trust()) -> URL:  # noqa: B008 - Trust is frozen
    """Refuses what can be seen to be wrong without asking the network.

    Raises Unprocessable for a URL that is none, Blocked for a private address or `localhost`.
    """
    try:
        parsed = URL(url)
        host = parsed.host
        _ = parsed.port
    except ValueError:
        raise Unprocessable(f"{url!r} is not a URL; use https://host/path") from None
    if parsed.scheme not in ("http", "https") or not host:
        raise Unprocessable(f"{url!r} is not an http(s) URL; use https://host/path")
    if parsed.user is not None or parsed.password is not None:
        raise Unprocessable("the URL holds a user name or password; leave them out of it")
    address = literal(host)
    if trust.names(host):
        return parsed
    if address is not None:
        if not (trust.covers(embedded(address)) or is_public(address)):
            raise _blocked(host)
    elif (host == "localhost" or host.endswith(".localhost")) and not _trusts_loopback(trust):
        raise _blocked(host)
    return parsed


def _trusts_loopback(trust: Trust) -> bool:
    return trust.covers(IPv4Address("127.0.0.1")) or trust.covers(IPv6Address("::1"))


def _blocked(host: str) -> Blocked:
    # The address that a name led to is not told: it would map the network for the asker.
    return Blocked(
        f"{host} is not a public address; if this server may call it, add the host or its network "
        "to FRONTDESK_TRUSTED_HOSTS"
    )


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
            raise _blocked(host)
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
            raise _blocked(host)
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
