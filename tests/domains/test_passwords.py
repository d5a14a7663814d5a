"""A password signs its owner in, where it is theirs, and tells nobody else anything."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client import REGISTRY

from domains.browser import ANA, PASSWORD, Browser, link, signed_in, token_of, with_password
from frontdesk.domains.limits import SignInLimits, Window
from frontdesk.domains.passwords import Passwords, check_password
from frontdesk.kernel.errors import Forbidden, TooMany, Unprocessable
from pipeline.desk import Answer, Desk, another_domain

_MINUTE = timedelta(minutes=1)
WRONG = "another lamp cactus violin"
BOB = "bob@example.com"


def hashed() -> float:
    return REGISTRY.get_sample_value("frontdesk_password_hashes_total") or 0.0


async def test_the_right_password_signs_in_and_a_wrong_one_does_not(site: Desk) -> None:
    await with_password(site, BOB)
    browser = Browser(site)
    refused = await browser.sign_in(BOB, WRONG)
    assert refused.status == 401
    assert "set-cookie" not in refused.headers
    answer = await browser.sign_in(" Bob@Example.COM ")
    assert answer.status == 200
    assert (answer.json["email"], answer.json["has_password"]) == (BOB, True)


async def test_a_password_is_kept_as_argon2_and_shown_nowhere(site: Desk) -> None:
    browser = await with_password(site, BOB)
    kept = await site.db.fetchval("SELECT password_hash FROM people WHERE email = $1", BOB)
    assert str(kept).startswith("$argon2id$")
    for path in ("/api/v1/people", "/api/v1/me", "/api/v1/audit"):
        for caller in (browser.call("GET", path), site.call("GET", path)):
            assert "argon2" not in (await caller).text
    entries = await site.db.fetch("SELECT a::text AS text FROM audit_log a")
    assert not any(PASSWORD in entry["text"] for entry in entries)


async def test_known_and_unknown_e_mails_are_told_apart_by_nothing(site: Desk) -> None:
    await with_password(site, BOB)
    invited = "invited@example.com"
    await site.call("POST", "/api/v1/people", json={"email": invited})
    seen: list[tuple[Any, ...]] = []
    for email in (BOB, invited, "nobody@example.com"):
        before = hashed()
        answer = await Browser(site).sign_in(email, WRONG)
        varying = {"date", "content-length"}
        headers = {name: value for name, value in answer.headers.items() if name not in varying}
        seen.append((answer.status, answer.text, headers, hashed() - before))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][3] == 1, "each costs one hash, whoever it is"


async def attempts(site: Desk, email: str, count: int) -> list[Answer]:
    return [await Browser(site).sign_in(email, WRONG) for _ in range(count)]


@pytest.mark.parametrize("email", [BOB, "nobody@example.com"])
async def test_guessing_at_one_e_mail_is_stopped_whether_it_exists_or_not(
    site: Desk, email: str
) -> None:
    await with_password(site, BOB)
    answers = await attempts(site, email, 12)
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 90
    assert "try again in" in answers[-1].detail
    before = hashed()
    assert (await Browser(site).sign_in(email)).status == 429, "also with the right one"
    assert hashed() == before, "what is refused costs no hash"
    assert (await Browser(site).sign_in("other@example.com", WRONG)).status == 401


async def test_a_right_password_uses_up_nothing(site: Desk) -> None:
    await with_password(site, BOB)
    for _ in range(12):
        assert (await Browser(site).sign_in(BOB)).status == 200


async def test_guesses_at_the_same_time_count_too(site: Desk) -> None:
    guesses = [Browser(site).sign_in(BOB, WRONG) for _ in range(25)]
    answers = await asyncio.gather(*guesses)
    assert sum(answer.status == 401 for answer in answers) == 10


async def test_one_address_cannot_try_many_e_mails_or_links(site: Desk) -> None:
    await with_password(site, BOB)
    answers = await asyncio.gather(*(Browser(site).spend(f"wrong {n}") for n in range(50)))
    # One comes back every two seconds.
    assert 30 <= sum(answer.status == 403 for answer in answers) < 45
    refused = [answer for answer in answers if answer.status == 429]
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)


async def test_web_processes_count_together(open_desk: Callable[..., Any], dsn: str) -> None:
    one: Desk = await open_desk(worker=False)
    two: Desk = await open_desk(worker=False)
    for desk in (one, two):
        await desk.http.close()
        desk.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    statuses = [
        (await Browser((one, two)[number % 2]).sign_in(BOB, WRONG)).status for number in range(12)
    ]
    for desk in (one, two):
        await desk.http.close()
    assert statuses == [401] * 10 + [429] * 2


async def test_attempts_come_back_in_time_and_leave_no_rows(site: Desk) -> None:
    await attempts(site, BOB, 10)
    assert (await Browser(site).sign_in(BOB, WRONG)).status == 429
    await site.db.execute("UPDATE sign_in.attempts SET until = until - interval '91 seconds'")
    assert (await Browser(site).sign_in(BOB, WRONG)).status == 401, "one came back"
    assert (await Browser(site).sign_in(BOB, WRONG)).status == 429
    rows = await site.db.fetch("SELECT a::text AS text FROM sign_in.attempts a")
    assert len(rows) == 2
    assert not any("bob" in row["text"] for row in rows)
    await site.db.execute("UPDATE sign_in.attempts SET until = now() - interval '1 second'")
    assert (await Browser(site).sign_in("x@example.com", WRONG)).status == 401
    assert await site.db.fetchval("SELECT count(*) FROM sign_in.attempts") == 2


async def test_the_neighbours_of_an_ipv6_address_share_its_attempts(site: Desk) -> None:
    limits = SignInLimits(site.app.database, b"k" * 32, per_address=Window(1, _MINUTE))
    with pytest.raises(Forbidden):
        async with limits.attempt("2001:db8::1"):
            raise Forbidden("wrong")
    with pytest.raises(TooMany):
        async with limits.attempt("2001:db8::ffff"):
            pass
    for other in ("2001:db8:0:1::1", "192.0.2.1"):
        async with limits.attempt(other):
            pass


async def test_what_fails_for_another_reason_is_given_back(site: Desk) -> None:
    limits = SignInLimits(site.app.database, b"k" * 32, per_address=Window(1, _MINUTE))
    for _ in range(3):
        with pytest.raises(Unprocessable):
            async with limits.attempt("192.0.2.1"):
                raise Unprocessable("a password that is too short")


async def test_equal_e_mails_in_two_domains_are_two_people(site: Desk) -> None:
    _, rival = await another_domain(site)
    await with_password(site, BOB, PASSWORD)
    made = await site.call("POST", "/api/v1/people", rival, json={"email": BOB, "role": "owner"})
    other = Browser(site)
    assert (await other.accept(token_of(made.json["invitation_url"]), WRONG)).status == 200
    for password, domain in ((PASSWORD, "default"), (WRONG, "rival")):
        browser = Browser(site)
        me = await browser.sign_in(BOB, password)
        assert me.json["domain"] == domain
        assert [one["name"] for one in me.json["domains"]] == [domain]
        hidden = {"default": "rival", "rival": "default"}[domain]
        assert (await browser.call("GET", f"/api/v1/people?domain={hidden}")).status == 404
    assert (await Browser(site).sign_in(BOB, WRONG, domain="default")).status == 401
    assert (await Browser(site).sign_in(BOB, WRONG, domain="rival")).status == 200
    assert (await Browser(site).sign_in(BOB, WRONG, domain="nowhere")).status == 401


async def test_with_one_password_in_two_domains_it_is_the_one_of_the_last_time(
    site: Desk,
) -> None:
    _, rival = await another_domain(site)
    await with_password(site, BOB)
    made = await site.call("POST", "/api/v1/people", rival, json={"email": BOB})
    await Browser(site).accept(token_of(made.json["invitation_url"]))
    assert (await Browser(site).sign_in(BOB)).json["domain"] == "rival"
    assert (await Browser(site).sign_in(BOB, domain="default")).json["domain"] == "default"
    assert (await Browser(site).sign_in(BOB)).json["domain"] == "default"


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(site: Desk) -> None:
    browser, elsewhere = await with_password(site, BOB), Browser(site)
    await elsewhere.sign_in(BOB)
    path = "/api/v1/me/password"
    without = await browser.call("PUT", path, json={"password": WRONG})
    assert without.status == 422
    assert "current password" in without.detail
    wrong = await browser.call("PUT", path, json={"current": WRONG, "password": WRONG})
    assert wrong.status == 403
    right = await browser.call("PUT", path, json={"current": PASSWORD, "password": WRONG})
    assert right.status == 204
    assert (await browser.me()).status == 200
    assert (await elsewhere.me()).status == 401
    assert (await Browser(site).sign_in(BOB, PASSWORD)).status == 401
    assert (await Browser(site).sign_in(BOB, WRONG)).status == 200


async def test_guessing_the_old_password_is_limited_like_signing_in(site: Desk) -> None:
    browser = await with_password(site, BOB)
    body = {"current": WRONG, "password": WRONG}
    statuses = [
        (await browser.call("PUT", "/api/v1/me/password", json=body)).status for _ in range(11)
    ]
    assert statuses == [403] * 10 + [429]


async def test_a_forgotten_password_is_replaced_soon_after_a_link(site: Desk) -> None:
    await with_password(site, BOB)
    path = "/api/v1/me/password"
    browser = await signed_in(site, BOB)
    await site.db.execute("UPDATE api_tokens SET created_at = now() - interval '10 minutes'")
    assert (await browser.call("PUT", path, json={"password": WRONG})).status == 422
    browser = await signed_in(site, BOB)
    assert (await browser.call("PUT", path, json={"password": WRONG})).status == 204
    assert (await Browser(site).sign_in(BOB, WRONG)).status == 200


async def test_a_program_does_not_set_its_owners_password(site: Desk) -> None:
    refused = await site.call("PUT", "/api/v1/me/password", json={"password": WRONG})
    assert refused.status == 403
    assert "not for an API token" in refused.detail


async def test_who_makes_a_domain_signs_in_there_with_the_same_password(site: Desk) -> None:
    owner = await signed_in(site, "owner@frontdesk.local")
    body = {"password": PASSWORD}
    assert (await owner.call("PUT", "/api/v1/me/password", json=body)).status == 204
    await owner.call("POST", "/api/v1/domains", json={"name": "bakery"})
    me = await Browser(site).sign_in("owner@frontdesk.local", domain="bakery")
    assert me.json["domain"] == "bakery"
    assert [one["name"] for one in me.json["domains"]] == ["bakery", "default"]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("x" * 201, "up to 200"),
        ("password1234", "guessed first"),
        ("P@ssw0rd2026!", "guessed first"),
        ("passwordpassword", "guessed first"),
        ("Welcome-2026!!", "guessed first"),
        ("123456789012", "guessed first"),
        ("qwertyuiop123", "guessed first"),
        ("abcdefghijklmnop", "guessed first"),
        ("aaaaaaaaaaaaaa", "guessed first"),
        ("kolikolikolikoli", "guessed first"),
        ("correct horse battery staple", "guessed first"),
        ("ana@example.com", "your name"),
        ("anagarcia2026", "your name"),
        ("Garcia.Ana.12345", "your name"),
    ],
)
def test_a_password_that_is_guessed_easily_is_refused(password: str, why: str) -> None:
    with pytest.raises(Unprocessable, match=why):
        check_password(password, email=ANA, name="Ana García Garcia")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "winter-lamp-orbit-cactus",
        "vK9#qLm2$xTz",
        "почта лампа кактус",
        "十二文字以上の長い合言葉です",
    ],
)
def test_a_password_that_is_long_and_its_own_is_allowed(password: str) -> None:
    check_password(password, email=ANA, name="Ana")


async def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    passwords = Passwords()
    kept = await passwords.hash("caf\u00e9 lamp cactus")
    assert await passwords.matching("cafe\u0301 lamp cactus", [kept, None]) == [True, False]
    assert await passwords.matching("\ud800 lone surrogate", [kept]) == [False]


@pytest.mark.parametrize("odd", ["a\x00b", "\ud800", "x" * 300, "💥", "' OR 1=1 --", ""])
async def test_odd_texts_sign_nobody_in(site: Desk, odd: str) -> None:
    await link(site, "owner@frontdesk.local")
    assert (await Browser(site).sign_in(odd, odd)).status in (401, 422)
    assert (await Browser(site).sign_in(odd, PASSWORD, domain=odd)).status in (401, 422)
