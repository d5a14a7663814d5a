"""Serves the inbox, the application that `dashboard/` is built into: its page and its files.

The page allows no script and no style but its own files, and such style elements as carry the
response's nonce. https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP
"""

import json
from functools import lru_cache
from html import escape
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from frontdesk.web.pages import page

BUILT = Path(__file__).parent / "dashboard"
PATHS = (
    "/",
    "/inbox",
    "/inbox/{rest:path}",
    "/contacts",
    "/contacts/{rest:path}",
    "/campaigns",
    "/campaigns/{rest:path}",
    "/settings",
    "/settings/{rest:path}",
    "/sign-in",
    "/invitation",
)
"""What the application draws; dashboard/src/app/router.tsx has the same list."""

# The code of the page that an address begins with, so that the browser loads it at once and not
# only when the application asks for it.
ENTRIES = {
    "contacts": "src/features/contacts/contacts-page.tsx",
    "campaigns": "src/features/campaigns/campaigns-page.tsx",
    "settings": "src/features/settings/settings-page.tsx",
    "sign-in": "src/features/session/sign-in-page.tsx",
    "invitation": "src/features/session/invitation-page.tsx",
}
FIRST = "src/features/inbox/inbox-page.tsx"
OUTSIDE = ("sign-in", "invitation")
ME = '<link rel="preload" as="fetch" crossorigin href="/api/v1/me">'
"""Who is signed in: the first thing that the application asks."""

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    # Libraries make style elements while a dialog is open; they carry the nonce.
    "style-src 'self' 'nonce-{nonce}'",
    # blob: files that were chosen and not yet sent; data: small pictures that are drawn here.
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
    # No text becomes script by way of innerHTML; dashboard/src/app/trusted-types.ts has the one
    # exception.
    "require-trusted-types-for 'script'",
    "trusted-types default",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
    # Each page has a nonce of its own, and an upgrade shows at once.
    "Cache-Control": "no-store",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
FOREVER = "public, max-age=31536000, immutable"


def install(app: FastAPI, directory: Path = BUILT) -> None:
    """Adds the application's page at each of its addresses, and its files."""

    async def show(request: Request) -> Response:
        index = directory / "index.html"
        if not index.exists():
            return page("unbuilt.html", 503)
        place = request.url.path.strip("/").partition("/")[0]
        return _page(_text(directory, index.stat().st_mtime_ns, place))

    for path in PATHS:
        app.add_api_route(path, show, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", Assets(directory=directory / "assets", check_dir=False))


class Assets(StaticFiles):
    """Files whose names change with their content, in the smallest form that the browser takes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        names = _taken(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, ending in ENCODINGS:
            full, found = self.lookup_path(path + ending)
            if encoding in names and found is not None:
                answer = await super().get_response(path + ending, scope)
                answer.headers["Content-Encoding"] = encoding
                # As for the plain file, which is what the name says.
                answer.headers["Content-Type"] = _content_type(full.removesuffix(ending))
                return _kept(answer)
        if path.endswith(tuple(ending for _, ending in ENCODINGS)):
            raise HTTPException(404)  # They are forms of a file, and none of their own.
        return _kept(await super().get_response(path, scope))


def _taken(accept_encoding: str) -> set[str]:
    """The encodings that a browser takes; one with q=0 is refused."""
    items = (each.replace(" ", "").lower().partition(";") for each in accept_encoding.split(","))
    return {name for name, _, weight in items if weight.rstrip("0.") != "q="}


def _kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = FOREVER
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


def _content_type(path: str) -> str:
    return FileResponse(path).headers["content-type"]


def _page(text: str) -> HTMLResponse:
    nonce = token_urlsafe(16)
    policy = "; ".join(POLICY).replace("{nonce}", nonce)
    headers = {**HEADERS, "Content-Security-Policy": policy}
    return HTMLResponse(text.replace("{{nonce}}", nonce), headers=headers)


@lru_cache(maxsize=32)
def _text(directory: Path, built_at: int, place: str) -> str:
    """The page, with links that load the code of this place ahead."""
    del built_at  # Part of the cache's key: a new build is a new text.
    text = (directory / "index.html").read_text("utf-8")
    links = "".join(
        f'<link rel="modulepreload" crossorigin href="/{escape(file)}">'
        for file in _files(directory, ENTRIES.get(place, FIRST))
        if f'"/{file}"' not in text
    )
    ahead = links if place in OUTSIDE else ME + links
    return text.replace("</head>", f"{ahead}</head>")


def _files(directory: Path, entry: str) -> list[str]:
    """An entry's script and all that it imports at once, as Vite's manifest has them.

    https://vite.dev/guide/backend-integration
    """
    try:
        manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        return []
    files: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        chunk = manifest.get(waiting.pop(), {})
        if chunk and chunk["file"] not in files:
            files[chunk["file"]] = None
            waiting += chunk.get("imports", [])
    return list(files)
