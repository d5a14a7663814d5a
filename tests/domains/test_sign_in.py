"""A person signs in with a link that works once, and stays signed in for a while."""

from collections.abc import AsyncGenerator, Callable
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
import pytest

from frontdesk.kernel.errors import TooMany
from frontdesk.web.attempts import Attempts
from pipeline.desk import Answer, Desk, another_domain

ANA = "ana@example.com"
OWN = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Calls a desk as a browser does: it keeps cookies, sends an Origin, follows nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cookies: dict[str, str] = {}

    async def call(self, method: str, path: str, **more: Any) -> Answer:
        headers: dict[str, str] = {"Origin": self.desk.url, **more.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return await self.desk.call(
            method, path, None, headers=headers, allow_redirects=False, **more
        )

    async def sign_in(self, token: str) -> Answer:
        answer = await self.call("POST", f"/sign-in?token={token}")
        if answer.status == 303:
            self.cookies["frontdesk_session"] = cookie(answer).value
        return answer


def cookie(answer: Answer) -> Any:
    return SimpleCookie(answer.headers["set-cookie"])["frontdesk_session"]


@pytest.fixture
async def ana(web: Desk) -> AsyncGenerator[Browser]:
    """The browser of a person who is a member and has not signed in."""
    await web.app.domains.add_person(web.domain.domain_id, ANA, "Ana", "admin")
    # Cookies are each Browser's own.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await web.http.close()
        web.http = http
        yield Browser(web)


async def link(desk: Desk) -> str:
    return await desk.app.domains.sign_in_link_token(desk.domain.domain_id, ANA)


async def signed_in(browser: Browser) -> Browser:
    assert (await browser.sign_in(await link(browser.desk))).status == 303
    return browser


async def test_a_link_signs_a_person_in_as_themselves(ana: Browser) -> None:
    answer = await ana.sign_in(await link(ana.desk))
    assert (answer.status, answer.headers["location"]) == (303, "/")
    me = (await ana.call("GET", "/api/v1/me")).json
    assert me == {
        "email": ANA,
        "domain": "default",
        "domains": [{"name": "default", "role": "admin"}],
    }


async def test_looking_at_the_link_does_not_use_it_up(ana: Browser) -> None:
    token = await link(ana.desk)
    for _ in range(3):
        page = await ana.call("GET", f"/sign-in?token={token}")
        assert page.status == 200
        assert '<form method="post">' in page.text
        assert "set-cookie" not in page.headers
    assert (await ana.sign_in(token)).status == 303


async def test_a_link_works_once(ana: Browser) -> None:
    token = await link(ana.desk)
    assert (await ana.sign_in(token)).status == 303
    again = await Browser(ana.desk).sign_in(token)
    assert again.status == 403
    assert "frontdesk people sign-in" in again.text
    assert "set-cookie" not in again.headers


async def test_a_link_that_has_expired_is_refused(ana: Browser) -> None:
    token = await link(ana.desk)
    [row] = await ana.desk.db.fetch(
        "SELECT extract(epoch FROM expires_at - now()) AS lasts"
        " FROM api_tokens WHERE purpose = 'sign_in'"
    )
    assert 14 * 60 < row["lasts"] <= 15 * 60
    await ana.desk.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose = 'sign_in'")
    refused = await ana.sign_in(token)
    assert refused.status == 403
    assert "expired" in refused.text


@pytest.mark.parametrize("token", ["", "wrong", "%00", "%ED%A0%80", "a" * 5000])
async def test_a_wrong_link_is_refused(ana: Browser, token: str) -> None:
    refused = await ana.sign_in(token)
    assert refused.status == 403
    assert refused.headers["content-type"].startswith("text/html")


async def test_tokens_serve_their_own_purpose_only(ana: Browser) -> None:
    desk = ana.desk
    api = await desk.app.domains.issue_token(desk.domain.domain_id, ANA, "tests")
    assert (await ana.sign_in(api)).status == 403
    unspent = await link(desk)
    assert (await desk.call("GET", "/api/v1/me", unspent)).status == 401
    session = (await signed_in(ana)).cookies["frontdesk_session"]
    assert (await desk.call("GET", "/api/v1/me", session)).status == 401
    for other in (api, unspent):
        ana.cookies["frontdesk_session"] = other
        assert (await ana.call("GET", "/api/v1/me")).status == 401


@pytest.mark.parametrize("public", ["http://desk.example", "https://desk.example"])
async def test_scripts_and_other_sites_do_not_get_the_cookie(
    open_desk: Callable[..., Any], public: str
) -> None:
    desk: Desk = await open_desk(worker=False, FRONTDESK_PUBLIC_URL=public)
    token = await desk.app.domains.sign_in_link_token(
        desk.domain.domain_id, "owner@frontdesk.local"
    )
    given = cookie(await Browser(desk).sign_in(token))
    assert given["httponly"] is True
    assert given["samesite"].lower() == "lax"
    assert given["path"] == "/"
    assert int(given["max-age"]) == 12 * 3600
    assert bool(given["secure"]) == public.startswith("https")


async def test_a_session_is_kept_as_a_hash_and_ends_after_12_hours(ana: Browser) -> None:
    session = (await signed_in(ana)).cookies["frontdesk_session"]
    [row] = await ana.desk.db.fetch(
        "SELECT t::text AS text, extract(epoch FROM expires_at - now()) AS lasts"
        " FROM api_tokens t WHERE purpose = 'session'"
    )
    assert session not in row["text"]
    assert 12 * 3600 - 60 < row["lasts"] <= 12 * 3600
    await ana.desk.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose = 'session'")
    ended = await ana.call("GET", "/api/v1/me")
    assert ended.status == 401
    assert "session has ended" in ended.detail


OTHER_SITES = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
]


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
async def test_another_site_cannot_make_a_signed_in_browser_change_anything(
    ana: Browser, headers: dict[str, str]
) -> None:
    await signed_in(ana)
    for method, path, body in (
        ("PUT", "/api/v1/domains/default", {"display_name": "Evil"}),
        ("POST", "/api/v1/domains", {"name": "evil"}),
        ("POST", "/sign-out", None),
    ):
        refused = await ana.call(method, path, json=body, headers=headers)
        assert refused.status == 403, f"{method} {path}"
        assert "Frontdesk's own pages only" in refused.detail
    assert (await ana.call("GET", "/api/v1/domains/default")).json["display_name"] == "Frontdesk"
    assert (await Browser(ana.desk).sign_in(await link(ana.desk))).status == 303
    refused = await ana.call("POST", f"/sign-in?token={await link(ana.desk)}", headers=headers)
    assert refused.status == 403


