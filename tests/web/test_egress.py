"""The client for configured addresses: where it connects, and where it refuses to."""

import asyncio
import gzip
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from frontdesk.kernel.claims import NAME_LIMIT, claimed_filename, claimed_type
from frontdesk.kernel.errors import Invalid, TooLarge, Unprocessable
from frontdesk.web.egress import (
    Blocked,
    Egress,
    EgressFailed,
    EgressTimeout,
    Trust,
    check_url,
    is_public,
    redirected,
)

PRIVATE = [
    "127.0.0.1",
    "127.255.0.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::101:101",
    "::ffff:0:127.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
]
ODD = [
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0X7F.0.0.1",
    "017700000001",
    "0177.0.0.1",
    "127.1",
    "127.0.0.1.",
    "127.0.1",
    "0",
    "0x",
    "1.2.3.4.5",
    "256.1.1.1",
    "example.1",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


class Names(AbstractResolver):
    """Resolves from a table, and counts how often it was asked."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        self.table = table
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.table[host]
        ]

    async def close(self) -> None:
        return None


@asynccontextmanager
async def serving(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncGenerator[int]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    assert server.port is not None
    yield server.port
    await server.close()


@asynccontextmanager
async def client(*trusted: str, **names: list[str]) -> AsyncGenerator[Egress]:
    table = {name.replace("_", "."): addresses for name, addresses in names.items()}
    egress = Egress(trusted, resolver=Names(table))
    yield egress
    await egress.close()


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.method} {request.path} {request.headers['Host']}")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_public(address: str):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str):
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_written_as_ipv6_is_judged_as_the_one_it_leads_to(address: object):
    mapped = ip_address(f"::ffff:{address}")
    assert is_public(mapped) == is_public(ip_address(str(address)))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_url_with_a_private_address_is_refused_before_any_connection(address: str):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Blocked, match="FRONTDESK_TRUSTED_HOSTS"):
        check_url(f"https://{host}/x")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@example.com/",
        "http://[::1",
        "http://x:99999/",
        "http://localhost/",
        "http://a.localhost/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str):
    with pytest.raises(Unprocessable) as caught:
        check_url(url)
    assert "secret" not in caught.value.detail


@given(st.text())
def test_any_text_is_a_url_or_refused_with_a_reason(text: str):
    for url in (text, f"http://{text}", f"https://{text}/x"):
        with suppress(Unprocessable):
            assert check_url(url).host


async def test_a_name_that_leads_to_a_private_address_is_refused_without_telling_the_address():
    async with client(inside_example=["10.0.0.5"]) as egress:
        with pytest.raises(Blocked) as caught:
            await egress.request("GET", "http://inside.example/", seconds=5)
    assert "inside.example" in caught.value.detail
    assert "10.0.0.5" not in caught.value.detail


@pytest.mark.parametrize("host", ODD)
async def test_odd_spellings_of_addresses_are_refused_whoever_is_trusted(host: str):
    for egress in (Egress(), Egress(["127.0.0.0/8", "0.0.0.0/8"])):
        with pytest.raises(Unprocessable, match="four numbers"):
            check_url(f"https://{host}/x", egress.trust)
        with pytest.raises(Unprocessable, match="four numbers"):
            await egress.request("GET", f"http://{host}:9/", seconds=5)
        await egress.close()


@pytest.mark.parametrize(
    "host", ["１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "LOCALHOST.", "a.localhost."]
)
def test_other_scripts_of_loopback_are_refused(host: str):
    with pytest.raises(Blocked):
        check_url(f"https://{host}/x")


@pytest.mark.parametrize("host", ["1.example", "x.1e100.net", "0x.example", "1-1.example", "a.b3"])
def test_names_with_numbers_in_them_are_names(host: str):
    assert check_url(f"https://{host}/x").host == host


async def test_only_the_allowed_addresses_of_a_name_are_connected_to():
    async with (
        serving(hello) as port,
        client("127.0.0.1", mixed_example=["10.9.9.9", "127.0.0.1"]) as egress,
    ):
        answer = await egress.request("GET", f"http://mixed.example:{port}/x", seconds=5)
        assert answer.body == f"GET /x mixed.example:{port}".encode()
        resolver = egress.resolver
        assert isinstance(resolver, Names)
        assert resolver.asked == ["mixed.example"]


@pytest.mark.parametrize("trusted", ["127.0.0.0/8", "127.0.0.1", "desk.example", "DESK.example."])
async def test_trusted_hosts_and_networks_are_reached(trusted: str):
    async with serving(hello) as port, client(trusted, desk_example=["127.0.0.1"]) as egress:
        answer = await egress.request("POST", f"http://desk.example:{port}/x", seconds=5)
        assert answer.status == 200


def test_a_trust_entry_that_is_neither_host_nor_network_is_refused_by_name():
    with pytest.raises(Invalid, match=r"10\.0\.0\.0/99"):
        Trust.of(["10.0.0.0/99"])
    with pytest.raises(Invalid, match="https://x"):
        Trust.of(["https://x"])


async def test_a_redirect_to_another_host_is_not_followed():
    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("http://10.0.0.1/steal")

    async with serving(elsewhere) as port, client("127.0.0.1") as egress:
        with pytest.raises(EgressFailed, match="another host"):
            await egress.request("POST", f"http://127.0.0.1:{port}/", seconds=5, body=b"x")


async def test_the_session_that_callers_use_themselves_is_guarded_through_redirects():
    async def inside(request: web.Request) -> web.Response:
        raise web.HTTPFound("http://10.0.0.1/steal")

    names = {"desk_example": ["127.0.0.1"]}
    async with serving(inside) as port, client("desk.example", **names) as egress:
        with pytest.raises(Blocked, match=r"127\.0\.0\.1 is not a public address"):
            await egress.session().get(f"http://127.0.0.1:{port}/")
        with pytest.raises(Blocked, match=r"10\.0\.0\.1 is not a public address"):
            await egress.session().get(f"http://desk.example:{port}/")


async def test_a_compressed_answer_is_read_and_its_limit_is_that_of_what_it_swells_to():
    async def squeezed(request: web.Request) -> web.Response:
        packed = gzip.compress(b"x" * 5_000_000)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with serving(squeezed) as port, client("127.0.0.1") as egress:
        url = f"http://127.0.0.1:{port}/"
        assert len((await egress.request("GET", url, seconds=30, max_body=6_000_000)).body) == 5e6
        with pytest.raises(EgressFailed, match="more than the 1000000 bytes"):
            await egress.request("GET", url, seconds=30, max_body=1_000_000)


async def test_redirects_end():
    async def around(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(request.path + "x")

    async with serving(around) as port, client("127.0.0.1") as egress:
        with pytest.raises(EgressFailed, match="more than 3 times"):
            await egress.request("GET", f"http://127.0.0.1:{port}/", seconds=5)


async def test_a_body_over_the_limit_is_not_read_to_its_end():
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    async with serving(endless) as port, client("127.0.0.1") as egress:
        with pytest.raises(EgressFailed, match="more than the 100000 bytes"):
            await egress.request("GET", f"http://127.0.0.1:{port}/", seconds=30, max_body=100_000)


async def test_the_time_covers_the_whole_exchange():
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await gone.wait()
        return response

    gone = asyncio.Event()
    async with serving(trickle) as port, client("127.0.0.1") as egress:
        with pytest.raises(EgressTimeout, match=r"within 0\.1 s"):
            await egress.request("GET", f"http://127.0.0.1:{port}/", seconds=0.1)
        gone.set()


async def test_a_server_that_is_not_there_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with client("127.0.0.1") as egress:
            with pytest.raises(EgressFailed, match=r"127\.0\.0\.1 cannot be reached"):
                await egress.request("GET", f"http://127.0.0.1:{port}/", seconds=5)


# Files from addresses of requests


async def read(egress: Egress, url: str, max_bytes: int = 1_000_000, seconds: float = 5) -> bytes:
    """Over http: a server of a test has no certificate that anybody trusts."""
    async with egress.download(url, seconds=seconds, max_bytes=max_bytes, https_only=False) as file:
        return b"".join([chunk async for chunk in file.chunks])


def leading_to(location: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    return redirect


async def test_a_file_comes_with_what_its_server_says_of_it():
    async def file(request: web.Request) -> web.StreamResponse:
        seen.append(dict(request.headers))
        if request.path == "/":
            raise web.HTTPFound("/menu", headers={"Set-Cookie": "a=b"})
        disposition = {"Content-Disposition": 'inline; filename="../men\u00fc.pdf"'}
        return web.Response(
            body=b"x" * 200_000, content_type="application/pdf", headers=disposition
        )

    seen: list[dict[str, str]] = []
    async with serving(file) as port, client("127.0.0.1") as egress:
        url = f"http://127.0.0.1:{port}/"
        async with egress.download(url, seconds=5, max_bytes=10**6, https_only=False) as it:
            pieces = [piece async for piece in it.chunks]
    assert (it.url, it.content_type, it.filename, it.size) == (
        url + "menu",
        "application/pdf",
        "menü.pdf",
        200_000,
    )
    assert b"".join(pieces) == b"x" * 200_000
    assert len(pieces) > 1
    for headers in seen:
        assert headers["Accept-Encoding"] == "identity"
        assert not {"Authorization", "Cookie", "Referer"} & set(headers)


HOSTS = [
    *(f"[{each}]" if ":" in each else each for each in PRIVATE),
    *ODD,
    "localhost",
    "localhost.",
    "a.localhost",
    "user:pass@1.1.1.1",
    "inside.example",
    "10.0.0.1:443",
    "1.1.1.1:99999",
]


@pytest.mark.parametrize("host", HOSTS)
async def test_a_file_is_not_fetched_from_the_private_network(host: str):
    async with client(inside_example=["10.0.0.5", "::1"]) as egress:
        with pytest.raises(Unprocessable) as caught:
            async with egress.download(f"https://{host}/x", seconds=5, max_bytes=10):
                raise AssertionError("it was opened")
    assert "FRONTDESK_TRUSTED_HOSTS" not in caught.value.detail
    assert "10.0.0.5" not in caught.value.detail


@pytest.mark.parametrize("host", HOSTS)
async def test_a_redirect_into_the_private_network_is_not_followed(host: str):
    # Trusted by name alone: its address is no better than others.
    names = {"desk_example": ["127.0.0.1"], "inside_example": ["10.0.0.5", "::1"]}
    async with (
        serving(leading_to(f"http://{host}/x")) as port,
        client("desk.example", **names) as egress,
    ):
        with pytest.raises(Unprocessable):
            await read(egress, f"http://desk.example:{port}/")


async def test_a_name_that_changes_its_address_after_the_check_gains_nothing():
    """A name is looked up once for each connection, and what was judged is connected to."""

    class Rebinding(Names):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            found = await super().resolve(host, port, family)
            self.table[host] = ["127.0.0.2"]
            return found

    names = Rebinding({"desk.example": ["127.0.0.1"]})
    egress = Egress(["127.0.0.1/32"], resolver=names)
    async with serving(leading_to("http://desk.example:9/")) as port:
        with pytest.raises(Blocked, match=r"desk\.example"):
            await read(egress, f"http://desk.example:{port}/")
    assert names.asked == ["desk.example", "desk.example"]
    await egress.close()


@pytest.mark.parametrize("url", ["http://1.1.1.1/x", "ftp://1.1.1.1/x", "data:,x", "1.1.1.1", ""])
async def test_a_file_is_fetched_over_https(url: str):
    async with client() as egress:
        with pytest.raises(Unprocessable, match="https://"):
            async with egress.download(url, seconds=5, max_bytes=10):
                raise AssertionError("it was opened")


async def test_a_redirect_of_a_file_never_gives_up_encryption():
    origin = URL("https://files.example/x")
    assert redirected(origin, "/y?a=b") == "https://files.example/y?a=b"
    for location in ("http://files.example/y", "http://other.example/y", "ftp://files.example/y"):
        with pytest.raises(Unprocessable, match="from https"):
            redirected(origin, location)
    with pytest.raises(Unprocessable, match="no address"):
        redirected(origin, "http://[")


async def test_redirects_of_a_file_end():
    async with serving(leading_to("/x")) as port, client("127.0.0.1") as egress:
        with pytest.raises(Unprocessable, match="more than 3 times"):
            await read(egress, f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Unprocessable),
        (403, Unprocessable),
        (204, Unprocessable),
        (304, Unprocessable),
        (429, EgressFailed),
        (500, EgressFailed),
        (503, EgressFailed),
    ],
)
async def test_a_server_without_the_file_is_told_from_one_in_trouble(
    status: int, error: type[Exception]
):
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status)

    async with serving(refuse) as port, client("127.0.0.1") as egress:
        with pytest.raises(error, match=f"HTTP {status}"):
            await read(egress, f"http://127.0.0.1:{port}/")


async def test_a_file_over_the_limit_is_not_opened_when_it_says_so():
    async def large(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 1001)

    async with serving(large) as port, client("127.0.0.1") as egress:
        url = f"http://127.0.0.1:{port}/"
        assert len(await read(egress, url, max_bytes=1001)) == 1001
        with pytest.raises(TooLarge, match="1000 bytes"):
            async with egress.download(url, seconds=5, max_bytes=1000, https_only=False):
                raise AssertionError("it was opened")


async def test_a_file_over_the_limit_is_left_where_it_did_not_say_so():
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b"x" * 65_536)
        return response

    async with serving(endless) as port, client("127.0.0.1") as egress:
        with pytest.raises(TooLarge):
            await read(egress, f"http://127.0.0.1:{port}/", max_bytes=100_000)


async def test_a_compressed_file_is_not_unpacked():
    async def bomb(request: web.Request) -> web.Response:
        packed = gzip.compress(bytes(5_000_000))
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with serving(bomb) as port, client("127.0.0.1") as egress:
        with pytest.raises(Unprocessable, match="gzip"):
            await read(egress, f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("before", [b"", b"x"])
async def test_the_time_of_a_file_covers_its_body(before: bytes):
    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if before:
            await response.prepare(request)
            await response.write(before)
        await gone.wait()
        return response

    gone = asyncio.Event()
    async with serving(stall) as port, client("127.0.0.1") as egress:
        with pytest.raises(EgressTimeout, match="in time"):
            await read(egress, f"http://127.0.0.1:{port}/", seconds=0.1)
        gone.set()


async def test_a_file_that_ends_too_early_is_a_failure():
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 999)
        assert request.transport is not None
        request.transport.close()
        return response

    async with serving(cut) as port, client("127.0.0.1") as egress:
        with pytest.raises(EgressFailed, match="cannot be read from"):
            await read(egress, f"http://127.0.0.1:{port}/")


@given(st.text() | st.from_regex(r"[a-z]+; filename\*?[0-9]*\*?=\"?[^\n]*", fullmatch=True))
def test_any_claim_is_plain_or_none(text: str):
    name = claimed_filename({"Content-Disposition": text})
    assert name is None or (0 < len(name) <= NAME_LIMIT and name.isprintable())
    assert name is None or not set("/\\") & set(name)
    assert claimed_type({"Content-Type": text}).isprintable()
