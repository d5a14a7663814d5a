"""Whom Twilio's credentials reach when a customer's file is fetched, and how fetching fails."""

import gzip
import socket
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from carriers.contract import fetch_failure, fetched
from carriers.twilio.wire import ACCOUNT, TOKEN, Wire, answer, channel, listening
from frontdesk.carriers.twilio import Twilio, media
from frontdesk.ports import FetchError
from frontdesk.web.egress import Egress

NOW = datetime(2023, 8, 24, 5, 2, tzinfo=UTC)
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
BASIC = aiohttp.encode_basic_auth(ACCOUNT, TOKEN)


@pytest.fixture
async def twilio_api() -> AsyncGenerator[Wire]:
    async with listening() as one:
        yield one


@pytest.fixture
async def network() -> AsyncGenerator[Wire]:
    """The content network that Twilio redirects to: another port is another host."""
    async with listening() as one:
        yield one


@pytest.fixture
async def twilio() -> AsyncGenerator[Twilio]:
    egress = Egress(["127.0.0.1"])
    yield Twilio(egress.session(), "https://desk.example", clock=lambda: NOW)
    await egress.close()


def to(location: str, status: int = 307) -> bytes:
    return answer(status, b"", Location=location)


# Credentials


async def test_a_redirect_to_the_content_network_leaves_the_credentials_behind(
    twilio: Twilio, twilio_api: Wire, network: Wire
):
    signed = "/media/1?X-Amz-Signature=a%2Fb%2B%3D&x=~y+z"
    twilio_api.answers.append(to(network.url + signed))
    network.answers.append(answer(200, b"bytes", Content_Type="image/jpeg"))
    download, content = await fetched(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert (content, download.content_type, download.size) == (b"bytes", "image/jpeg", 5)
    [first], [second] = twilio_api.calls, network.calls
    assert first.headers["authorization"] == BASIC
    assert "authorization" not in second.headers
    assert "cookie" not in second.headers
    assert second.target == signed
    assert first.headers["accept-encoding"] == second.headers["accept-encoding"] == "identity"


async def test_a_redirect_back_to_the_api_takes_the_credentials_again(
    twilio: Twilio, twilio_api: Wire, network: Wire
):
    twilio_api.answers += [to(network.url + "/x"), answer(200, b"bytes")]
    network.answers.append(to(twilio_api.url + PATH))
    assert (await fetched(twilio, twilio_api.url + PATH, channel(twilio_api.url)))[1] == b"bytes"
    assert [call.headers.get("authorization") for call in twilio_api.calls] == [BASIC, BASIC]
    assert "authorization" not in network.calls[0].headers


async def test_a_signed_address_beside_the_api_takes_no_credentials(
    twilio: Twilio, twilio_api: Wire
):
    twilio_api.answers += [to("/cdn/secret"), answer(200, b"bytes")]
    await fetched(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert [call.headers.get("authorization") for call in twilio_api.calls] == [BASIC, None]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com.elsewhere.test/x",
        "https://api.twilio.com@elsewhere.test/x",
        "https://user:pass@api.twilio.com/x",
        "https://nottwilio.com/x",
        "https://twilio.com.test/x",
        "https://elsewhere.test/api.twilio.com",
        "https://elsewhere.test#.twilio.com",
        "https://elsewhere.test\\.twilio.com/x",
        "https://127.0.0.1/x",
        "ftp://api.twilio.com/x",
        "//api.twilio.com/x",
        "https://api.twilio.com/" + "x" * 5_000,
    ],
)
async def test_a_file_elsewhere_is_not_asked_for(twilio: Twilio, url: str):
    error = await fetch_failure(twilio, url, channel())
    assert not error.again
    assert "not one of Twilio's" in error.text


@pytest.mark.parametrize("kept", ["{}", "{}:1", "https://{}", "http://{}.test"])
async def test_a_base_on_another_port_scheme_or_host_is_another_place(
    twilio: Twilio, twilio_api: Wire, kept: str
):
    base = kept.format(twilio_api.url.removeprefix("http://"))
    error = await fetch_failure(twilio, twilio_api.url + PATH, channel(base))
    assert not error.again
    assert twilio_api.calls == []


