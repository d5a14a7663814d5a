"""Who invites, changes and removes whom; tokens; and the log of it all."""

from uuid import UUID

import pytest

from domains.browser import ANA, PASSWORD, Browser, member, signed_in, token_of, with_password
from frontdesk.kernel.ids import new_id
from pipeline.desk import Answer, Desk, another_domain

BOB = "bob@example.com"


async def token(desk: Desk, email: str, role: str) -> str:
    """An API token of a new member."""
    await member(desk, email, role)
    return await desk.app.domains.issue_token(desk.domain.domain_id, email, "tests")


async def person_id(desk: Desk, email: str) -> str:
    people = (await desk.call("GET", "/api/v1/people")).json["items"]
    return next(person["person_id"] for person in people if person["email"] == email)


async def invite(desk: Desk, email: str = BOB, role: str = "agent") -> Answer:
    answer = await desk.call("POST", "/api/v1/people", json={"email": email, "role": role})
    assert answer.status == 201, answer.text
    return answer


async def test_who_is_invited_sets_a_password_and_is_in(site: Desk) -> None:
    made = await invite(site)
    assert made.json["person"]["state"] == "invited"
    assert made.json["person"]["has_password"] is False
    url = made.json["invitation_url"]
    assert url.startswith(f"{site.url}/invitation?token=")
    browser = Browser(site)
    for _ in range(2):
        shown = await browser.call("GET", f"/api/v1/invitation?token={token_of(url)}")
        assert shown.json == {"email": BOB, "name": "", "domain_display_name": "Frontdesk"}
    answer = await browser.accept(token_of(url), name="Bob")
    assert (answer.status, answer.json["name"], answer.json["role"]) == (200, "Bob", "agent")
    assert (await browser.me()).json["has_password"] is True
    people = (await site.call("GET", "/api/v1/people")).json["items"]
    [bob] = [person for person in people if person["email"] == BOB]
    assert (bob["state"], bob["name"]) == ("active", "Bob")
    again = await Browser(site).accept(token_of(url))
    assert again.status == 403
    assert "was used" in again.detail


async def test_a_weak_password_does_not_use_the_invitation_up(site: Desk) -> None:
    invitation = token_of((await invite(site)).json["invitation_url"])
    for weak in ("short", "bob@example.com", "password1234"):
        assert (await Browser(site).accept(invitation, weak)).status == 422
    assert (await Browser(site).accept(invitation)).status == 200


async def test_an_invitation_lasts_seven_days(site: Desk) -> None:
    made = await invite(site)
    lasts = await site.db.fetchval(
        "SELECT extract(epoch FROM expires_at - now())::float8 FROM api_tokens"
        " WHERE purpose = 'invitation'"
    )
    assert 7 * 86_400 - 60 < float(lasts or 0) <= 7 * 86_400
    await site.db.execute("UPDATE api_tokens SET expires_at = now() WHERE purpose = 'invitation'")
    invitation = token_of(made.json["invitation_url"])
    shown = await Browser(site).call("GET", f"/api/v1/invitation?token={invitation}")
    assert shown.status == (await Browser(site).accept(invitation)).status == 403


async def test_a_new_invitation_ends_the_one_before_and_resets_a_password(site: Desk) -> None:
    first = token_of((await invite(site)).json["invitation_url"])
    path = f"/api/v1/people/{await person_id(site, BOB)}/invitation"
    made = await site.call("POST", path)
    assert made.status == 201
    assert made.json["expires_at"].endswith("Z")
    assert (await Browser(site).accept(first)).status == 403
    browser = Browser(site)
    assert (await browser.accept(token_of(made.json["invitation_url"]))).status == 200
    reset = token_of((await site.call("POST", path)).json["invitation_url"])
    assert (await browser.me()).status == 200, "a link alone changes nothing"
    assert (await Browser(site).accept(reset, "another lamp cactus")).status == 200
    assert (await browser.me()).status == 401, "sessions of the old password end"
    assert (await Browser(site).sign_in(BOB, PASSWORD)).status == 401


