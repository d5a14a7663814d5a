"""Saved views: one's own, and those that are shared."""

from typing import Any

import pytest

from inbox.people import colleague
from pipeline.desk import Desk, another_domain

PATH = "/api/v1/views"


async def names(person: Any) -> list[tuple[str, bool]]:
    return [(each["name"], each["own"]) for each in (await person.call("GET", PATH))["items"]]


async def test_a_view_is_its_owners_until_it_is_shared(web: Desk) -> None:
    ann, bob = await colleague(web, "agent", "Ann"), await colleague(web, "agent", "Bob")
    filters = {"status": "open", "assignee": "me", "label": ""}
    made = await ann.call("POST", PATH, 201, json={"name": "Mine", "filters": filters})
    assert made == {
        "view_id": made["view_id"],
        "name": "Mine",
        "filters": {"status": "open", "assignee": "me"},
        "shared": False,
        "own": True,
    }
    path = f"{PATH}/{made['view_id']}"
    assert await names(bob) == []
    await bob.refused("PATCH", path, 404, json={"name": "His"})
    await ann.call("PATCH", path, json={"shared": True})
    assert await names(bob) == [("Mine", False)]
    assert "owner" in await bob.refused("PATCH", path, 403, json={"name": "His"})
    assert "owner" in await bob.refused("DELETE", path, 403)
    assert await names(ann) == [("Mine", True)]


async def test_an_admin_changes_shared_views_and_sees_no_private_ones(web: Desk) -> None:
    ann, grace = await colleague(web, "agent", "Ann"), await colleague(web, "admin", "Grace")
    private = await ann.call("POST", PATH, 201, json={"name": "Private", "filters": {}})
    body = {"name": "Shared", "filters": {"mode": "manual"}, "shared": True}
    shared = await ann.call("POST", PATH, 201, json=body)
    await grace.refused("DELETE", f"{PATH}/{private['view_id']}", 404)
    changed = await grace.call("PATCH", f"{PATH}/{shared['view_id']}", json={"name": "Manual"})
    assert (changed["name"], changed["filters"]) == ("Manual", {"mode": "manual"})
    await grace.call("DELETE", f"{PATH}/{shared['view_id']}", 204)
    assert await names(ann) == [("Private", True)]


async def test_a_view_goes_with_its_person(web: Desk) -> None:
    ann, bob = await colleague(web, "agent", "Ann"), await colleague(web, "agent", "Bob")
    body = {"name": "Shared", "filters": {}, "shared": True}
    await ann.call("POST", PATH, 201, json=body)
    await web.app.domains.remove_person(web.domain.domain_id, "ann@example.com")
    assert await names(bob) == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "x", "filters": {"colour": "red"}}, "needs_people"),
        ({"name": "", "filters": {}}, "1 to 60"),
        ({"name": "x", "filters": {"q": "y" * 201}}, "200"),
    ],
)
async def test_what_no_list_understands_is_refused(
    web: Desk, body: dict[str, Any], told: str
) -> None:
    ann = await colleague(web, "agent")
    assert told in await ann.refused("POST", PATH, 422, json=body)


async def test_a_viewer_saves_none_and_another_domain_sees_none(web: Desk) -> None:
    viewer, ann = await colleague(web, "viewer"), await colleague(web, "agent")
    assert "viewer" in await viewer.refused("POST", PATH, 403, json={"name": "x", "filters": {}})
    body = {"name": "Shared", "filters": {}, "shared": True}
    made = await ann.call("POST", PATH, 201, json=body)
    _, rival = await another_domain(web)
    assert (await web.call("GET", PATH, rival)).json["items"] == []
    assert (await web.call("DELETE", f"{PATH}/{made['view_id']}", rival)).status == 404
