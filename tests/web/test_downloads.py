"""Files from addresses that a request names: whence they come, and how much of them is read."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from frontdesk.kernel.claims import NAME_LIMIT, claimed_filename, claimed_type
from frontdesk.kernel.errors import TooLarge, Unprocessable
from frontdesk.web.egress import (
    Blocked,
    Egress,
    EgressFailed,
    EgressTimeout,
    redirected,
)
from web.outside import ODD, PRIVATE, Names, client, serving


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


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[a-z]+; filename\*?[0-9]*\*?=\"?[^\n]*", fullmatch=True))
def test_any_claim_is_plain_or_none(text: str):
    name = claimed_filename({"Content-Disposition": text})
    assert name is None or (0 < len(name) <= NAME_LIMIT and name.isprintable())
    assert name is None or not set("/\\") & set(name)
    assert claimed_type({"Content-Type": text}).isprintable()
