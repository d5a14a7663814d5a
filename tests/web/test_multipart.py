"""A file comes out of a form as it arrives, whatever the form looks like."""

import asyncio
import io
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI, Request

from frontdesk.kernel.errors import FrontdeskError
from frontdesk.web import errors
from frontdesk.web.multipart import file_part
from sandbox.servers import serving, until

FORM = {"Content-Type": "multipart/form-data; boundary=xyz"}


@dataclass
class Taken:
    """What the desk got of the files."""

    url: str = ""
    filename: str = ""
    content_type: str = ""
    content: bytes = b""
    largest: int = 0
    whole: list[bool] = field(default_factory=list[bool])

    async def take(self, request: Request) -> dict[str, int]:
        part = await file_part(request, "file")
        self.filename, self.content_type = part.filename, part.content_type
        self.content = b""
        try:
            async for chunk in part.chunks:
                self.content += chunk
                self.largest = max(self.largest, len(chunk))
        except FrontdeskError:
            self.whole.append(False)
            raise
        self.whole.append(True)
        return {"size": len(self.content)}


@pytest.fixture
def taken() -> Generator[Taken]:
    one = Taken()
    app = FastAPI()
    errors.install(app)
    app.add_api_route("/upload", one.take, methods=["POST"])
    settings = uvicorn.Config(app, port=0, log_level="critical", ws="none")
    with serving(uvicorn.Server(settings)) as url:
        one.url = url + "/upload"
        yield one


async def post(
    taken: Taken, body: bytes | aiohttp.FormData, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    sent = io.BytesIO(body) if isinstance(body, bytes) else body
    async with (
        aiohttp.ClientSession() as session,
        session.post(taken.url, data=sent, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def part(headers: bytes, content: bytes) -> bytes:
    return b"--xyz\r\n" + headers + b"\r\n\r\n" + content + b"\r\n"


def named(disposition: str, content: bytes = b"x") -> bytes:
    header = f"Content-Disposition: form-data; {disposition}".encode()
    return part(header, content) + b"--xyz--\r\n"


async def test_a_large_file_comes_in_pieces(taken: Taken) -> None:
    content = bytes(range(256)) * 20_000 + b"\r\n--xy"
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("caption", "before the file")
    form.add_field("file", io.BytesIO(content), filename="Grüße.jpg", content_type="image/jpeg")
    form.add_field("file", io.BytesIO(b"a second one"), filename="b.jpg")
    form.add_field("caption", io.BytesIO(b"x" * 2_000_000), filename="c")
    assert await post(taken, form) == (200, f'{{"size":{len(content)}}}')
    assert taken.content == content
    assert (taken.filename, taken.content_type) == ("Grüße.jpg", "image/jpeg")
    assert taken.largest < 1_000_000


async def test_a_boundary_may_come_in_two(taken: Taken) -> None:
    body = named('name="file"; filename="a.txt"', b"one\r\n--xy\r\n\r\n-")

    async def bytewise() -> AsyncGenerator[bytes]:
        for at in range(len(body)):
            yield body[at : at + 1]

    async with (
        aiohttp.ClientSession() as session,
        session.post(taken.url, data=bytewise(), headers=FORM) as answer,
    ):
        assert answer.status == 200
    assert taken.content == b"one\r\n--xy\r\n\r\n-"


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('name="file"; filename="a.pdf"', "a.pdf"),
        ('filename="a.pdf"; name="file"', "a.pdf"),
        ("name=file; filename=a.pdf", "a.pdf"),
        ('name="file"; filename="a; name=\\"b\\".pdf"', 'a; name="b".pdf'),
        ('name="file"; filename="a%22b.pdf"', 'a"b.pdf'),
        ('name="file"; filename="日本 語.pdf"', "日本 語.pdf"),
        ('name="file"; filename="x"; filename*=UTF-8\'\'na%C3%AFve%20file.pdf', "naïve file.pdf"),
        ("name=\"file\"; filename*=iso-8859-1'en'%A3.pdf; filename=x", "£.pdf"),
        ('name="file"; filename="..\\..\\a.pdf"', "..\\..\\a.pdf"),
        ('name="file"; filename=""', ""),
        ('name="file"', ""),
        ('NAME="file"; FileName="a.pdf"', "a.pdf"),
    ],
)
async def test_a_name_is_read_however_it_is_written(
    taken: Taken, disposition: str, filename: str
) -> None:
    assert await post(taken, named(disposition), FORM) == (200, '{"size":1}')
    assert taken.filename == filename


async def test_a_name_in_latin_letters_is_read(taken: Taken) -> None:
    body = named('name="file"; filename="a.pdf"').replace(b"a.pdf", "é.pdf".encode("latin-1"))
    assert (await post(taken, body, FORM))[0] == 200
    assert taken.filename == "é.pdf"


async def test_an_empty_file_is_a_file(taken: Taken) -> None:
    body = named('name="file"; filename="a"', b"")
    assert await post(taken, body, FORM) == (200, '{"size":0}')


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"x", {"Content-Type": "application/json"}, 415, "application/json"),
        (b"x", {"Content-Type": "multipart/form-data"}, 400, "no boundary"),
        (b"x", {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}, 400, "boundary"),
        (named('name="other"; filename="file"'), FORM, 422, "no file 'file'"),
        (named('name="other"; x="; name=\'file\'"'), FORM, 422, "no file 'file'"),
        (b"--xyz--\r\n", FORM, 422, "no file 'file'"),
        (b"", FORM, 400, "ended before"),
        (b"no form at all", FORM, 400, "broken"),
        (b"--xyz\r\nContent Disposition: x\r\n\r\n", FORM, 400, "broken"),
        (part(b"X: " + b"x" * 10_000, b""), FORM, 400, "broken"),
        (part(b"\r\n".join(b"X%d: x" % n for n in range(50)), b""), FORM, 400, "broken"),
        (part(b'Content-Disposition: form-data; name="a"', b"x" * 1_200_000), FORM, 413, "1 MB"),
    ],
)
async def test_what_holds_no_file_is_refused_with_the_reason(
    taken: Taken, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = await post(taken, body, headers)
    assert answer[0] == status
    assert said in answer[1]
    assert taken.whole == []


@pytest.mark.parametrize("cut", [1, 7, 9, 5000])
async def test_a_form_that_ends_early_is_not_a_whole_file(taken: Taken, cut: int) -> None:
    body = named('name="file"; filename="a"', b"x" * 10_000)
    answer = await post(taken, body[: -cut - 4], FORM)
    assert answer[0] == 400
    assert "ended before its file" in answer[1]
    assert taken.whole == [False]


async def test_a_sender_that_goes_away_leaves_no_whole_file(taken: Taken) -> None:
    at = urlsplit(taken.url)
    _, writer = await asyncio.open_connection(at.hostname, at.port)
    head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in FORM.items()) + "\r\n"
    writer.write(head.encode() + named('name="file"; filename="a"', b"x" * 200_000)[:-20])
    await writer.drain()
    until(lambda: taken.content)
    writer.close()
    await writer.wait_closed()
    until(lambda: taken.whole)
    assert taken.whole == [False]
