"""Fetches the files that the business sends; what the carrier refuses fails the message."""

import asyncio
import errno
import socket
from ipaddress import IPv6Address, ip_address
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from frontdesk.sandbox.exchange import Exchange
from frontdesk.sandbox.filetypes import disagrees, essence, is_mono_opus, is_opus
from frontdesk.sandbox.model import Failure, Media, MediaKind, Message

REDIRECTS = 3
HEAD = 512
PIECE = 64 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Rules(Protocol):
    """What a carrier takes of the files of one message, and how it names what it refuses."""

    agent: str
    unreachable: int
    wrong_type: int
    too_large: int
    checks_content: bool
    """Whether bytes that are plainly something else are refused."""

    def takes(self, item: Media, content_type: str) -> bool: ...

    def limit(self, item: Media, content_type: str) -> int:
        """The bytes that are left for this file."""
        ...

    def kind(self, item: Media, content_type: str) -> MediaKind: ...

    def text(self, code: int) -> str: ...


class _Refused(Exception):
    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class _PublicOnly(AbstractResolver):
    """Names of public addresses. It answers the connector itself, so that a name which changes
    between a check and the connection gains nothing."""

    def __init__(self, own: frozenset[tuple[str, int]]) -> None:
        self._own = own
        self._names = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        if (_canonical(host), port) in self._own:
            return found
        public = [each for each in found if _is_public(each["host"])]
        if not public:
            raise OSError(errno.EACCES, f"{host} is not a public address")
        return public

    async def close(self) -> None:
        await self._names.close()


class Fetcher:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def collect(self, message: Message, rules: Rules) -> Failure | None:
        """Fetches what the message still lacks and keeps the bytes; the first failure ends it."""
        for item in message.media:
            if item.size is not None or item.url is None:
                continue
            try:
                await self._one(item, rules)
            except _Refused as refused:
                return Failure(refused.code, f"{rules.text(refused.code)}: {refused.why}")
        self._exchange.keep(message)
        return None

    async def _one(self, item: Media, rules: Rules) -> None:
        seconds = self._exchange.config.media_timeout
        try:
            async with asyncio.timeout(seconds):
                await self._fetch(item, rules)
        except TimeoutError as wrong:
            why = f"{item.url} took longer than {seconds:g} s"
            raise _Refused(rules.unreachable, why) from wrong
        except (aiohttp.ClientError, OSError, ValueError) as wrong:
            raise _Refused(rules.unreachable, f"{item.url}: {wrong}") from wrong

    async def _fetch(self, item: Media, rules: Rules) -> None:
        own = self._own()
        connector = aiohttp.TCPConnector(resolver=_PublicOnly(own), force_close=True)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": rules.agent, "Accept": "*/*"},
        ) as session:
            url = item.url or ""
            for _ in range(REDIRECTS + 1):
                _check(url, own, rules)
                async with session.get(URL(url, encoded=True), allow_redirects=False) as answer:
                    onward = answer.headers.get("Location")
                    if answer.status in (301, 302, 303, 307, 308) and onward:
                        url = urljoin(url, onward)
                        continue
                    if answer.status != 200:
                        raise _Refused(rules.unreachable, f"{url} answered {answer.status}")
                    await self._keep(answer, item, rules)
                    return
            why = f"{item.url} redirects more than {REDIRECTS} times"
            raise _Refused(rules.unreachable, why)

    async def _keep(self, answer: aiohttp.ClientResponse, item: Media, rules: Rules) -> None:
        declared = answer.headers.get("Content-Type", "")
        base = essence(declared)
        if not rules.takes(item, base):
            why = f"{declared or 'no Content-Type'} is not accepted"
            raise _Refused(rules.wrong_type, why)
        limit = rules.limit(item, base)
        size, head = 0, b""
        with self._exchange.files.writing(item.sid) as file:
            async for piece in answer.content.iter_chunked(PIECE):
                size += len(piece)
                if size > limit:
                    raise _Refused(rules.too_large, f"{item.url} has more than {limit} bytes")
                head += piece[: HEAD - len(head)]
                file.write(piece)
            if not size:
                raise _Refused(rules.unreachable, f"{item.url} has 0 bytes")
            wrong = _wrong_content(declared, head) if rules.checks_content else None
            if wrong:
                raise _Refused(rules.wrong_type, wrong)
        item.content_type, item.size = base, size
        item.kind = rules.kind(item, base)
        if item.kind == "voice" and not is_mono_opus(head):
            item.kind = "audio"

    def _own(self) -> frozenset[tuple[str, int]]:
        """The business's hosts and ports, which may be on this machine."""
        config = self._exchange.config
        targets = [config.webhooks, config.public_url, *config.business_urls]
        targets += [n.webhook for n in self._exchange.numbers.values() if n.webhook]
        return frozenset(_origin(target) for target in targets)


def _wrong_content(declared: str, head: bytes) -> str | None:
    if essence(declared) == "audio/ogg" and "opus" not in declared.lower() and not is_opus(head):
        return "audio/ogg is accepted with the codec Opus only"
    if disagrees(declared, head):
        return f"the file is not what its Content-Type {declared} says"
    return None


def _canonical(host: str) -> str:
    return "localhost" if host in LOOPBACK else host.lower()


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return _canonical(parts.hostname or ""), port


def _check(url: str, own: frozenset[tuple[str, int]], rules: Rules) -> None:
    """Literal addresses never reach the resolver."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Refused(rules.unreachable, f"{url} is no http address")
    if _origin(url) in own:
        return
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return
    if not _is_public(str(literal)):
        raise _Refused(rules.unreachable, f"{parts.hostname} is not a public address")


def _is_public(host: str) -> bool:
    address = ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return address.is_global and not address.is_multicast
