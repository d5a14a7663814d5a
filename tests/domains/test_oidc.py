"""A provider vouches for a person's e-mail, and nothing less signs anybody in."""

import warnings
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import aiohttp
import pytest
from authlib.deprecate import AuthlibDeprecationWarning

from domains.browser import ANA, Browser, answer_cookies, cookie, member
from frontdesk.domains.oidc import local_path
from frontdesk.kernel.errors import Invalid
from frontdesk.settings import Settings
from pipeline.desk import Answer, Desk

# The provider's, not ours.
pytestmark = pytest.mark.filterwarnings(
    "ignore::authlib.deprecate.AuthlibDeprecationWarning", "ignore::DeprecationWarning"
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from oidc_provider_mock import run_server_in_thread

CLIENT = {"FRONTDESK_OIDC_CLIENT_ID": "frontdesk", "FRONTDESK_OIDC_NAME": "Example Corp"}


@pytest.fixture
def issuer() -> Generator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def site(open_desk: Callable[..., Any], issuer: str) -> AsyncGenerator[Desk]:
    env = {**CLIENT, "FRONTDESK_OIDC_ISSUER": issuer, "FRONTDESK_OIDC_CLIENT_SECRET": "s3cret"}
    desk: Desk = await open_desk(worker=False, **env)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await desk.http.close()
        desk.http = http
        await member(desk, ANA, "agent")
        yield desk


async def knows(site: Desk, issuer: str, sub: str, **claims: object) -> None:
    """Makes the provider know a person."""
    async with site.http.put(f"{issuer}/users/{sub}", json=claims) as answer:
        assert answer.status == 204, await answer.text()


async def at_provider(site: Desk, url: str, sub: str) -> str:
    """What a person does at the provider; returns the address it sends their browser to."""
    async with site.http.post(url, data={"sub": sub}, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return answer.headers["Location"]


def changed(url: str, **values: str) -> str:
    """The address with other values in its query."""
    parts = urlsplit(url)
    query = {name: value for name, [value] in parse_qs(parts.query).items()} | values
    return urlunsplit(parts._replace(query=urlencode(query)))


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


async def begun(browser: Browser, return_to: str = "/inbox") -> str:
    """Where the browser is sent to sign in."""
    query = urlencode({"return_to": return_to})
    answer = await browser.call("GET", f"/sign-in/oidc?{query}")
    assert answer.status == 303
    return answer.headers["location"]


async def through(browser: Browser, sub: str, return_to: str = "/inbox") -> Answer:
    """The whole way, there and back."""
    where = await begun(browser, return_to)
    return await browser.call("GET", path_of(await at_provider(browser.desk, where, sub)))


def problem(answer: Answer) -> str:
    """The code with which the sign-in page is shown."""
    assert answer.status == 303
    assert "frontdesk_session" not in answer_cookies(answer)
    parts = urlsplit(answer.headers["location"])
    assert (parts.netloc, parts.path) == ("", "/sign-in")
    return parse_qs(parts.query)["error"][0]


async def test_a_member_whose_e_mail_is_verified_is_in(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "ana", email="Ana@Example.com", email_verified=True)
    browser = Browser(site)
    answer = await through(browser, "ana", "/inbox?view=mine")
    assert (answer.status, answer.headers["location"]) == (303, "/inbox?view=mine")
    given = cookie(answer)
    assert given["httponly"] is True
    assert given["samesite"].lower() == "lax"
    me = (await browser.me()).json
    assert (me["email"], me["features"]["oidc"]) == (ANA, True)
    options = (await browser.call("GET", "/api/v1/sign-in-options")).json
    assert options["oidc"] == {"name": "Example Corp"}
    began = await site.db.fetchval(
        "SELECT detail->>'by' FROM audit_log WHERE action = 'sign_in' ORDER BY at DESC LIMIT 1"
    )
    assert began == "oidc"


async def test_the_provider_is_asked_with_state_nonce_and_pkce(site: Desk) -> None:
    browser, other = Browser(site), Browser(site)
    one, two = await begun(browser), await begun(other)
    asked, again = (parse_qs(urlsplit(url).query) for url in (one, two))
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{site.url}/sign-in/oidc/callback"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 32
        assert asked[name] != again[name]
    sealed = browser.cookies["frontdesk_oidc"]
    assert asked["state"][0] not in sealed
    assert asked["nonce"][0] not in bytes.fromhex(sealed).decode("latin-1")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": ANA},
        {"email": ANA, "email_verified": False},
        {"email": ANA, "email_verified": "false"},
        {"email": ANA, "email_verified": 1.5},
        {"email_verified": True},
    ],
    ids=str,
)
async def test_an_e_mail_that_is_not_verified_signs_nobody_in(
    site: Desk, issuer: str, claims: dict[str, object]
) -> None:
    await knows(site, issuer, "ana", **claims)
    assert problem(await through(Browser(site), "ana")) == "oidc_unverified"


async def test_a_stranger_is_not_made_a_member(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "eve", email="eve@example.com", email_verified=True)
    before = await site.count("people")
    assert problem(await through(Browser(site), "eve")) == "oidc_unknown"
    assert await site.count("people") == before