async def test_admins_do_not_touch_owners_or_make_any(site: Desk) -> None:
    admin = await token(site, ANA, "admin")
    owner = await person_id(site, "owner@frontdesk.local")
    await member(site, BOB, "agent")
    bob = await person_id(site, BOB)
    refused: list[tuple[str, str, object]] = [
        ("POST", "/api/v1/people", {"email": "x@example.com", "role": "owner"}),
        ("PATCH", f"/api/v1/people/{bob}", {"role": "owner"}),
        ("PATCH", f"/api/v1/people/{owner}", {"role": "agent"}),
        ("PATCH", f"/api/v1/people/{owner}", {"name": "Nobody"}),
        ("DELETE", f"/api/v1/people/{owner}", None),
        ("POST", f"/api/v1/people/{owner}/invitation", None),
    ]
    for method, path, body in refused:
        answer = await site.call(method, path, admin, json=body)
        assert answer.status == 403, f"{method} {path} {body}"
        assert "owner" in answer.detail
    people = (await site.call("GET", "/api/v1/people", admin)).json["items"]
    assert {person["email"]: person["role"] for person in people} == {
        ANA: "admin",
        BOB: "agent",
        "owner@frontdesk.local": "owner",
    }
    promoted = await site.call("PATCH", f"/api/v1/people/{bob}", admin, json={"role": "admin"})
    assert (promoted.status, promoted.json["role"]) == (200, "admin")


async def test_owners_make_owners_and_one_of_them_stays(site: Desk) -> None:
    owner = await person_id(site, "owner@frontdesk.local")
    for method, body in (("PATCH", {"role": "admin"}), ("DELETE", None)):
        answer = await site.call(method, f"/api/v1/people/{owner}", json=body)
        assert answer.status == 409
        assert "at least one owner" in answer.detail
    await invite(site, BOB, "owner")
    answer = await site.call("PATCH", f"/api/v1/people/{owner}", json={"role": "admin"})
    assert answer.status == 200


async def test_a_role_holds_from_the_next_request_on(site: Desk) -> None:
    browser = await with_password(site, BOB, role="admin")
    assert (await browser.call("GET", "/api/v1/audit")).status == 200
    path = f"/api/v1/people/{await person_id(site, BOB)}"
    await site.call("PATCH", path, json={"role": "viewer"})
    assert (await browser.call("GET", "/api/v1/audit")).status == 403
    assert (await site.call("DELETE", path)).status == 204
    assert (await browser.me()).status == 401
    assert (await Browser(site).sign_in(BOB)).status == 401


async def test_people_of_another_domain_are_nobody(site: Desk) -> None:
    rival_id, rival = await another_domain(site)
    await member(site, BOB)
    bob = await person_id(site, BOB)
    for id_ in (bob, str(new_id())):
        path = f"/api/v1/people/{id_}"
        seen = [
            await site.call("PATCH", path, rival, json={"name": "X"}),
            await site.call("DELETE", path, rival),
            await site.call("POST", f"{path}/invitation", rival),
        ]
        assert [answer.status for answer in seen] == [404, 404, 404]
    await site.app.domains.add_person(rival_id, BOB, "Other Bob", "viewer")
    people = (await site.call("GET", "/api/v1/people", rival)).json["items"]
    other = next(person for person in people if person["email"] == BOB)
    assert other["person_id"] != bob


async def test_an_admin_of_one_domain_gets_into_no_other_by_resetting_a_password(
    site: Desk,
) -> None:
    """Whoever made a domain is in it as the same person as in the one before."""
    browser = await with_password(site, BOB, role="owner")
    bob = await person_id(site, BOB)
    path = f"/api/v1/people/{bob}/invitation"
    before = token_of((await site.call("POST", path)).json["invitation_url"])
    assert (await browser.call("POST", "/api/v1/domains", json={"name": "bakery"})).status == 201
    assert (await Browser(site).accept(before)).status == 403, "made before the new domain was"
    refused = await site.call("POST", path)
    assert refused.status == 403
    assert "other domains" in refused.detail
    assert "bakery" not in refused.detail
    own = await browser.call("POST", path)
    assert own.status == 201


