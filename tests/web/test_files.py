"""A stored file over HTTP: whole, in parts, again when it changed, and harmless."""

from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from frontdesk.kernel.errors import Unavailable
from frontdesk.web import errors
from frontdesk.web.files import content_disposition, serve
from sandbox.servers import serving

CONTENT = bytes(range(256)) * 4000
SIZE = len(CONTENT)
MODIFIED = datetime(2026, 11, 21, 10, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
STAMP = "Sat, 21 Nov 2026 08:00:00 GMT"


@dataclass
class Desk:
    """What is served, and what was read for it."""

    url: str = ""
    content_type: str = "image/jpeg"
    filename: str = "photo.jpg"
    inline: bool = True
    size: int = SIZE
    breaks_after: int = SIZE
    extra: bytes = b""
    read: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    closed: int = 0

    async def chunks(self, start: int, end: int) -> AsyncIterator[bytes]:
        self.read.append((start, end))
        try:
            for at in range(start, end, 64_000):
                if at >= self.breaks_after:
                    raise Unavailable("the store is away", retry_after=5)
                yield CONTENT[at : min(at + 64_000, end)]
            if self.extra:
                yield self.extra
        finally:
            self.closed += 1

    async def answer(self, request: Request) -> Response:
        return serve(
            request,
            read=self.chunks,
            size=self.size,
            content_type=self.content_type,
            filename=self.filename,
            etag="a1b2",
            modified=MODIFIED,
            inline=self.inline,
            cache="private, max-age=60",
        )


@pytest.fixture
def desk() -> Generator[Desk]:
    one = Desk()
    app = FastAPI()
    errors.install(app)
    app.add_api_route("/file", one.answer, methods=["GET", "HEAD"])
    settings = uvicorn.Config(app, port=0, log_level="critical", ws="none")
    with serving(uvicorn.Server(settings)) as url:
        one.url = url + "/file"
        yield one


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


async def ask(desk: Desk, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, desk.url, headers=named) as answer,
    ):
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, await answer.read(), found)


async def test_the_whole_file_comes_with_what_keeps_it_harmless(desk: Desk) -> None:
    answer = await ask(desk)
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["etag"] == '"a1b2"'
    assert answer.headers["last-modified"] == STAMP
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-site"
    assert answer.headers["content-disposition"] == 'inline; filename="photo.jpg"'
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert policy.endswith("; sandbox")
    assert desk.closed == 1


async def test_a_head_has_the_same_headers_and_reads_nothing(desk: Desk) -> None:
    whole, head = await ask(desk), await ask(desk, "HEAD", Range="bytes=0-5")
    desk.read.clear()
    for headers in (whole.headers, head.headers):
        headers.pop("date")
    assert (head.status, head.headers, head.body) == (200, whole.headers, b"")
    assert desk.read == []


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-99999", 5, 100_000),
        ("bytes=1000000-", 1_000_000, SIZE),
        ("bytes=1023999-2000000", SIZE - 1, SIZE),
        ("bytes=-10", SIZE - 10, SIZE),
        ("bytes=-9999999", 0, SIZE),
    ],
)
async def test_one_range_is_that_range(desk: Desk, asked: str, start: int, end: int) -> None:
    answer = await ask(desk, Range=asked)
    assert (answer.status, answer.body) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert desk.read == [(start, end)]


@pytest.mark.parametrize("asked", ["bytes=1024000-", "bytes=9999999-99999999", "bytes=-0"])
async def test_a_range_behind_the_file_is_refused_with_its_size(desk: Desk, asked: str) -> None:
    answer = await ask(desk, Range=asked)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert desk.read == []


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=", "bytes=-", "bytes=5-1", "lines=0-1", "bytes=a-b",
              "bytes=" + "9" * 5000 + "-", "bytes=٣-٤"],
)  # fmt: skip
async def test_what_is_not_one_range_is_answered_with_the_whole(desk: Desk, asked: str) -> None:
    answer = await ask(desk, Range=asked)
    assert (answer.status, answer.body) == (200, CONTENT)


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"a1b2"', 206), (STAMP, 206), ('"other"', 200), ('W/"a1b2"', 200), ("nonsense", 200),
     ("Sat, 21 Nov 2026 07:59:59 GMT", 200)],
)  # fmt: skip
async def test_a_part_is_of_the_file_that_the_caller_has(
    desk: Desk, condition: str, status: int
) -> None:
    assert (await ask(desk, Range="bytes=0-9", If_Range=condition)).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": '"a1b2"'}, 304),
        ({"If_None_Match": 'W/"x", W/"a1b2"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"x"'}, 200),
        ({"If_None_Match": '"x"', "If_Modified_Since": STAMP}, 200),
        ({"If_Modified_Since": STAMP}, 304),
        ({"If_Modified_Since": "Sat, 21 Nov 2026 07:59:59 GMT"}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_None_Match": '"a1b2"', "Range": "bytes=0-1"}, 304),
    ],
)
async def test_what_the_caller_has_is_not_sent_again(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    answer = await ask(desk, **headers)
    assert answer.status == status
    assert len(answer.body) == (SIZE if status == 200 else 0)
    assert answer.headers["etag"] == '"a1b2"'


async def test_an_empty_file_is_empty(desk: Desk) -> None:
    desk.size = 0
    answer = await ask(desk)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")
    assert (await ask(desk, Range="bytes=0-")).status == 416


async def test_a_store_that_is_away_is_an_error_page(desk: Desk) -> None:
    desk.breaks_after = 0
    answer = await ask(desk)
    assert (answer.status, answer.body) == (503, b'{"detail":"the store is away"}')
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("fault", ["raises", "ends"])
async def test_a_store_that_fails_half_way_breaks_the_connection(desk: Desk, fault: str) -> None:
    if fault == "raises":
        desk.breaks_after = 500_000
    else:
        desk.size = SIZE + 1
    with pytest.raises(aiohttp.ClientError):
        await ask(desk)
    assert desk.closed == 1


async def test_a_store_with_more_than_was_asked_for_sends_no_more(desk: Desk) -> None:
    desk.extra = b"more"
    assert (await ask(desk, Range="bytes=0-9")).body == CONTENT[:10]


async def test_text_is_utf_8_and_a_pdf_is_shown(desk: Desk) -> None:
    desk.content_type = "text/plain"
    assert (await ask(desk)).headers["content-type"] == "text/plain; charset=utf-8"
    desk.content_type = "application/pdf"
    answer = await ask(desk)
    assert answer.headers["content-type"] == "application/pdf"
    # Chrome does not show a PDF whose answer says sandbox.
    assert "sandbox" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a b.pdf", 'filename="a b.pdf"'),
        ("Grüße.pdf", "filename=\"Grue.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf"),
        ('a"\r\nX: y.pdf', "filename=\"a_X_ y.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%20y.pdf"),
        ("a\ud800.pdf", "filename=\"a_.pdf\"; filename*=UTF-8''a%3F.pdf"),
    ],
)
async def test_a_name_goes_into_the_header_whatever_is_in_it(
    desk: Desk, name: str, value: str
) -> None:
    assert content_disposition(name, inline=True).startswith("inline; ")
    desk.filename, desk.inline = name, False
    assert (await ask(desk)).headers["content-disposition"] == f"attachment; {value}"
