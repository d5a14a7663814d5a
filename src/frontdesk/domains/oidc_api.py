"""The two addresses of a sign-in with OpenID Connect: away to the provider, and back."""

from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from frontdesk.domains.auth import cookie_name, is_https, set_cookie, set_session
from frontdesk.domains.oidc import FLIGHT_SECONDS, OpenIdProvider, Untrusted, Unverified, local_path
from frontdesk.domains.session_api import VisitDep, services
from frontdesk.domains.sign_in import Visit
from frontdesk.kernel.errors import Forbidden, FrontdeskError, NotFound, TooMany, Unavailable
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

router = APIRouter(prefix="/sign-in/oidc", include_in_schema=False)

COOKIE = "frontdesk_oidc"
Text = Annotated[str, Query(max_length=4_000)]


@router.get("")
async def away(request: Request, return_to: Text = "/") -> Response:
    """To the provider, with a cookie that knows this browser when it comes back."""
    provider = _provider(request)
    try:
        where, cookie = await provider.begin(local_path(return_to))
    except Unavailable as error:
        return _refused(request, error)
    answer = RedirectResponse(where, status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    set_cookie(request, answer, COOKIE, cookie, FLIGHT_SECONDS)
    return answer


@router.get("/callback")
async def back(
    request: Request, visit: VisitDep, code: Text = "", state: Text = "", error: Text = ""
) -> Response:
    """Signs in whom the provider vouches for, and goes on to where they wanted to be."""
    provider = _provider(request)
    try:
        return await _landed(request, provider, visit, code, state, error)
    except (Forbidden, TooMany, Unavailable) as refusal:
        return _refused(request, refusal)
    except DATABASE_AWAY:
        return _refused(request, Unavailable("the database cannot be reached"))


async def _landed(
    request: Request, provider: OpenIdProvider, visit: Visit, code: str, state: str, error: str
) -> Response:
    sign_in = services(request).sign_in
    async with sign_in.limits.attempt(visit.address):
        cookie = request.cookies.get(cookie_name(request.app.state.settings, COOKIE), "")
        flight = provider.landed(cookie, state)
        if error or not code:
            raise Untrusted(f"{provider.settings.name} did not sign you in: {error[:80]}")
        email = await provider.email(flight, code)
    session = await sign_in.by_verified_email(email, visit)
    answer = RedirectResponse(flight.return_to, status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    set_session(request, answer, session)
    _land(request, answer)
    return answer


def _provider(request: Request) -> OpenIdProvider:
    provider = services(request).oidc
    if provider is None:
        raise NotFound("this installation has no OpenID Connect provider")
    return provider


def _refused(request: Request, error: FrontdeskError) -> Response:
    """To the sign-in page, which has the words for what went wrong."""
    log.info("refused", path=request.url.path, status=error.status, detail=error.detail[:300])
    answer = RedirectResponse(f"/sign-in?{urlencode({'error': _code(error)})}", status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    _land(request, answer)
    return answer


def _code(error: FrontdeskError) -> str:
    match error:
        case Untrusted():
            return "oidc_failed"
        case Unverified():
            return "oidc_unverified"
        case Forbidden():
            return "oidc_unknown"
        case TooMany():
            return "too_many"
        case _:
            return "oidc_unavailable"


def _land(request: Request, answer: Response) -> None:
    """A flight lands once."""
    settings = request.app.state.settings
    answer.delete_cookie(
        cookie_name(settings, COOKIE),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(settings),
    )
