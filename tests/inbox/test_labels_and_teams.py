"""Labels and teams: admins define them, everybody sees them."""

from typing import Any

import pytest

from frontdesk.kernel.ids import new_id
from inbox.people import audited, colleague
from pipeline.desk import Desk, another_domain

LABELS, TEAMS = "/api/v1/labels", "/api/v1/teams"


async def test_an_admin_makes_changes_and_deletes_a_label(web: Desk) -> None:
    grace = await colleague(web, "admin", "Grace")
    made = await grace.call("POST", LABELS, 201, json={"name": " refund  now ", "color": "amber"})
    assert made == {"label_id": made["label_id"], "name": "refund now", "color": "amber"}
    changed = await grace.call("PATCH", f"{LABELS}/{made['label_id']}", json={"color": "red"})
    assert changed == {**made, "color": "red"}
    viewer = await colleague(web, "viewer")
    assert await viewer.call("GET", LABELS) == {"items": [changed], "next": None}
    await grace.call("DELETE", f"{LABELS}/{made['label_id']}", 204)
    assert (await viewer.call("GET", LABELS))["items"] == []
    for action in ("label.create", "label.change", "label.delete"):
        [entry] = await audited(web, action)
        assert (entry["target"], entry["name"]) == ("refund now", "Grace")


async def test_two_labels_of_one_domain_differ_by_more_than_case(web: Desk) -> None:
    grace = await colleague(web, "admin")
    await grace.call("POST", LABELS, 201, json={"name": "Refund"})
    other = await grace.call("POST", LABELS, 201, json={"name": "Other"})
    assert "exists" in await grace.refused("POST", LABELS, 409, json={"name": "refund"})
    path = f"{LABELS}/{other['label_id']}"
    assert "exists" in await grace.refused("PATCH", path, 409, json={"name": "REFUND"})
    _, rival = await another_domain(web)
    answer = await web.call("POST", LABELS, rival, json={"name": "Refund"})
    assert answer.status == 201, "another domain has names of its own"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "   "}, "1 to 60"),
        ({"name": "x" * 61}, "61 characters"),
        ({"name": "good", "color": "mauve"}, "slate"),
    ],
)
async def test_a_label_that_cannot_be_is_refused_with_what_can(
    web: Desk, body: dict[str, Any], told: str
) -> None:
    grace = await colleague(web, "admin")
    assert told in await grace.refused("POST", LABELS, 422, json=body)


async def test_agents_use_labels_and_do_not_define_them(web: Desk) -> None:
    ann, grace = await colleague(web, "agent", "Ann"), await colleague(web, "admin", "Grace")
    made = await grace.call("POST", LABELS, 201, json={"name": "refund"})
    path = f"{LABELS}/{made['label_id']}"
    assert "agent" in await ann.refused("POST", LABELS, 403, json={"name": "mine"})
    assert "agent" in await ann.refused("PATCH", path, 403, json={"name": "mine"})
    assert "agent" in await ann.refused("DELETE", path, 403)


async def test_a_deleted_label_leaves_its_conversations(desk: Desk) -> None:
    grace = await colleague(desk, "admin")
    await desk.write("Hello")
    await desk.replies(1)
    chat = (await desk.conversation())["conversation_id"]
    made = await grace.call("POST", LABELS, 201, json={"name": "refund"})
    path = f"/api/v1/conversations/{chat}"
    changed = await grace.call("PATCH", path, json={"labels": [made["label_id"]]})
    assert [label["name"] for label in changed["labels"]] == ["refund"]
    await grace.call("DELETE", f"{LABELS}/{made['label_id']}", 204)
    assert (await grace.call("GET", path))["labels"] == []


async def test_a_team_is_made_of_the_domains_people(web: Desk) -> None:
    grace, ann = await colleague(web, "admin", "Grace"), await colleague(web, "agent", "Ann")
    ids = [str(grace.person_id), str(ann.person_id), str(ann.person_id)]
    made = await grace.call("POST", TEAMS, 201, json={"name": "Sales", "member_ids": ids})
    assert [member["name"] for member in made["members"]] == ["Ann", "Grace"]
    assert set(made) == {"team_id", "name", "members"}
    assert set(made["members"][0]) == {"person_id", "name", "email"}
    path = f"{TEAMS}/{made['team_id']}"
    changed = await grace.call("PATCH", path, json={"member_ids": [str(ann.person_id)]})
    assert [member["name"] for member in changed["members"]] == ["Ann"]
    assert changed["name"] == "Sales"
    assert (await ann.call("GET", TEAMS))["items"] == [changed]
    assert "agent" in await ann.refused("DELETE", path, 403)
    await grace.call("DELETE", path, 204)
    assert (await ann.call("GET", TEAMS))["items"] == []


async def test_a_stranger_is_no_member_and_nothing_of_the_change_stays(web: Desk) -> None:
    grace = await colleague(web, "admin")
    rival_id, _ = await another_domain(web)
    [rival] = await web.app.domains.people(rival_id)
    made = await grace.call("POST", TEAMS, 201, json={"name": "Sales"})
    for stranger in (str(rival.person_id), str(new_id())):
        told = await grace.refused(
            "PATCH",
            f"{TEAMS}/{made['team_id']}",
            422,
            json={"name": "Renamed", "member_ids": [str(grace.person_id), stranger]},
        )
        assert stranger in told
    assert (await grace.call("GET", TEAMS))["items"] == [made]


async def test_a_team_forgets_who_leaves_the_domain(web: Desk) -> None:
    grace, ann = await colleague(web, "admin", "Grace"), await colleague(web, "agent", "Ann")
    body = {"name": "Sales", "member_ids": [str(ann.person_id)]}
    await grace.call("POST", TEAMS, 201, json=body)
    await web.app.domains.remove_person(web.domain.domain_id, "ann@example.com")
    [team] = (await grace.call("GET", TEAMS))["items"]
    assert team["members"] == []


async def test_team_names_are_taken_once(web: Desk) -> None:
    grace = await colleague(web, "admin")
    await grace.call("POST", TEAMS, 201, json={"name": "Sales"})
    assert "exists" in await grace.refused("POST", TEAMS, 409, json={"name": "SALES"})
