"""Whom Meta's token reaches when a customer's file is fetched, and how fetching fails."""

import gzip
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from yarl import URL

from carriers.contract import fetch_failure, fetched
from carriers.meta.wire import PHONE_ID, TOKEN, Wire, answer, channel, listening
from frontdesk.carriers.meta import Meta, media
from frontdesk.web.egress import Egress

ID = "1003383421387256"
BEARER = f"Bearer {TOKEN}"


@pytest.fixture
async def graph() -> AsyncGenerator[Wire]:
    async with listening() as one:
        yield one


@pytest.fixture
async def elsewhere() -> AsyncGenerator[Wire]:
    """Another port is another host."""
    async with listening() as one:
        yield one


@pytest.fixture
async def meta() -> AsyncGenerator[Meta]:
    egress = Egress(["127.0.0.1"])
    yield Meta(egress.session())
    await egress.close()


def there(url: str, content_type: str = "image/jpeg") -> bytes:
    return answer(200, {"url": url, "mime_type": content_type, "file_size": 3, "id": ID})


async def test_the_id_leads_to_an_address_and_that_to_the_file(meta: Meta, graph: Wire) -> None:
    graph.answers += [there(f"{graph.url}/file?mid=1%2F2&sig=a%3D"), answer(200, b"abc")]
    download, content = await fetched(meta, ID, channel(graph.url))
    assert (download.content_type, download.size, content) == ("image/jpeg", 3, b"abc")
    asked, got = graph.calls
    assert asked.target == f"/v23.0/{ID}?phone_number_id={PHONE_ID}"
    assert got.target == "/file?mid=1%2F2&sig=a%3D", "a signed address stays as it is"
    assert asked.headers["authorization"] == got.headers["authorization"] == BEARER


async def test_the_customers_name_of_it_comes_along(meta: Meta, graph: Wire) -> None:
    graph.answers += [there(f"{graph.url}/file"), answer(200, b"abc")]
    download, _ = await fetched(meta, f"{ID}/Men%C3%BC%2FMai.pdf", channel(graph.url))
    assert download.filename == "Menü/Mai.pdf"
    assert graph.calls[0].target.startswith(f"/v23.0/{ID}?")


async def test_the_token_goes_to_no_other_host(meta: Meta, graph: Wire, elsewhere: Wire) -> None:
    graph.answers.append(there(f"{elsewhere.url}/file"))
    error = await fetch_failure(meta, ID, channel(graph.url))
    assert not error.again
    assert elsewhere.calls == []
    graph.answers += [
        there(f"{graph.url}/file"),
        answer(302, b"", Location=f"{elsewhere.url}/file"),
    ]
    assert not (await fetch_failure(meta, ID, channel(graph.url))).again
    assert elsewhere.calls == []


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://scontent.xx.fbcdn.net/v/1", True),
        ("https://mmg.whatsapp.net/v/1", True),
        ("https://graph.facebook.com/v23.0/1", True),
        ("https://graph.example:8443/file", True),
        ("http://lookaside.fbsbx.com/", False),
        ("https://lookaside.fbsbx.com:8443/", False),
        ("https://fbsbx.com.evil.example/", False),
        ("https://evilfbsbx.com/", False),
        ("https://graph.example/file", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_the_token_is_for_metas_hosts_and_the_configured_one(url: str, own: bool) -> None:
    assert media._is_own(URL(url), "https://graph.example:8443") is own  # pyright: ignore[reportPrivateUsage] - what decides where the token goes


@pytest.mark.parametrize(
    "url",
    ["http://me:pw@127.0.0.1/", "http://[", "nonsense", "x" * 5_000, "file:///etc/passwd", "//x"],
)
async def test_an_answer_that_leads_nowhere_is_refused(meta: Meta, graph: Wire, url: str) -> None:
    graph.answers.append(there(url))
    await fetch_failure(meta, ID, channel(graph.url))
    assert len(graph.calls) == 1


@pytest.mark.parametrize(
    "reference",
    ["../me", f"{ID}/../../x\n", "https://graph.facebook.com/1", "1?access_token=x", "١٢٣", ""],
)
async def test_only_an_id_is_asked_for(meta: Meta, graph: Wire, reference: str) -> None:
    graph.answers.append(there(f"{graph.url}/file"))
    if reference.startswith(ID):
        graph.answers.append(answer(200, b"abc"))
    error = await fetch_failure(meta, reference, channel(graph.url))
    assert not error.again
    assert graph.calls == []


@pytest.mark.parametrize(
    ("answers", "again", "words"),
    [
        ([answer(400, {"error": {"code": 100, "error_subcode": 33}})], False, "no longer there"),
        ([answer(401, {"error": {"code": 190}})], True, "credentials"),
        ([answer(503, b"")], True, "fault"),
        ([answer(200, {"id": ID})], True, "where the file is"),
    ],
)
async def test_an_id_that_leads_nowhere_is_told(
    meta: Meta, graph: Wire, answers: list[bytes], again: bool, words: str
) -> None:
    graph.answers += answers
    error = await fetch_failure(meta, ID, channel(graph.url))
    assert error.again is again
    assert words in error.text
    assert TOKEN not in error.text


@pytest.mark.parametrize(
    ("second", "again"),
    [
        (answer(404, b""), True),
        (answer(401, b""), True),
        (answer(500, b""), True),
        (answer(400, b""), False),
        (answer(200, gzip.compress(b"abc"), Content_Encoding="gzip"), False),
        (b"", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", True),
    ],
)
async def test_a_file_that_does_not_come_is_asked_for_again_where_it_may(
    meta: Meta, graph: Wire, second: bytes, again: bool
) -> None:
    graph.answers += [there(f"{graph.url}/file"), second]
    assert (await fetch_failure(meta, ID, channel(graph.url))).again is again


async def test_redirects_end(meta: Meta, graph: Wire) -> None:
    graph.answers.append(there(f"{graph.url}/file"))
    graph.answers += [answer(302, b"", Location="/file")] * 5
    error = await fetch_failure(meta, ID, channel(graph.url))
    assert not error.again
    assert len(graph.calls) == 2 + media.MAX_REDIRECTS


async def test_a_base_that_nobody_trusts_is_not_called(graph: Wire) -> None:
    egress = Egress()
    try:
        error = await fetch_failure(Meta(egress.session()), ID, channel(graph.url))
    finally:
        await egress.close()
    assert TOKEN not in error.text
    assert graph.calls == []


async def test_a_secret_that_is_none_is_not_sent(meta: Meta, graph: Wire) -> None:
    error = await fetch_failure(meta, ID, replace(channel(graph.url), secret=""))
    assert "credentials" in error.text
    assert graph.calls == []