class Nowhere(AbstractResolver):
    """Knows no name, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        raise OSError("no such name")

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("host", ["api.twilio.com", "api.dublin.ie1.twilio.com"])
@pytest.mark.parametrize("base", ["", "http://127.0.0.1:1", "nonsense", "http://["])
async def test_twilios_own_hosts_are_asked_whatever_the_base_is(host: str, base: str):
    names = Nowhere()
    egress = Egress(resolver=names)
    twilio = Twilio(egress.session(), "https://desk.example")
    assert (await fetch_failure(twilio, f"https://{host}/x", channel(base))).again
    assert names.asked == [host]
    await egress.close()


# Redirects


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", "http://a:b/", "http://u:p@127.0.0.1/"],
)
async def test_a_redirect_to_what_is_no_web_address_is_refused(
    twilio: Twilio, twilio_api: Wire, location: str
):
    twilio_api.answers.append(to(location))
    error = await fetch_failure(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert not error.again
    assert "no web address" in error.text


def test_a_redirect_never_gives_up_encryption():
    origin = URL("https://api.twilio.com/x")
    assert media.redirected(origin, "/y") == URL("https://api.twilio.com/y")
    for location in ("http://api.twilio.com/y", "http://elsewhere.test/y", "HTTP://127.0.0.1/"):
        with pytest.raises(FetchError, match="without encryption"):
            media.redirected(origin, location)


@pytest.mark.parametrize("host", ["10.0.0.5", "169.254.169.254", "127.0.0.2", "[::1]"])
async def test_a_redirect_into_the_private_network_is_not_followed(
    twilio: Twilio, twilio_api: Wire, host: str
):
    twilio_api.answers.append(to(f"http://{host}:1/latest"))
    error = await fetch_failure(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert not error.again
    assert "not a public address" in error.text


async def test_redirects_end(twilio: Twilio, twilio_api: Wire):
    twilio_api.answers += [to(PATH)] * 4
    error = await fetch_failure(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert not error.again
    assert len(twilio_api.calls) == 4


# Failing


@pytest.mark.parametrize(
    ("given", "again", "retry_after"),
    [
        (answer(401, b""), True, None),
        (answer(403, b""), True, None),
        (answer(404, b""), False, None),
        (answer(410, b""), False, None),
        (answer(400, b""), False, None),
        (answer(204, b""), False, None),
        (answer(302, b""), False, None),
        (answer(408, b""), True, None),
        (answer(429, b"", Retry_After="7"), True, 7.0),
        (answer(503, b"", Retry_After="Thu, 24 Aug 2023 05:03:30 GMT"), True, 90.0),
        (answer(500, b""), True, None),
        (b"", True, None),
        (b"HTTP/1.1 2\x00 nonsense\r\n\r\n", True, None),
        (answer(200, b"x" * 100_000)[:-1], True, None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", True, None),
    ],
)
async def test_each_failure_says_whether_to_ask_again(
    twilio: Twilio, twilio_api: Wire, given: bytes, again: bool, retry_after: float | None
):
    twilio_api.answers.append(given)
    error = await fetch_failure(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert (error.again, error.retry_after) == (again, retry_after)
    assert TOKEN not in f"{error}{error.text}"


async def test_a_compressed_body_is_not_unpacked(twilio: Twilio, twilio_api: Wire):
    bomb = gzip.compress(bytes(10_000_000))
    twilio_api.answers.append(answer(200, bomb, Content_Encoding="gzip"))
    error = await fetch_failure(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert not error.again
    assert "gzip" in error.text


@pytest.mark.parametrize(
    "limits",
    [
        media.TimeLimits(first_byte=0.05),
        media.TimeLimits(silence=0.05),
        media.TimeLimits(total=0.05),
    ],
)
@pytest.mark.parametrize("given", [None, answer(200, b"x" * 100)[:-50]])
async def test_a_server_that_falls_silent_is_left(
    twilio: Twilio, twilio_api: Wire, limits: media.TimeLimits, given: bytes | None
):
    if given is not None and limits.first_byte < 1:
        limits = replace(limits, first_byte=5, silence=0.05)
    twilio_api.answers.append(given)
    twilio_api.stalls = True
    hasty = replace(twilio, media_limits=limits)
    error = await fetch_failure(hasty, twilio_api.url + PATH, channel(twilio_api.url))
    assert error.again
    assert "in time" in error.text


async def test_a_server_that_does_not_speak_tls_is_not_read_from(twilio: Twilio, twilio_api: Wire):
    url = twilio_api.url.replace("http:", "https:")
    assert (await fetch_failure(twilio, url + PATH, channel(url))).again


# What is said of it


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="menu.pdf"', "menu.pdf"),
        ("attachment; filename*=UTF-8''men%C3%BC.pdf", "menü.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\a.doc"', "a.doc"),
        ('attachment; filename="a\tb\u202egpj.exe"', "abgpj.exe"),
        (f'attachment; filename="{"x" * 300}.pdf"', "x" * 251 + ".pdf"),
        ('attachment; filename=".."', None),
        ("attachment; filename*=nonsense''%41.pdf", "A.pdf"),
        ("attachment; filename*" + "9" * 5_000 + "=x", None),
        ("attachment", None),
        ("", None),
    ],
)
async def test_a_claimed_name_is_plain_and_short(
    twilio: Twilio, twilio_api: Wire, header: str, name: str | None
):
    given = answer(200, b"bytes", Content_Type="Audio/OGG; codecs=opus", Content_Disposition=header)
    twilio_api.answers.append(given)
    download, _ = await fetched(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert download.filename == name
    assert download.content_type == "audio/ogg; codecs=opus"


async def test_a_body_of_unknown_length_is_read_to_its_end(twilio: Twilio, twilio_api: Wire):
    twilio_api.answers.append(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 200_000)
    download, content = await fetched(twilio, twilio_api.url + PATH, channel(twilio_api.url))
    assert (download.size, download.content_type, len(content)) == (None, "", 200_000)
