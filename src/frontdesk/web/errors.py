"""Errors as HTTP: every refusal is `{"detail": "…"}` with a text for the person who reads it."""

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from frontdesk.kernel.errors import FrontdeskError, Unauthorized
from frontdesk.web.failures import DATABASE_AWAY, RETRY_AFTER_DATABASE

log = structlog.get_logger()

LONGEST_INPUT_SHOWN = 80
RETRY_AFTER_CROSSING = 1
CROSSED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Two changes that waited for each other: the server undid this one, so that it can be repeated."""


def install(app: FastAPI) -> None:
    """Makes the app answer every error in the one shape."""
    app.add_exception_handler(FrontdeskError, _refusal)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    for kind in DATABASE_AWAY:
        app.add_exception_handler(kind, _database)
    for kind in CROSSED:
        app.add_exception_handler(kind, _crossed)
    app.add_exception_handler(asyncpg.DataError, _unstorable)
    app.add_exception_handler(Exception, _unexpected)


def answer(status: int, detail: str, retry_after: float | None = None) -> JSONResponse:
    headers = {} if retry_after is None else {"Retry-After": str(max(1, round(retry_after)))}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    # Values come from outside and may hold lone surrogates, which JSON text cannot.
    detail = detail.encode("utf-8", "replace").decode()
    return JSONResponse({"detail": detail}, status_code=status, headers=headers)


async def _refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, FrontdeskError)
    if not isinstance(error, Unauthorized):
        log.info("refused", path=request.url.path, status=error.status, detail=error.detail[:300])
    return answer(error.status, error.detail, error.retry_after)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404:
        detail = f"there is nothing at {request.url.path[:200]}"
    elif error.status_code == 405:
        detail = f"{request.method} is not allowed at {request.url.path[:200]}"
    response = answer(error.status_code, detail)
    response.headers.update(error.headers or {})
    return response


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    texts: list[str] = []
    for problem in error.errors()[:5]:
        place = ".".join(str(step) for step in problem["loc"])
        value = problem.get("input")
        shown = "" if value is None or problem["type"] == "missing" else f", got {value!r}"
        if len(shown) > LONGEST_INPUT_SHOWN:
            shown = shown[:LONGEST_INPUT_SHOWN] + "…"
        texts.append(f"{place}: {problem['msg']}{shown}")
    return answer(422, "; ".join(texts))


async def _database(request: Request, error: Exception) -> JSONResponse:
    log.warning("database away", path=request.url.path, error=repr(error)[:300])
    return answer(503, "the database cannot be reached; try again shortly", RETRY_AFTER_DATABASE)


async def _crossed(request: Request, error: Exception) -> JSONResponse:
    log.warning("changes crossed", path=request.url.path, error=repr(error)[:300])
    return answer(503, "somebody changed the same at this moment; try again", RETRY_AFTER_CROSSING)


async def _unstorable(request: Request, error: Exception) -> JSONResponse:
    # What checks let through: NUL, a lone surrogate, a date or number out of PostgreSQL's range.
    log.info("unstorable", path=request.url.path, error=str(error)[:300])
    return answer(422, "a value has a character, date or number that cannot be stored")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected", path=request.url.path, exc_info=error)
    return answer(500, "something went wrong on our side; it has been logged")
