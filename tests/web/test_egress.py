"""The client for configured addresses: where it connects, and where it refuses to."""

import asyncio
import gzip
import socket
from contextlib import suppress
from ipaddress import ip_address

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.kernel.errors import Invalid, Unprocessable
from frontdesk.web.egress import (
    Blocked,
    Egress,
    EgressFailed,
    EgressTimeout,
    Trust,
    check_url,
    is_public,
)
from web.outside import ODD, PRIVATE, PUBLIC, Names, client, serving


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.method} {request.path} {request.headers['Host']}")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_public(address: str):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str):
    assert is_public(ip_address(address))


@settings(deadline=None)
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


@settings(deadline=None)
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
