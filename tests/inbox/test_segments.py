"""Segments: rules that are evaluated when they are used, and lists of contacts."""

from typing import Any
from uuid import UUID

import pytest

from frontdesk.app.wiring import App
from frontdesk.contacts.segments import SegmentService
from frontdesk.kernel.ids import new_id
from inbox.people import Colleague, colleague
from inbox.test_contacts import BEN, wrote
from pipeline.desk import ADA, SMS_NUMBER, Desk, another_domain

PATH = "/api/v1/segments"
CONTACTS = "/api/v1/contacts"


async def made(person: Colleague, rule: dict[str, Any] | None = None, **more: Any) -> str:
    body = {"name": f"Segment {new_id()}", "kind": "list" if rule is None else "rule", **more}
    segment = await person.call("POST", PATH, 201, json={**body, "rule": rule})
    return segment["segment_id"]


async def names(person: Colleague, segment_id: str) -> list[str]:
    page = await person.call("GET", f"{PATH}/{segment_id}/contacts")
    return sorted(each["display_name"] for each in page["items"])


async def meant(person: Colleague, **rule: Any) -> list[str]:
    return await names(person, await made(person, rule))


@pytest.fixture
async def ann(web: Desk) -> Colleague:
    """An agent, whose domain has four contacts."""
    agent = await colleague(web, "agent", "Ann")
    ada = await wrote(web, ADA, "Ada")
    await wrote(web, BEN, "Ben")
    await wrote(web, "+16475550103", "Cleo")
    await web.write("Hi", from_="+34600000104", to=SMS_NUMBER, profile_name="Dan")
    await agent.call(
        "PATCH", f"{CONTACTS}/{ada}", json={"language": "es-MX", "attributes": {"Plan": "gold"}}
    )
    return agent


async def test_each_part_of_a_rule_says_whom_it_means(web: Desk, ann: Colleague) -> None:
    dan = "+34600000104"  # who wrote by SMS, which brings no name
    assert await meant(ann) == [dan, "Ada", "Ben", "Cleo"]
    assert await meant(ann, language="es") == ["Ada"]
    assert await meant(ann, language="es-MX") == ["Ada"]
    assert await meant(ann, language="en") == []
    assert await meant(ann, country="ES") == [dan, "Ben"]
    assert await meant(ann, country="us") == ["Ada"], "Canada shares the +1"
    assert await meant(ann, country="CA") == ["Cleo"]
    assert await meant(ann, channel="sms") == [dan]
    assert await meant(ann, attributes={"Plan": "gold"}) == ["Ada"]
    assert await meant(ann, attributes={"Plan": "silver"}) == []
    assert await meant(ann, created_after="2020-01-01", country="ES") == [dan, "Ben"]
    assert await meant(ann, created_after="2099-01-01T00:00:00Z") == []


async def test_when_they_last_wrote_says_whom_a_rule_means(web: Desk, ann: Colleague) -> None:
    await web.db.execute(
        "UPDATE conversations SET last_inbound_at = now() - interval '10 days' WHERE address = $1",
        BEN,
    )
    assert "Ben" not in await meant(ann, last_wrote_within_days=9)
    assert "Ben" in await meant(ann, last_wrote_within_days=11)
    assert await meant(ann, not_written_for_days=9) == ["Ben"]
    segment = await made(ann)
    await ann.call("POST", f"{PATH}/{segment}/members", json={"phone_numbers": ["+34911000000"]})
    assert await meant(ann, not_written_for_days=9) == ["+34911000000", "Ben"], "or never wrote"


async def test_labels_and_opt_outs_say_whom_a_rule_means(web: Desk, ann: Colleague) -> None:
    label = (await web.call("POST", "/api/v1/labels", json={"name": "refund"})).json["label_id"]
    row = await web.conversation()
    chat = f"/api/v1/conversations/{row['conversation_id']}"
    await ann.call("PATCH", chat, json={"labels": [label]})
    labelled = await made(ann, {"labels": [label]})
    assert await names(ann, labelled) == ["Ada"]
    ada = str(row["contact_id"])
    await ann.call("POST", f"{CONTACTS}/{ada}/opt-out", json={})
    await ann.call("POST", f"{CONTACTS}/{ada}/block")
    [shown] = (await ann.call("GET", f"{PATH}/{labelled}/contacts"))["items"]
    assert (shown["opted_out"], shown["blocked"]) == (True, True), "in it, and marked"
    assert await meant(ann, opted_out=True) == ["Ada"]
    assert "Ada" not in await meant(ann, opted_out=False)
    assert await meant(ann, opted_out=True, channel="sms") == []


async def test_a_person_of_several_contacts_is_one_member(web: Desk, ann: Colleague) -> None:
    found = (await ann.call("GET", CONTACTS, params={"q": "B"}))["items"]
    ben, ada = found[0]["contact_id"], str((await web.conversation())["contact_id"])
    await ann.call("POST", f"{CONTACTS}/{ben}/merge", json={"into": ada})
    assert "Ben" not in await meant(ann)
    assert await meant(ann, last_wrote_within_days=1, language="es") == ["Ada"]
    segment = await made(ann)
    await ann.call("POST", f"{PATH}/{segment}/members", json={"contact_ids": [ben, ada]})
    assert await names(ann, segment) == ["Ada"]


