"""A stranger cannot fill the memory: bodies that are too long end early."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import aiohttp
import pytest
import uvicorn
from fastapi import Body, FastAPI, Request

from frontdesk.web import errors
from frontdesk.web.bodies import BodyLimit
from sandbox.servers import serving

MOST = 1_000


@pytest.fixture
async def site() -> AsyncGenerator[aiohttp.ClientSession]:
    app = FastAPI()
    errors.install(app)
    app.add_middleware(BodyLimit, most=MOST, besides=("/sandbox",))

    @app.post("/json")
    async def json_length(body: Annotated[dict[str, Any], Body()]) -> int:  # pyright: ignore[reportUnusedFunction]  # FastAPI calls it
        return len(body["text"])

    @app.post("/raw")
    @app.post("/sandbox/raw")
    async def length(request: Request) -> int:  # pyright: ignore[reportUnusedFunction]  # FastAPI calls it
        return len(await request.body())

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    with serving(server) as url:
        async with aiohttp.ClientSession(url) as session:
            yield session


async def sized(content: bytes) -> AsyncGenerator[bytes]:
    """A body whose length nobody knows before."""
    for start in range(0, len(content), 300):
        yield content[start : start + 300]


@pytest.mark.parametrize("path", ["/json", "/raw"])
@pytest.mark.parametrize("told", [True, False])
async def test_a_body_that_is_too_long_is_refused(
    site: aiohttp.ClientSession, path: str, told: bool
) -> None:
    content = b'{"text": "' + b"x" * MOST + b'"}'
    headers = {"Content-Type": "application/json"}
    async with site.post(path, data=content if told else sized(content), headers=headers) as reply:
        assert reply.status == 413
        assert "1000 bytes at most" in (await reply.json())["detail"]


@pytest.mark.parametrize("told", [True, False])
async def test_a_body_that_is_not_too_long_is_taken(
    site: aiohttp.ClientSession, told: bool
) -> None:
    content = b'{"text": "' + b"x" * 900 + b'"}'
    headers = {"Content-Type": "application/json"}
    async with site.post("/json", data=content if told else sized(content), headers=headers) as got:
        assert (got.status, await got.json()) == (200, 900)


async def test_what_has_limits_of_its_own_is_left_alone(site: aiohttp.ClientSession) -> None:
    async with site.post("/sandbox/raw", data=b"x" * 2 * MOST) as reply:
        assert (reply.status, await reply.json()) == (200, 2 * MOST)
    form = aiohttp.FormData({"text": "x"})
    form.add_field("file", b"x" * 2 * MOST, filename="a.txt")
    async with site.post("/raw", data=form) as reply:
        assert reply.status == 200
