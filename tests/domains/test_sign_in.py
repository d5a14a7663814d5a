"""A person signs in with a link that works once, and stays signed in for a while."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from domains.browser import ANA, Browser, cookie, link, member, signed_in
from pipeline.desk import Desk, another_domain

OWN = {"Sec-Fetch-Site": "same-origin"}


async def test_a_link_signs_a_person_in_as_themselves(ana: Browser) -> None:
    answer = await ana.spend(await link(ana.desk))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    person_id = answer.json.pop("person_id")
    assert answer.json == {
        "email": ANA,
        "name": "Ana",
        "role": "admin",
        "domain": "default",
        "domain_display_name": "Frontdesk",
        "domains": [{"name": "default", "display_name": "Frontdesk", "role": "admin"}],
        "has_password": False,
        "features": {"sandbox": False, "oidc": False},
    }
    assert (await ana.me()).json == {**answer.json, "person_id": person_id}


async def test_a_link_works_once(ana: Browser) -> None:
    token = await link(ana.desk)
    assert (await ana.spend(token)).status == 200
    again = await Browser(ana.desk).spend(token)
    assert again.status == 403
    assert "was used" in again.detail
    assert "set-cookie" not in again.headers


async def test_a_link_that_has_expired_is_refused(ana: Browser) -> None:
    token = await link(ana.desk)
    [row] = await ana.desk.db.fetch(
        "SELECT extract(epoch FROM expires_at - now()) AS lasts"
        " FROM api_tokens WHERE purpose = 'sign_in'"
    )
    assert 14 * 60 < row["lasts"] <= 15 * 60
    await ana.desk.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose = 'sign_in'")
    refused = await ana.spend(token)
    assert refused.status == 403
    assert "expired" in refused.detail


@pytest.mark.parametrize(
    ("token", "status"),
    [("", 403), ("wrong", 403), ("\x00", 403), ("\ud800", 422), ("a" * 5_000, 422)],
    ids=range(5),
)
async def test_a_wrong_link_is_refused(ana: Browser, token: str, status: int) -> None:
    assert (await ana.spend(token)).status == status


async def test_tokens_serve_their_own_purpose_only(ana: Browser) -> None:
    desk = ana.desk
    api = await desk.app.domains.issue_token(desk.domain.domain_id, ANA, "tests")
    assert (await ana.spend(api)).status == 403
    unspent = await link(desk)
    assert (await desk.call("GET", "/api/v1/me", unspent)).status == 401
    session = (await signed_in(desk)).session
    assert (await desk.call("GET", "/api/v1/me", session)).status == 401
    for other in (api, unspent):
        ana.cookies["frontdesk_session"] = other
        assert (await ana.me()).status == 401


@pytest.mark.parametrize(
    ("public", "name"),
    [
        ("http://desk.example", "frontdesk_session"),
        ("https://desk.example", "__Host-frontdesk_session"),
    ],
)
async def test_scripts_and_other_sites_do_not_get_the_cookie(
    open_desk: Callable[..., Any], public: str, name: str
) -> None:
    desk: Desk = await open_desk(worker=False, FRONTDESK_PUBLIC_URL=public)
    browser = Browser(desk)
    answer = await browser.spend(await link(desk, "owner@frontdesk.local"))
    given = cookie(answer, name)
    assert given["httponly"] is True
    assert given["samesite"].lower() == "lax"
    assert given["path"] == "/"
    assert given["domain"] == ""
    assert int(given["max-age"]) == 30 * 24 * 3600
    assert bool(given["secure"]) == public.startswith("https")
    assert (await browser.me()).status == 200
    out = await browser.call("DELETE", "/api/v1/session")
    assert (out.status, cookie(out, name).value) == (204, "")


async def test_a_session_is_kept_as_a_hash_and_ends_after_30_days(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    [row] = await ana.desk.db.fetch(
        "SELECT t::text AS text, extract(epoch FROM expires_at - now()) AS lasts"
        " FROM api_tokens t WHERE purpose = 'session'"
    )
    assert browser.session not in row["text"]
    month = 30 * 24 * 3600
    assert month - 60 < row["lasts"] <= month
    await ana.desk.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose = 'session'")
    ended = await browser.me()
    assert ended.status == 401
    assert "session has ended" in ended.detail


async def test_a_session_ends_when_it_was_not_used_for_12_hours(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    age = "UPDATE api_tokens SET last_used_at = now() - $1::interval WHERE purpose = 'session'"
    await ana.desk.db.execute(age.replace("$1", "'11 hours 59 minutes'"))
    assert (await browser.me()).status == 200, "and this was a use of it"
    used = await ana.desk.db.fetchval(
        "SELECT now() - last_used_at < interval '1 minute' FROM api_tokens"
        " WHERE purpose = 'session'"
    )
    assert used
    await ana.desk.db.execute(age.replace("$1", "'12 hours'"))
    assert (await browser.me()).status == 401
    assert (await browser.call("GET", "/api/v1/me/sessions")).status == 401


async def test_that_a_token_was_used_is_written_once_a_minute_at_most(site: Desk) -> None:
    await site.db.execute("CREATE SEQUENCE writes; GRANT ALL ON writes TO frontdesk_tenant")
    await site.db.execute(
        "CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM nextval('writes'); RETURN NEW; END $$;"
        "CREATE TRIGGER count_writes BEFORE UPDATE ON api_tokens"
        " FOR EACH ROW EXECUTE FUNCTION count_write()"
    )
    for _ in range(5):
        assert (await site.call("GET", "/api/v1/me")).status == 200
    assert await site.db.fetchval("SELECT last_value FROM writes") == 1
    await site.db.execute("UPDATE api_tokens SET last_used_at = now() - interval '61 seconds'")
    for _ in range(5):
        assert (await site.call("GET", "/api/v1/me")).status == 200
    assert await site.db.fetchval("SELECT last_value FROM writes") == 3, "ours and one more"


@pytest.mark.parametrize("way", ["link", "password"])
async def test_a_session_that_was_planted_does_not_become_the_victims(
    ana: Browser, way: str
) -> None:
    await member(ana.desk, "mallory@example.com", "viewer")
    mallory = await signed_in(ana.desk, "mallory@example.com")
    planted = mallory.session
    ana.cookies["frontdesk_session"] = planted
    if way == "link":
        answer = await ana.spend(await link(ana.desk))
    else:
        owner = await signed_in(ana.desk, ANA)
        body = {"password": "orbit lamp cactus violin"}
        assert (await owner.call("PUT", "/api/v1/me/password", json=body)).status == 204
        answer = await ana.sign_in(ANA)
    assert answer.status == 200
    assert ana.session != planted
    assert (await ana.me()).json["email"] == ANA
    # What the victim's browser had before is over, not handed on.
    assert (await mallory.me()).status == 401


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
    browser = await signed_in(ana.desk)
    for method, path, body in (
        ("PUT", "/api/v1/domains/default", {"display_name": "Evil"}),
        ("POST", "/api/v1/domains", {"name": "evil"}),
        ("POST", "/api/v1/people", {"email": "evil@example.com", "role": "admin"}),
        ("PUT", "/api/v1/me/password", {"password": "orbit lamp cactus violin"}),
        ("POST", "/api/v1/tokens", {"name": "evil"}),
        ("DELETE", "/api/v1/session", None),
        ("DELETE", "/api/v1/sessions", None),
    ):
        refused = await browser.call(method, path, json=body, headers=headers)
        assert refused.status == 403, f"{method} {path}"
        assert "Frontdesk's own pages only" in refused.detail
    assert (await browser.call("GET", "/api/v1/domains/default")).json[
        "display_name"
    ] == "Frontdesk"


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
async def test_another_site_cannot_sign_a_browser_in_as_somebody_else(
    ana: Browser, headers: dict[str, str]
) -> None:
    token = await link(ana.desk)
    for path, body in (
        ("/api/v1/session/link", {"token": token}),
        ("/api/v1/session", {"email": ANA, "password": "orbit lamp cactus violin"}),
        ("/api/v1/invitation", {"token": token, "name": "", "password": "orbit lamp cactus"}),
    ):
        refused = await ana.call("POST", path, json=body, headers=headers)
        assert refused.status == 403, path
        assert "Frontdesk's own pages only" in refused.detail
        # A form of another site can send this type without being asked for leave.
        plain = {"Content-Type": "text/plain"}
        assert (await ana.call("POST", path, data=b"{}", headers=plain)).status == 422
    assert (await ana.spend(token)).status == 200, "the link was not used up"


@pytest.mark.parametrize("headers", [{}, {**OWN, "Origin": ""}], ids=["Origin", "Sec-Fetch-Site"])
async def test_our_own_pages_may_change_things(ana: Browser, headers: dict[str, str]) -> None:
    browser = await signed_in(ana.desk)
    body = {"display_name": "Bakery"}
    changed = await browser.call("PUT", "/api/v1/domains/default", json=body, headers=headers)
    assert changed.status == 200, changed.text
    assert changed.json["display_name"] == "Bakery"


async def test_a_token_decides_where_both_are_sent(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    _, rival = await another_domain(ana.desk)
    headers = {"Authorization": f"Bearer {rival}"}
    assert (await browser.call("GET", "/api/v1/me", headers=headers)).json["domain"] == "rival"
    headers = {"Authorization": "Bearer wrong"}
    assert (await browser.call("GET", "/api/v1/me", headers=headers)).status == 401


async def test_a_session_dies_with_its_person(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    unspent = await link(ana.desk)
    await ana.desk.app.domains.remove_person(ana.desk.domain.domain_id, ANA)
    assert (await browser.me()).status == 401
    assert (await browser.spend(unspent)).status == 403


async def test_a_session_shows_another_domain_nothing(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    await another_domain(ana.desk)
    assert (await browser.call("GET", "/api/v1/people?domain=rival")).status == 404
    switched = await browser.call("POST", "/api/v1/me/domain", json={"domain": "rival"})
    assert switched.status == 404


async def test_who_signs_out_is_out_on_the_server_too(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    kept = dict(browser.cookies)
    out = await browser.call("DELETE", "/api/v1/session")
    assert out.status == 204
    assert cookie(out).value == ""
    browser.cookies = kept
    assert (await browser.me()).status == 401, "the old cookie still opens"
    assert (await browser.call("DELETE", "/api/v1/session")).status == 204


async def test_who_signs_out_everywhere_is_out_everywhere(ana: Browser) -> None:
    first, second = await signed_in(ana.desk), await signed_in(ana.desk)
    unspent = await link(ana.desk)
    token = await ana.desk.app.domains.issue_token(ana.desk.domain.domain_id, ANA, "tests")
    other = await signed_in(ana.desk, "owner@frontdesk.local")
    kept = dict(first.cookies)
    assert (await first.call("DELETE", "/api/v1/sessions")).status == 204
    assert first.cookies == {}
    first.cookies = kept
    for browser in (first, second):
        assert (await browser.me()).status == 401
    assert (await ana.spend(unspent)).status == 403, "an unused link was left open"
    assert (await other.me()).status == 200
    assert (await ana.desk.call("GET", "/api/v1/me", token)).status == 200


async def test_a_person_sees_where_they_are_signed_in_and_ends_one(ana: Browser) -> None:
    here = Browser(ana.desk)
    headers = {"User-Agent": "Firefox on a laptop"}
    assert (await here.spend(await link(ana.desk), headers=headers)).status == 200
    there = await signed_in(ana.desk)
    await signed_in(ana.desk, "owner@frontdesk.local")
    items = (await here.call("GET", "/api/v1/me/sessions")).json["items"]
    assert len(items) == 2
    [own] = [item for item in items if item["current"]]
    assert own["user_agent"] == "Firefox on a laptop"
    assert own["address"] == "127.0.0.1"
    [other] = [item for item in items if not item["current"]]
    path = f"/api/v1/me/sessions/{other['session_id']}"
    assert (await here.call("DELETE", path)).status == 204
    assert (await there.me()).status == 401
    assert (await here.me()).status == 200
    assert (await here.call("DELETE", path)).status == 404


async def test_nobody_ends_the_session_of_somebody_else(ana: Browser) -> None:
    browser = await signed_in(ana.desk)
    owner = await signed_in(ana.desk, "owner@frontdesk.local")
    [session] = (await browser.call("GET", "/api/v1/me/sessions")).json["items"]
    path = f"/api/v1/me/sessions/{session['session_id']}"
    assert (await owner.call("DELETE", path)).status == 404
    assert (await browser.me()).status == 200


async def test_a_person_of_two_domains_switches_between_them(ana: Browser) -> None:
    owner = await signed_in(ana.desk, "owner@frontdesk.local")
    made = await owner.call("POST", "/api/v1/domains", json={"name": "bakery"})
    assert made.status == 201
    moved = await owner.call("POST", "/api/v1/me/domain", json={"domain": "bakery"})
    assert (moved.status, moved.json["domain"]) == (200, "bakery")
    assert [one["name"] for one in moved.json["domains"]] == ["bakery", "default"]
    people = (await owner.call("GET", "/api/v1/people")).json["items"]
    assert [person["email"] for person in people] == ["owner@frontdesk.local"]
    assert people[0]["name"] == "Owner"
    items = (await owner.call("GET", "/api/v1/me/sessions")).json["items"]
    assert [item["current"] for item in items] == [True]
    refused = await ana.desk.call("POST", "/api/v1/me/domain", json={"domain": "bakery"})
    assert refused.status == 403
    assert "not for an API token" in refused.detail


async def test_a_person_changes_their_name_in_all_of_their_domains(site: Desk) -> None:
    await site.call("POST", "/api/v1/domains", json={"name": "bakery"})
    changed = await site.call("PATCH", "/api/v1/me", json={"name": " Olga "})
    assert (changed.status, changed.json["name"]) == (200, "Olga")
    for domain in ("default", "bakery"):
        [person] = (await site.call("GET", f"/api/v1/people?domain={domain}")).json["items"]
        assert person["name"] == "Olga"


async def test_expired_links_and_sessions_are_cleared_away(ana: Browser) -> None:
    await signed_in(ana.desk)
    await link(ana.desk)
    await ana.desk.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose <> 'api'")
    await link(ana.desk)
    rows = await ana.desk.db.fetch("SELECT purpose FROM api_tokens WHERE purpose <> 'api'")
    assert [row["purpose"] for row in rows] == ["sign_in"]


async def test_signing_in_is_in_the_audit_log(ana: Browser) -> None:
    await signed_in(ana.desk)
    rows = await ana.desk.db.fetch(
        "SELECT action, detail FROM audit_log WHERE action LIKE 'sign_in%' ORDER BY at"
    )
    assert [row["action"] for row in rows] == ["sign_in.link", "sign_in"]
    assert rows[1]["detail"] == {"by": "link"}


async def test_of_many_who_spend_a_link_at_once_one_gets_in(ana: Browser) -> None:
    token = await link(ana.desk)
    answers = await asyncio.gather(*(Browser(ana.desk).spend(token) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200, *[403] * 7]


async def test_what_is_offered_is_told_to_everybody(site: Desk) -> None:
    answer = await site.call("GET", "/api/v1/sign-in-options", None)
    assert answer.json == {"password": True, "oidc": None, "sandbox": False}
