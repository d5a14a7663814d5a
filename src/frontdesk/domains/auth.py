"""Who makes a request, as a FastAPI dependency: an API token, else the session of a browser."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Forbidden, Unauthorized
from frontdesk.settings import Settings

SESSION_COOKIE = "frontdesk_session"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

bearer = HTTPBearer(auto_error=False, description="An API token: `frontdesk tokens add`.")
session_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    description="The session of a browser: `frontdesk people sign-in`.",
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
