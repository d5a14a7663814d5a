"""Pages for people: files of ours, sent so that a browser loads and runs nothing else."""

import re
from functools import cache
from html import escape
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Other sites are not told addresses; our own forms still carry their Origin.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PLACE = re.compile(r"\{\{(\w+)\}\}")

router = APIRouter(include_in_schema=False)


class Assets(StaticFiles):
    """Files that a browser asks for again each time, so that an upgrade shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


def page(name: str, status: int = 200, **values: str) -> HTMLResponse:
    """A page from a file, with each `{{name}}` in it replaced by the escaped value."""
    text = PLACE.sub(lambda place: escape(values[place[1]]), _text(name))
    return HTMLResponse(text, status_code=status, headers=SECURITY)


@cache
def _text(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


@router.get("/api")
async def api_description() -> HTMLResponse:
    """The API for people to read, made from /openapi.json in the browser."""
    return page("api.html")