async def test_an_agent_sees_and_revokes_tokens_of_their_own_only(site: Desk) -> None:
    agent = await token(site, BOB, "agent")
    made = await site.call("POST", "/api/v1/tokens", agent, json={"name": "reports"})
    assert made.status == 201
    assert made.json["token"].startswith("fd_")
    assert (await site.call("GET", "/api/v1/me", made.json["token"])).json["email"] == BOB
    owners = (await site.call("GET", "/api/v1/tokens")).json["items"]
    assert {item["person"]["email"] for item in owners} == {BOB, "owner@frontdesk.local"}
    own = (await site.call("GET", "/api/v1/tokens", agent)).json["items"]
    assert {item["name"] for item in own} == {"tests", "reports"}
    assert made.json["token"] not in str(owners)
    foreign = next(item for item in owners if item["person"]["email"] != BOB)
    assert (await site.call("DELETE", f"/api/v1/tokens/{foreign['token_id']}", agent)).status == 404
    path = f"/api/v1/tokens/{made.json['token_id']}"
    assert (await site.call("DELETE", path)).status == 204, "an admin revokes any"
    assert (await site.call("GET", "/api/v1/me", made.json["token"])).status == 401


async def test_a_session_is_no_token_that_can_be_revoked(site: Desk) -> None:
    browser = await signed_in(site, "owner@frontdesk.local")
    [session] = (await browser.call("GET", "/api/v1/me/sessions")).json["items"]
    path = f"/api/v1/tokens/{session['session_id']}"
    assert (await site.call("DELETE", path)).status == 404
    assert (await browser.me()).status == 200


@pytest.mark.parametrize(
    ("expires_at", "why"), [("2020-01-01T00:00:00Z", "past"), ("2199-01-01T00:00:00", "timezone")]
)
async def test_a_tokens_end_is_a_moment_to_come(site: Desk, expires_at: str, why: str) -> None:
    body = {"name": "x", "expires_at": expires_at}
    refused = await site.call("POST", "/api/v1/tokens", json=body)
    assert refused.status == 422
    assert why in refused.detail


async def test_the_log_tells_who_changed_what_also_when_they_are_gone(site: Desk) -> None:
    admin = await token(site, ANA, "admin")
    await site.call("POST", "/api/v1/people", admin, json={"email": BOB})
    bob = await person_id(site, BOB)
    await site.call("PATCH", f"/api/v1/people/{bob}", admin, json={"role": "viewer"})
    await site.call("DELETE", f"/api/v1/people/{await person_id(site, ANA)}")
    seen: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await site.call("GET", "/api/v1/audit", params=query)).json
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    actions = [entry["action"] for entry in seen]
    assert actions[:4] == ["person.remove", "person.role", "person.invitation", "person.add"]
    role = seen[1]
    assert (role["target"], role["detail"]) == (BOB, {"role": "viewer"})
    assert isinstance(role["person"], dict)
    assert (role["person"]["name"], role["person"]["email"]) == ("Ana", ANA)
    assert UUID(str(role["entry_id"]))
    assert len({str(entry["entry_id"]) for entry in seen}) == len(seen)


async def test_viewers_know_their_colleagues_and_change_nothing(site: Desk) -> None:
    viewer = await token(site, BOB, "viewer")
    people = (await site.call("GET", "/api/v1/people", viewer)).json["items"]
    assert {person["email"] for person in people} == {BOB, "owner@frontdesk.local"}
    for method, path in (
        ("POST", "/api/v1/people"),
        ("GET", "/api/v1/tokens"),
        ("GET", "/api/v1/audit"),
    ):
        body = {"email": "x@example.com"} if method == "POST" else None
        answer = await site.call(method, path, viewer, json=body)
        assert answer.status == 403
        assert "your role" in answer.detail
