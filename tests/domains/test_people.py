"""Domains, their people and their tokens."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.app.wiring import App, prepare
from frontdesk.domains.encryption import Cipher
from frontdesk.kernel.errors import Conflict, NotFound, Unauthorized, Unavailable, Unprocessable
from frontdesk.settings import Settings
from pipeline.desk import OWNER_TOKEN, Desk


async def test_whoever_makes_a_domain_owns_it(web: Desk) -> None:
    body = {"name": "aitana", "display_name": "Aitana"}
    made = await web.call("POST", "/api/v1/domains", json=body)
    assert made.status == 201
    assert made.json["display_name"] == "Aitana"
    listed = (await web.call("GET", "/api/v1/domains")).json["items"]
    assert {item["name"] for item in listed} == {"default", "aitana"}
    changed = await web.call("PUT", "/api/v1/domains/aitana", json={"display_name": "Aitana 2"})
    assert changed.json["display_name"] == "Aitana 2"


async def test_a_name_is_taken_once(web: Desk) -> None:
    answer = await web.call("POST", "/api/v1/domains", json={"name": "default"})
    assert answer.status == 409
    assert "default" in answer.detail


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a" * 65, "ä", "a/b"])
async def test_a_name_that_is_not_allowed_is_refused(web: Desk, name: str) -> None:
    answer = await web.call("POST", "/api/v1/domains", json={"name": name})
    assert answer.status == 422
    assert "a-z" in answer.detail


async def test_a_setting_given_as_null_is_removed(web: Desk) -> None:
    path = "/api/v1/domains/default"
    await web.call("PUT", path, json={"settings": {"a": 1, "b": 2}})
    answer = await web.call("PUT", path, json={"settings": {"a": None}})
    assert answer.json["settings"] == {"b": 2}


async def test_a_default_assistant_that_does_not_exist_leaves_nobody_unanswered(
    desk: Desk,
) -> None:
    answer = await desk.call(
        "PUT", "/api/v1/domains/default", json={"default_assistant_id": "nobody"}
    )
    if answer.status == 200:
        await desk.write("Hello")
        [text] = await desk.replies(1)
        assert not text.startswith("Sorry, I cannot answer right now")
    else:
        assert answer.status in (404, 409, 422)


async def test_a_domain_keeps_an_owner(app: App) -> None:
    domain = await app.domains.by_name("default")
    [owner] = await app.domains.people(domain.domain_id)
    with pytest.raises(Conflict, match="at least one owner"):
        await app.domains.remove_person(domain.domain_id, owner.email)
    with pytest.raises(Conflict, match="at least one owner"):
        await app.domains.change_role(domain.domain_id, owner.email, "viewer")
    await app.domains.add_person(domain.domain_id, "bob@example.com", "Bob", "owner")
    await app.domains.change_role(domain.domain_id, owner.email, "viewer")


@pytest.mark.parametrize(
    "email",
    [
        "", "bob", "bob@", "@x.y", "b b@x.y", "x" * 300 + "@x.y", "bob@home@x.y",
        "b\x1b[31mob@x.y", "b\u202eob@x.y", "b\u200bob@x.y", "bob@x.y\x00", "b\ud800b@x.y",
    ],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused(app: App, email: str) -> None:
    domain = await app.domains.by_name("default")
    with pytest.raises(Unprocessable, match="not an address"):
        await app.domains.add_person(domain.domain_id, email, "", "viewer")


async def test_a_person_is_a_member_once_whatever_the_case(app: App) -> None:
    domain = await app.domains.by_name("default")
    await app.domains.add_person(domain.domain_id, "Bob@Example.com", "", "viewer")
    with pytest.raises(Conflict):
        await app.domains.add_person(domain.domain_id, "bob@example.COM", "", "viewer")
    with pytest.raises(Unprocessable, match="boss"):
        await app.domains.change_role(domain.domain_id, "bob@example.com", "boss")
    with pytest.raises(NotFound):
        await app.domains.issue_token(domain.domain_id, "carol@example.com", "x")


async def test_an_expired_token_opens_nothing(app: App, dsn: str) -> None:
    domain = await app.domains.by_name("default")
    soon = datetime.now(UTC) + timedelta(hours=1)
    token = await app.domains.issue_token(domain.domain_id, "owner@frontdesk.local", "x", soon)
    assert (await app.domains.authenticate(token)).home == domain.domain_id
    async with app.database.system_tx() as connection:
        await connection.execute("UPDATE api_tokens SET expires_at = now() - interval '1 second'")
    for each in (token, OWNER_TOKEN):
        with pytest.raises(Unauthorized):
            await app.domains.authenticate(each)


async def test_what_people_change_is_in_the_audit_log(web: Desk) -> None:
    await web.call("PUT", "/api/v1/domains/default", json={"display_name": "New"})
    row = await web.db.fetchrow(
        "SELECT * FROM audit_log WHERE action = 'domain.update' AND person_id IS NOT NULL"
    )
    assert row is not None
    owner = await web.db.fetchval("SELECT person_id FROM people WHERE role = 'owner'")
    assert (row["person_id"], row["target"]) == (owner, "default")


async def test_a_first_owners_token_is_told_once(
    empty_dsn: str, settings: Callable[..., Settings]
) -> None:
    bare = settings(FRONTDESK_OWNER_TOKEN="")
    first = await prepare(bare, empty_dsn)
    assert first is not None
    assert first.startswith("fd_")
    assert await prepare(bare, empty_dsn) is None


def test_a_secret_opens_with_its_key_and_in_its_place_only() -> None:
    cipher = Cipher(b"k" * 32)
    sealed = cipher.seal("secret", "here")
    assert b"secret" not in sealed
    assert cipher.seal("secret", "here") != sealed
    assert cipher.open(sealed, "here") == "secret"
    for other, place in ((cipher, "there"), (Cipher(b"x" * 32), "here")):
        with pytest.raises(Unavailable, match="FRONTDESK_SECRET_KEY"):
            other.open(sealed, place)
    with pytest.raises(Unavailable):
        cipher.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "here")
    assert "kkk" not in repr(cipher)
