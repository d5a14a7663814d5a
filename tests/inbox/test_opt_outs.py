"""The list of who opted out, and its history for audits."""

import csv
from io import StringIO
from typing import Any

from inbox.people import colleague
from inbox.test_contacts import BEN, contact_of, wrote
from pipeline.desk import ADA, Desk, another_domain

PATH = "/api/v1/opt-outs"
CONTACTS = "/api/v1/contacts"


async def stop(desk: Desk, address: str = ADA, name: str = "Ada Lovelace") -> str:
    contact_id = await wrote(desk, address, name)
    answer = await desk.call("POST", f"{CONTACTS}/{contact_id}/opt-out", json={})
    assert answer.status == 200, answer.text
    return contact_id


async def table(desk: Desk, path: str) -> list[dict[str, str]]:
    answer = await desk.call("GET", path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.text)))


async def test_an_opt_out_of_all_channels_is_shown_as_such_and_taken_back(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    ada = await wrote(web)
    row = await web.conversation()
    here = {"channel_id": str(row["channel_id"])}
    await ann.call("POST", f"{CONTACTS}/{ada}/opt-out", json=here)
    card = await ann.call("POST", f"{CONTACTS}/{ada}/opt-out", json={"channel_id": None})
    assert [(each["channel_id"], each["channel"]) for each in card["opt_outs"]] == [
        (None, None),
        (here["channel_id"], "wmsg"),
    ]
    assert card["conversations"][0]["opted_out"]
    items = (await ann.call("GET", PATH))["items"]
    assert [(each["channel_id"], each["via"], each["reason"]) for each in items] == [
        (None, "person", "by Ann"),
        (here["channel_id"], "person", "by Ann"),
    ]
    assert {each["contact_id"] for each in items} == {ada}
    card = await ann.call("POST", f"{CONTACTS}/{ada}/opt-in", json={})
    assert card["opt_outs"] == [], "all channels are each of them"
    assert (await ann.call("GET", PATH))["items"] == []


async def test_the_list_goes_on_page_by_page_and_finds_by_name(web: Desk) -> None:
    names = ["Ada", "Ben", "Cleo", "Dan", "Eve"]
    for number, name in enumerate(names):
        await stop(web, f"+1415555010{number}", name)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await web.call("GET", PATH, params=query)).json
        seen += [each["name"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == names[::-1], "the latest first, each once"
    found = (await web.call("GET", PATH, params={"q": "cle"})).json["items"]
    assert [each["name"] for each in found] == ["Cleo"]
    assert (await web.call("GET", PATH, params={"q": "Zoe"})).json["items"] == []
    for cursor in ("made up", "b2s.x", page["items"][0]["contact_id"]):
        refused = await web.call("GET", PATH, params={"cursor": cursor})
        assert refused.status == 422
        assert "is not one that a page gave as next" in refused.detail


async def test_the_log_tells_who_said_what_and_is_exported_whole(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    ada = await stop(web, name='=HYPERLINK("evil")')
    ben = await stop(web, BEN, "Ben")
    await ann.call("POST", f"{CONTACTS}/{ada}/opt-in", json={})
    page = await ann.call("GET", f"{PATH}/log", params={"limit": 2})
    first, second = page["items"]
    assert (first["contact_id"], first["action"], first["via"]) == (ada, "resumed", "person")
    assert first["person"]["name"] == "Ann"
    assert (second["contact_id"], second["action"]) == (ben, "stopped")
    [third] = (await ann.call("GET", f"{PATH}/log", params={"cursor": page["next"]}))["items"]
    assert (third["contact_id"], third["action"]) == (ada, "stopped")
    of_ada = (await ann.call("GET", f"{PATH}/log", params={"contact_id": ada}))["items"]
    assert [each["action"] for each in of_ada] == ["resumed", "stopped"]
    rows = await table(web, f"{PATH}/log.csv")
    told = [(row["phone_number"], row["action"], row["channel"]) for row in rows]
    assert told == [(ADA, "resumed", "all"), (BEN, "stopped", "all"), (ADA, "stopped", "all")]
    assert rows[0]["name"] == '\'=HYPERLINK("evil")', "no spreadsheet calculates it"
    assert len(await table(web, f"{PATH}/log.csv?contact_id={ben}")) == 1


async def test_another_domain_sees_nothing_of_it(web: Desk) -> None:
    ada = await stop(web)
    _, stranger = await another_domain(web)
    for path in (PATH, f"{PATH}/log"):
        assert (await web.call("GET", path, stranger)).json["items"] == []
    answer = await web.call("GET", f"{PATH}/log.csv", stranger)
    assert len(answer.text.splitlines()) == 1
    for path in ("log", "log.csv"):
        hidden = await web.call("GET", f"{PATH}/{path}?contact_id={ada}", stranger)
        assert hidden.status == 404
    assert await contact_of(web) == ada
