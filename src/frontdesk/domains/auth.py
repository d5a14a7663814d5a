"""Who makes a request, as a FastAPI dependency: an API token, else the session of a browser."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from frontdesk.domains.model import SESSION_LASTS, Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Forbidden, Unauthorized
from frontdesk.settings import Settings

SESSION_COOKIE = "frontdesk_session"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

bearer = HTTPBearer(auto_error=False, description="An API token: `frontdesk tokens add`.")


def cookie_name(settings: Settings, name: str = SESSION_COOKIE) -> str:
    """On https, what keeps other hosts of the same site from setting it.

    https://developer.mozilla.org/docs/Web/HTTP/Headers/Set-Cookie#cookie_prefixes
    """
    return f"__Host-{name}" if is_https(settings) else name


def is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: float) -> None:
    """A cookie that no script reads and no other site's form carries."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=int(seconds),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(settings),
    )


def set_session(request: Request, response: Response, session: str) -> None:
    set_cookie(request, response, SESSION_COOKIE, session, SESSION_LASTS.total_seconds())


def session_of(request: HTTPConnection) -> str:
    """What the browser is known by; empty when it is not."""
    return request.cookies.get(cookie_name(request.app.state.settings), "")


class SessionCookie(APIKeyCookie):
    """The cookie by the name that it has on this installation."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        return session_of(request) or None


session_cookie = SessionCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    description=f"The session of a browser; on https its name is __Host-{SESSION_COOKIE}.",
)


async def caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    session: Annotated[str | None, Security(session_cookie)],
) -> Caller:
    service: DomainService = request.app.state.domains
    if credentials is not None:
        return await service.authenticate(credentials.credentials)
    # Another scheme, or a token that says nothing, is not a browser's request.
    if not session or "authorization" in request.headers:
        raise Unauthorized("send an API token as 'Authorization: Bearer …', or sign in")
    if request.method not in SAFE_METHODS:
        check_same_origin(request)
    return await service.authenticate(session, "session")


def check_same_origin(request: Request) -> None:
    """Raises Forbidden for what a page of another site made a browser send.

    Browsers add Sec-Fetch-Site on https and localhost, and Origin to every unsafe request.
    https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        same = site in ("same-origin", "none")
    else:
        settings: Settings = request.app.state.settings
        own = {request.headers.get("host", ""), urlsplit(settings.public_url).netloc}
        same = _netloc(request.headers.get("origin", "")) in own - {""}
    if not same:
        raise Forbidden(
            "a signed-in browser may change things from Frontdesk's own pages only; "
            "programs send an API token as 'Authorization: Bearer …'"
        )


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


CallerDep = Annotated[Caller, Depends(caller)]