async def test_an_answer_to_another_sign_in_is_refused(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "ana", email=ANA, email_verified=True)
    browser, other = Browser(site), Browser(site)
    back = await at_provider(site, await begun(browser), "ana")
    await begun(other)
    # Mallory makes a victim's browser finish Mallory's sign-in.
    assert problem(await other.call("GET", path_of(back))) == "oidc_failed"
    assert problem(await Browser(site).call("GET", path_of(back))) == "oidc_failed"
    forged = changed(back, state="x" * 32)
    assert problem(await browser.call("GET", path_of(forged))) == "oidc_failed"


async def test_an_answer_is_good_once(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "ana", email=ANA, email_verified=True)
    browser = Browser(site)
    back = path_of(await at_provider(site, await begun(browser), "ana"))
    kept = dict(browser.cookies)
    assert (await browser.call("GET", back)).headers["location"] == "/inbox"
    assert "frontdesk_oidc" not in browser.cookies
    again = Browser(site)
    again.cookies = kept
    assert problem(await again.call("GET", back)) == "oidc_failed"


async def test_a_token_for_another_nonce_is_refused(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "ana", email=ANA, email_verified=True)
    browser = Browser(site)
    where = changed(await begun(browser), nonce="of-another-sign-in")
    back = await at_provider(site, where, "ana")
    assert problem(await browser.call("GET", path_of(back))) == "oidc_failed"
    where = changed(await begun(browser), nonce="")
    back = await at_provider(site, where, "ana")
    assert problem(await browser.call("GET", path_of(back))) == "oidc_failed"


async def test_a_token_for_another_client_is_refused(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "ana", email=ANA, email_verified=True)
    browser = Browser(site)
    where = changed(await begun(browser), client_id="somebody-else")
    back = await at_provider(site, where, "ana")
    assert problem(await browser.call("GET", path_of(back))) == "oidc_failed"


async def test_who_declines_at_the_provider_is_back_at_the_sign_in_page(site: Desk) -> None:
    browser = Browser(site)
    state = parse_qs(urlsplit(await begun(browser)).query)["state"][0]
    query = urlencode({"state": state, "error": "access_denied"})
    assert problem(await browser.call("GET", f"/sign-in/oidc/callback?{query}")) == "oidc_failed"


@pytest.mark.parametrize("cookie", ["", "zz", "00" * 40, "x" * 9_000], ids=range(4))
async def test_a_cookie_that_we_did_not_make_is_refused(site: Desk, cookie: str) -> None:
    browser = Browser(site)
    browser.cookies["frontdesk_oidc"] = cookie
    answer = await browser.call("GET", "/sign-in/oidc/callback?code=x&state=x")
    assert problem(answer) == "oidc_failed"


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/inbox/1?x=y#z", "/inbox/1?x=y#z"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("inbox", "/"),
        ("", "/"),
        ("/" + "x" * 1_000, "/"),
    ],
)
async def test_the_way_back_is_a_page_of_ours(asked: str, gone_to: str) -> None:
    assert local_path(asked) == gone_to


async def test_no_other_site_is_gone_to_afterwards(site: Desk, issuer: str) -> None:
    await knows(site, issuer, "ana", email=ANA, email_verified=True)
    answer = await through(Browser(site), "ana", "//evil.example")
    assert answer.headers["location"] == "/"


async def test_a_provider_that_is_away_is_said_so(open_desk: Callable[..., Any]) -> None:
    env = {**CLIENT, "FRONTDESK_OIDC_ISSUER": "http://127.0.0.1:9"}
    desk: Desk = await open_desk(worker=False, **env)
    assert problem(await Browser(desk).call("GET", "/sign-in/oidc")) == "oidc_unavailable"


async def test_without_a_provider_there_is_nothing_there(web: Desk) -> None:
    for path in ("/sign-in/oidc", "/sign-in/oidc/callback"):
        assert (await Browser(web).call("GET", path)).status == 404


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"FRONTDESK_OIDC_ISSUER": "https://id.example"}, "FRONTDESK_OIDC_CLIENT_ID"),
        ({"FRONTDESK_OIDC_CLIENT_ID": "x"}, "FRONTDESK_OIDC_ISSUER"),
        ({"FRONTDESK_OIDC_ISSUER": "id.example"}, "FRONTDESK_OIDC_ISSUER"),
    ],
)
def test_half_a_configuration_is_refused_by_name(
    settings: Callable[..., Settings], env: dict[str, str], named: str
) -> None:
    with pytest.raises(Invalid, match=named):
        settings(**env)


def test_the_button_is_named_after_the_provider(settings: Callable[..., Settings]) -> None:
    made = settings(
        FRONTDESK_OIDC_ISSUER="https://id.example/realms/x/",
        FRONTDESK_OIDC_CLIENT_ID="desk",
        FRONTDESK_OIDC_CLIENT_SECRET="xyzzy",
    )
    assert made.oidc is not None
    assert (made.oidc.name, made.oidc.issuer) == ("id.example", "https://id.example/realms/x")
    assert "xyzzy" not in repr(made)