@pytest.mark.parametrize("headers", [{}, {**OWN, "Origin": ""}], ids=["Origin", "Sec-Fetch-Site"])
async def test_our_own_pages_may_change_things(ana: Browser, headers: dict[str, str]) -> None:
    await signed_in(ana)
    body = {"display_name": "Bakery"}
    changed = await ana.call("PUT", "/api/v1/domains/default", json=body, headers=headers)
    assert changed.status == 200, changed.text
    assert changed.json["display_name"] == "Bakery"


async def test_a_token_decides_where_both_are_sent(ana: Browser) -> None:
    await signed_in(ana)
    _, rival = await another_domain(ana.desk)
    headers = {"Authorization": f"Bearer {rival}"}
    assert (await ana.call("GET", "/api/v1/me", headers=headers)).json["domain"] == "rival"
    headers = {"Authorization": "Bearer wrong"}
    assert (await ana.call("GET", "/api/v1/me", headers=headers)).status == 401


async def test_a_session_dies_with_its_person(ana: Browser) -> None:
    await signed_in(ana)
    unspent = await link(ana.desk)
    await ana.desk.app.domains.remove_person(ana.desk.domain.domain_id, ANA)
    assert (await ana.call("GET", "/api/v1/me")).status == 401
    assert (await ana.sign_in(unspent)).status == 403


async def test_a_session_shows_another_domain_nothing(ana: Browser) -> None:
    await signed_in(ana)
    await another_domain(ana.desk)
    assert (await ana.call("GET", "/api/v1/conversations?domain=rival")).status == 404


async def test_who_signs_out_is_out_on_the_server_too(ana: Browser) -> None:
    await signed_in(ana)
    out = await ana.call("POST", "/sign-out")
    assert (out.status, out.headers["location"]) == (303, "/")
    assert cookie(out).value == ""
    assert (await ana.call("GET", "/api/v1/me")).status == 401, "the old cookie still opens"
    assert (await ana.call("POST", "/sign-out")).status == 303


async def test_who_tries_too_often_waits_and_others_do_not(ana: Browser) -> None:
    for _ in range(30):
        assert (await ana.sign_in("wrong")).status == 403
    refused = await ana.sign_in("wrong")
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-type"].startswith("text/html")


def test_wrong_attempts_are_counted_per_address_and_forgotten_in_time() -> None:
    now = [0.0]
    attempts = Attempts(most=2, seconds=60, clock=lambda: now[0])
    for _ in range(2):
        attempts.check("2001:db8::1")
        attempts.failed("2001:db8::1")
    for same in ("2001:db8::1", "2001:db8::ffff"):
        with pytest.raises(TooMany, match="try again in 60 s"):
            attempts.check(same)
    attempts.check("2001:db8:0:1::1")
    attempts.check("192.0.2.1")
    now[0] = 60.0
    attempts.check("2001:db8::1")


async def test_expired_links_and_sessions_are_cleared_away(ana: Browser) -> None:
    await signed_in(ana)
    await link(ana.desk)
    await ana.desk.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose <> 'api'")
    await link(ana.desk)
    rows = await ana.desk.db.fetch("SELECT purpose FROM api_tokens WHERE purpose <> 'api'")
    assert [row["purpose"] for row in rows] == ["sign_in"]


async def test_signing_in_is_in_the_audit_log(ana: Browser) -> None:
    await signed_in(ana)
    rows = await ana.desk.db.fetch(
        "SELECT action FROM audit_log WHERE action LIKE 'sign_in%' ORDER BY at"
    )
    assert [row["action"] for row in rows] == ["sign_in.link", "sign_in"]
