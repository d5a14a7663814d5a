"""The home page, and how a person comes in and goes out: a link, a button, a session."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from frontdesk import __version__
from frontdesk.domains.auth import SESSION_COOKIE, check_same_origin
from frontdesk.domains.model import SESSION_LASTS
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Forbidden, FrontdeskError, TooMany, Unauthorized, Unavailable
from frontdesk.settings import Settings
from frontdesk.web.attempts import Attempts
from frontdesk.web.failures import DATABASE_AWAY, RETRY_AFTER_DATABASE
from frontdesk.web.pages import page

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def home(request: Request) -> HTMLResponse:
    """Conversations for who is signed in, and for others what this is and how to sign in."""
    settings: Settings = request.app.state.settings
    try:
        await service(request).authenticate(request.cookies.get(SESSION_COOKIE, ""), "session")
    except Unauthorized:
        phone = "" if settings.sandbox else "hidden"
        return page("welcome.html", phone=phone, version=__version__)
    except DATABASE_AWAY:
        pass  # The page shows it, and goes on by itself when the database is back.
    return page("home.html", phone="1" if settings.sandbox else "")


@router.get("/sign-in")
async def ask_to_sign_in() -> HTMLResponse:
    """A button, because what previews links or loads ahead would use the link up."""
    return page("sign-in.html")


@router.post("/sign-in")
async def sign_in(request: Request, token: str = "") -> Response:
    settings: Settings = request.app.state.settings
    attempts: Attempts = request.app.state.sign_in_attempts
    address = request.client.host if request.client else ""
    try:
        check_same_origin(request)
        attempts.check(address)
        session = await service(request).sign_in(token)
    except TooMany as error:
        return _refused(error, "Too many attempts")
    except Forbidden as error:
        attempts.failed(address)
        return _refused(error, "This link does not sign you in")
    except DATABASE_AWAY:
        error = Unavailable("the database cannot be reached", retry_after=RETRY_AFTER_DATABASE)
        return _refused(error, "Try again in a moment")
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_https(settings),
    )
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    check_same_origin(request)
    await service(request).sign_out(request.cookies.get(SESSION_COOKIE, ""))
    answer = RedirectResponse("/", status_code=303)
    settings: Settings = request.app.state.settings
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=_is_https(settings))
    return answer


def service(request: Request) -> DomainService:
    return request.app.state.domains


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _refused(error: FrontdeskError, title: str) -> HTMLResponse:
    detail = error.detail[:1].upper() + error.detail[1:]
    how = "" if isinstance(error, Forbidden) else "hidden"  # A new link helps no one who must wait.
    answer = page("refused.html", error.status, title=title, detail=detail, how=how)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return answer