async def test_a_list_has_whom_people_put_into_it(web: Desk, ann: Colleague) -> None:
    segment = await made(ann)
    await web.app.domains.update(web.domain.domain_id, settings={"default_country": "ES"})
    numbers = ["600 000 102", "+1 415 555 0101", "911 00 00 00"]
    body = {"phone_numbers": numbers}
    assert await ann.call("POST", f"{PATH}/{segment}/members", json=body) == {"added": 3}
    assert await ann.call("POST", f"{PATH}/{segment}/members", json=body) == {"added": 0}
    assert await names(ann, segment) == ["+34911000000", "Ada", "Ben"]
    got = await ann.call("GET", f"{PATH}/{segment}")
    assert (got["count"], got["more"]) == (3, False)
    ada = str((await web.conversation())["contact_id"])
    await ann.call("DELETE", f"{PATH}/{segment}/members/{ada}", 204)
    told = await ann.refused("DELETE", f"{PATH}/{segment}/members/{ada}", 404)
    assert "is not in the list" in told
    assert await names(ann, segment) == ["+34911000000", "Ben"]


async def test_what_cannot_be_put_into_a_list_is_named(ann: Colleague) -> None:
    segment, rule = await made(ann), await made(ann, {"language": "es"})
    members = f"{PATH}/{segment}/members"
    told = await ann.refused("POST", members, 400, json={"phone_numbers": ["12", ADA]})
    assert "12" in told
    stranger = str(new_id())
    told = await ann.refused("POST", members, 404, json={"contact_ids": [stranger]})
    assert stranger in told
    told = await ann.refused("POST", f"{PATH}/{rule}/members", 409, json={"phone_numbers": [ADA]})
    assert "contacts are put into lists only" in told
    assert await names(ann, segment) == []


async def test_members_come_page_by_page_each_once(web: Desk, ann: Colleague) -> None:
    segment = await made(ann, {})
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": 1, "cursor": cursor}
        page = await ann.call("GET", f"{PATH}/{segment}/contacts", params=query)
        seen += [each["contact_id"] for each in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 4
    told = await ann.refused("GET", f"{PATH}/{segment}/contacts?cursor=x", 422)
    assert "is not one that a page gave as next" in told
    canada = await made(ann, {"country": "CA"})
    app: App = web.app
    service, after = SegmentService(app.domains), None
    async with app.database.tenant_tx(web.domain.domain_id) as connection:
        where = (connection, web.domain.domain_id, UUID(canada))
        [member] = await service.members(*where, after, 1)
        assert (member.address, member.name) == ("+16475550103", "Cleo")
        assert await service.members(*where, member.contact_id, 1) == []


async def test_a_segment_is_changed_and_deleted(web: Desk, ann: Colleague) -> None:
    segment = await made(ann, {"language": "es"}, name="Spanish")
    told = await ann.refused("POST", PATH, 409, json={"name": "Spanish"})
    assert "'Spanish'" in told
    changed = await ann.call(
        "PATCH", f"{PATH}/{segment}", json={"name": "Spain", "rule": {"country": "ES"}}
    )
    assert (changed["name"], changed["rule"]["country"]) == ("Spain", "ES")
    assert changed["rule"]["language"] is None
    listed = (await ann.call("GET", PATH))["items"]
    assert [each["name"] for each in listed] == ["Spain"]
    await web.db.execute(
        "INSERT INTO repeats (domain_id, repeat_id, name, segment_id, plan, rule)"
        " VALUES ($1, $2, 'Weekly', $3, '{}', '{}')",
        web.domain.domain_id,
        new_id(),
        UUID(segment),
    )
    told = await ann.refused("DELETE", f"{PATH}/{segment}", 409)
    assert told == "'Weekly' sends to 'Spain'; stop it first"
    await web.db.execute("UPDATE repeats SET state = 'stopped'")
    await ann.call("DELETE", f"{PATH}/{segment}", 204)
    await ann.refused("GET", f"{PATH}/{segment}", 404)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"last_wrote_within_days": 0}, "rule.last_wrote_within_days is 0; use a number of days"),
        ({"country": "E1"}, "rule.country is 'E1'; use a code of two letters"),
        ({"language": "Spanish"}, "language is 'Spanish'; use a code"),
        ({"created_after": "soon"}, "rule.created_after is 'soon'; use a date"),
        ({"attributes": {"!": "x"}}, "attribute '!' is not a name"),
        ({"labels": ["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"]}, "which is no label"),
    ],
)
async def test_a_rule_that_is_wrong_is_refused(web: Desk, rule: dict[str, Any], told: str) -> None:
    agent = await colleague(web, "agent")
    assert told in await agent.refused("POST", PATH, 422, json={"name": "Wrong", "rule": rule})


async def test_another_domains_segments_do_not_exist(web: Desk, ann: Colleague) -> None:
    segment = await made(ann, {})
    _, stranger = await another_domain(web)
    assert (await web.call("GET", PATH, stranger)).json["items"] == []
    for method, path in (("GET", ""), ("GET", "/contacts"), ("DELETE", "")):
        assert (await web.call(method, f"{PATH}/{segment}{path}", stranger)).status == 404
    hidden = await web.call("GET", f"/api/v1/contacts.csv?segment_id={segment}", stranger)
    assert hidden.status == 404
