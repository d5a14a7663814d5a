"""Contacts: found, described, blocked, and merged without losing anything."""

import asyncio
from typing import Any

import pytest

from frontdesk.kernel.ids import new_id
from inbox.people import Colleague, audited, colleague
from pipeline.desk import ADA, SMS_NUMBER, Desk, another_domain

PATH = "/api/v1/contacts"
BEN = "+34600000102"


async def contact_of(desk: Desk, address: str = ADA) -> str:
    return str(
        await desk.db.fetchval("SELECT contact_id FROM contacts WHERE address = $1", address)
    )


async def wrote(desk: Desk, address: str = ADA, name: str = "Ada Lovelace", **more: Any) -> str:
    """A customer writes; returns the contact's id."""
    await desk.write("Hello", from_=address, profile_name=name, **more)
    return await contact_of(desk, address)


async def listed(person: Colleague, **query: Any) -> list[str]:
    items = (await person.call("GET", PATH, params=query))["items"]
    return [item["display_name"] for item in items]


async def test_the_card_tells_what_is_known(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    ada = await wrote(web, BEN)
    await web.write("By SMS", from_=BEN, to=SMS_NUMBER)
    card = await ann.call("GET", f"{PATH}/{ada}")
    assert card["display_name"] == "Ada Lovelace"
    assert card["addresses"] == [{"address": BEN, "contact_id": ada, "country": "ES"}]
    assert {each["channel"] for each in card["conversations"]} == {"wmsg", "sms"}
    assert {each["contact_id"] for each in card["conversations"]} == {ada}
    assert (card["notes"], card["merged"], card["opt_outs"], card["attributes"]) == ([], [], [], {})
    assert card["blocked_at"] is None


async def test_people_describe_a_contact_and_the_carriers_name_does_not_undo_it(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    ada = await wrote(web)
    body = {
        "display_name": "Countess  Lovelace",
        "email": "Ada@Example.com",
        "language": "en",
        "attributes": {" Customer number ": "4711", "Empty": " "},
    }
    card = await ann.call("PATCH", f"{PATH}/{ada}", json=body)
    assert card["display_name"] == "Countess Lovelace"
    assert card["email"] == "ada@example.com"
    assert card["attributes"] == {"Customer number": "4711"}
    await wrote(web, name="ada")
    card = await ann.call("GET", f"{PATH}/{ada}")
    assert card["display_name"] == "Countess Lovelace"
    assert card["conversations"][0]["display_name"] == "Countess Lovelace"
    card = await ann.call("PATCH", f"{PATH}/{ada}", json={"display_name": None, "email": ""})
    assert (card["display_name"], card["email"], card["language"]) == (ADA, None, "en")
    await wrote(web, name="ada")
    assert (await ann.call("GET", f"{PATH}/{ada}"))["display_name"] == "ada"
    entries = await audited(web, "contact.change")
    assert entries[0]["detail"]["fields"] == sorted(body)
    assert entries[0]["name"] == "Ann"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"display_name": "x" * 201}, "1 to 200"),
        ({"email": "nobody"}, "ana@example.com"),
        ({"language": "English"}, "pt-BR"),
        ({"attributes": {"{{x}}": "y"}}, "letters"),
        ({"attributes": {"x": "y" * 1001}}, "1000"),
        ({"attributes": {str(number): "x" for number in range(51)}}, "up to 50"),
        ({"attributes": {"x": 1}}, "string"),
    ],
)
async def test_what_is_no_description_is_refused(
    web: Desk, body: dict[str, Any], told: str
) -> None:
    ann = await colleague(web, "agent")
    ada = await wrote(web)
    assert told in await ann.refused("PATCH", f"{PATH}/{ada}", 422, json=body)


async def test_notes_are_for_people_and_their_writers_delete_them(web: Desk) -> None:
    ann, bob = await colleague(web, "agent", "Ann"), await colleague(web, "agent", "Bob")
    grace = await colleague(web, "admin", "Grace")
    ada = await wrote(web)
    first = await ann.call("POST", f"{PATH}/{ada}/notes", 201, json={"content": " Pays late "})
    assert (first["content"], first["person"]["name"]) == ("Pays late", "Ann")
    second = await bob.call("POST", f"{PATH}/{ada}/notes", 201, json={"content": "Kind"})
    notes = (await ann.call("GET", f"{PATH}/{ada}"))["notes"]
    assert [note["content"] for note in notes] == ["Kind", "Pays late"]
    path = f"{PATH}/{ada}/notes"
    assert "somebody else" in await bob.refused("DELETE", f"{path}/{first['note_id']}", 403)
    await grace.call("DELETE", f"{path}/{first['note_id']}", 204)
    await bob.call("DELETE", f"{path}/{second['note_id']}", 204)
    await bob.refused("DELETE", f"{path}/{second['note_id']}", 404)
    await ann.refused("POST", path, 422, json={"content": "  "})
    assert [message["body"] for message in await web.sent()] == []


