"""What the database cannot do now, callers are told to try again."""

import aiohttp
import asyncpg
import pytest
import uvicorn
from fastapi import FastAPI

from frontdesk.web import errors
from sandbox.servers import serving


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (asyncpg.DeadlockDetectedError("deadlock detected"), "changed the same"),
        (asyncpg.SerializationError("could not serialize access"), "changed the same"),
        (asyncpg.InternalClientError("cannot switch to state 12"), "cannot be reached"),
        (asyncpg.AdminShutdownError("terminating connection"), "cannot be reached"),
    ],
)
async def test_what_may_work_again_is_no_error_of_ours(error: Exception, words: str) -> None:
    app = FastAPI()
    errors.install(app)

    @app.get("/")
    async def failing() -> None:  # pyright: ignore[reportUnusedFunction]  # FastAPI calls it
        raise error

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    with serving(server) as url:
        async with aiohttp.ClientSession(url) as session, session.get("/") as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) >= 1
            assert words in (await answer.json())["detail"]