async def test_a_contact_is_found_by_how_name_number_or_email_begins_or_by_a_part(
    web: Desk,
) -> None:
    ann = await colleague(web, "agent")
    ada = await wrote(web)
    await wrote(web, BEN, "Ben Émile")
    await ann.call("PATCH", f"{PATH}/{ada}", json={"email": "countess@analytical.example"})
    assert await listed(ann) == ["Ben Émile", "Ada Lovelace"]
    for query in ("ad", "Ada Love", "lovelace", "ovela", ADA, ADA[:5], "415 555", "0101", "count"):
        assert await listed(ann, q=query) == ["Ada Lovelace"], query
    for query in ("ben é", "emile", "+34 600", "34600"):
        assert await listed(ann, q=query) == ["Ben Émile"], query
    assert await listed(ann, q="nobody") == []
    assert await listed(ann, q="%") == []
    _, rival = await another_domain(web)
    answer = await web.call("GET", PATH, rival, params={"q": "ada"})
    assert answer.json["items"] == []


@pytest.mark.parametrize("q", ["", "customer"])
async def test_pages_show_everybody_once(web: Desk, q: str) -> None:
    ann = await colleague(web, "agent")
    for number in range(5):
        await wrote(web, f"+1415555012{number}", f"Customer {number}")
    seen: list[str] = []
    query = {"limit": "2", **({"q": q} if q else {})}
    while True:
        page = await ann.call("GET", PATH, params=query)
        seen += [item["display_name"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    expected = [f"Customer {number}" for number in range(5)]
    assert seen == (expected if q else expected[::-1])
    assert "next" in await ann.refused("GET", PATH, 422, params={"cursor": "made-up"})


async def test_a_blocked_contacts_conversations_leave_the_list(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    ada = await wrote(web)
    card = await ann.call("POST", f"{PATH}/{ada}/block")
    assert card["blocked_at"]
    assert [each["blocked"] for each in card["conversations"]] == [True]
    again = await ann.call("POST", f"{PATH}/{ada}/block")
    assert again["blocked_at"] == card["blocked_at"]
    lists = "/api/v1/conversations"
    assert (await ann.call("GET", lists))["items"] == []
    assert len((await ann.call("GET", lists, params={"blocked": "true"}))["items"]) == 1
    assert (await ann.call("GET", PATH))["items"][0]["blocked"]
    card = await ann.call("POST", f"{PATH}/{ada}/unblock")
    assert card["blocked_at"] is None
    assert len((await ann.call("GET", lists))["items"]) == 1
    assert len(await audited(web, "contact.block")) == 1


async def test_two_contacts_become_one_and_two_again(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    ada, ben = await wrote(web), await wrote(web, BEN, "Ada (Spain)")
    await ann.call("POST", f"{PATH}/{ben}/notes", 201, json={"content": "In Madrid"})
    card = await ann.call("POST", f"{PATH}/{ben}/merge", json={"into": ada})
    assert card["contact_id"] == ada
    assert [each["address"] for each in card["addresses"]] == [ADA, BEN]
    assert card["merged"] == [{"contact_id": ben, "display_name": "Ada (Spain)", "address": BEN}]
    assert len(card["conversations"]) == 2
    assert [note["content"] for note in card["notes"]] == ["In Madrid"]
    assert (await ann.call("GET", f"{PATH}/{ben}"))["contact_id"] == ada
    assert await listed(ann) == ["Ada Lovelace"]
    assert await listed(ann, q=BEN) == ["Ada Lovelace"]
    own = await ann.call("POST", f"{PATH}/{ben}/unmerge")
    assert (own["contact_id"], own["display_name"]) == (ben, "Ada (Spain)")
    assert [note["content"] for note in own["notes"]] == ["In Madrid"]
    assert len(own["conversations"]) == 1
    assert (await ann.call("GET", f"{PATH}/{ada}"))["merged"] == []
    assert len(await audited(web, "contact.merge")) == len(await audited(web, "contact.unmerge"))


async def test_merges_of_merged_contacts_are_flat(web: Desk) -> None:
    ann = await colleague(web, "agent")
    one, two, three = [
        await wrote(web, f"+1415555013{number}", f"Number {number}") for number in range(3)
    ]
    await ann.call("POST", f"{PATH}/{one}/merge", json={"into": two})
    await ann.call("POST", f"{PATH}/{two}/merge", json={"into": three})
    card = await ann.call("GET", f"{PATH}/{one}")
    assert card["contact_id"] == three
    assert {each["contact_id"] for each in card["merged"]} == {one, two}
    roots = await web.db.fetch(
        "SELECT DISTINCT merged_into FROM contacts WHERE merged_into <> $1", one
    )
    assert [str(row["merged_into"]) for row in roots] == [three]
    # A contact that is merged already stands for nobody, so merging into it means its root.
    four = await wrote(web, "+14155550139", "Number 4")
    assert (await ann.call("POST", f"{PATH}/{four}/merge", json={"into": one}))[
        "contact_id"
    ] == three


async def test_merges_that_make_no_sense_are_refused(web: Desk) -> None:
    ann = await colleague(web, "agent")
    ada, ben = await wrote(web), await wrote(web, BEN, "Ben")
    path = f"{PATH}/{ada}/merge"
    assert "itself" in await ann.refused("POST", path, 409, json={"into": ada})
    await ann.refused("POST", path, 404, json={"into": str(new_id())})
    await ann.refused("POST", f"{PATH}/{ada}/unmerge", 409)
    await ann.call("POST", path, json={"into": ben})
    assert "merged" in await ann.refused("POST", path, 409, json={"into": ben})
    into = {"into": ada}
    assert "merged" in await ann.refused("POST", f"{PATH}/{ben}/merge", 409, json=into)
    await ann.call("POST", f"{PATH}/{ada}/unmerge")
    await ann.call("POST", f"{PATH}/{ada}/block")
    assert "blocked" in await ann.refused("POST", path, 409, json={"into": ben})
    rival_id, rival = await another_domain(web)
    theirs = new_id()
    await web.db.execute(
        "INSERT INTO contacts (domain_id, contact_id, address) VALUES ($1, $2, '+4930123456')",
        rival_id,
        theirs,
    )
    await ann.refused("POST", f"{PATH}/{ben}/merge", 404, json={"into": str(theirs)})
    answer = await web.call("POST", f"{PATH}/{theirs}/merge", rival, json={"into": ben})
    assert answer.status == 404


async def test_merges_and_blocks_at_once_never_wait_for_each_other(web: Desk) -> None:
    ann = await colleague(web, "agent")
    three = [await wrote(web, f"+1415555016{number}", f"Number {number}") for number in range(3)]
    for _ in range(8):
        merges = [
            ("POST", f"{PATH}/{one}/merge", {"into": other})
            for one in three
            for other in three
            if one != other
        ]
        blocks = [("POST", f"{PATH}/{one}/block", None) for one in three]
        answers = await asyncio.gather(
            *(
                web.call(method, path, ann.token, json=body)
                for method, path, body in merges + blocks
            )
        )
        assert {answer.status for answer in answers} <= {200, 409}, [a.text for a in answers]
        circles = await web.db.fetchval(
            "SELECT count(*) FROM contacts c JOIN contacts r ON r.contact_id = c.merged_into"
            " WHERE r.merged_into IS NOT NULL"
        )
        assert circles == 0, "a contact that stands for others is merged itself"
        for one in three:
            await web.call("POST", f"{PATH}/{one}/unmerge", ann.token)
        for one in three:
            await ann.call("POST", f"{PATH}/{one}/unblock")


async def test_a_block_of_merged_contacts_is_of_all_their_addresses(web: Desk) -> None:
    ann = await colleague(web, "agent")
    ada, ben = await wrote(web), await wrote(web, BEN, "Ben")
    await ann.call("POST", f"{PATH}/{ben}/merge", json={"into": ada})
    await ann.call("POST", f"{PATH}/{ben}/block")
    assert (await ann.call("GET", "/api/v1/conversations"))["items"] == []


async def test_an_opt_out_by_a_person_stops_what_is_sent_and_is_audited(desk: Desk) -> None:
    ann = await colleague(desk, "agent", "Ann")
    ada = await wrote(desk)
    await desk.replies(1)
    row = await desk.conversation()
    body = {"channel_id": str(row["channel_id"])}
    card = await ann.call("POST", f"{PATH}/{ada}/opt-out", json=body)
    [out] = card["opt_outs"]
    assert (out["channel"], out["reason"]) == ("wmsg", "by Ann")
    assert card["conversations"][0]["opted_out"]
    respond = f"/chat/{row['conversation_id']}/manual-response"
    told = await ann.refused("POST", respond, 409, json={"content": "Are you there?"})
    assert "opted out" in told
    assert len(await desk.sent()) == 1
    card = await ann.call("POST", f"{PATH}/{ada}/opt-in", json=body)
    assert card["opt_outs"] == []
    await ann.call("POST", respond, json={"content": "Good to see you again"})
    await desk.replies(2)
    [entry] = await audited(desk, "contact.opt_in")
    assert (entry["name"], entry["detail"]) == ("Ann", body)
    await ann.refused("POST", f"{PATH}/{ada}/opt-out", 404, json={"channel_id": str(new_id())})


async def test_viewers_look_and_change_nothing(web: Desk) -> None:
    viewer = await colleague(web, "viewer")
    ada = await wrote(web)
    assert (await viewer.call("GET", f"{PATH}/{ada}"))["contact_id"] == ada
    for method, path, body in (
        ("PATCH", "", {"language": "es"}),
        ("POST", "/notes", {"content": "x"}),
        ("POST", "/block", None),
        ("POST", "/unblock", None),
        ("POST", "/merge", {"into": ada}),
        ("POST", "/unmerge", None),
        ("POST", "/opt-out", {"channel_id": ada}),
        ("POST", "/opt-in", {"channel_id": ada}),
    ):
        assert "viewer" in await viewer.refused(method, f"{PATH}/{ada}{path}", 403, json=body)
