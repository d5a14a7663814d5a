"""Canned replies: found by a shortcut, with variables and files."""

from typing import Any

import aiohttp
import pytest

from frontdesk.kernel.ids import new_id
from inbox.people import Colleague, audited, colleague
from pipeline.desk import Desk, another_domain

PATH = "/api/v1/canned-replies"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
    "c0f01f0005000201"
    "5d0bd9ee0000000049454e44ae426082"
)


async def upload(person: Colleague, status: int = 200, path: str = "") -> Any:
    form = aiohttp.FormData()
    form.add_field("file", PNG, filename="prices.png")
    return await person.call("POST", path or "/upload/library-media", status, data=form)


async def test_an_agent_makes_changes_and_deletes_one(web: Desk) -> None:
    ann = await colleague(web, "agent", "Ann")
    body = {
        "shortcut": "/Hours",
        "title": "Opening hours",
        "content": "Hello {{ contact.first_name }}, {{contact.attributes.Shop}} is open.",
    }
    made = await ann.call("POST", PATH, 201, json=body)
    assert made == {
        "canned_reply_id": made["canned_reply_id"],
        "shortcut": "hours",
        "title": "Opening hours",
        "content": body["content"],
        "attachments": [],
    }
    path = f"{PATH}/{made['canned_reply_id']}"
    changed = await ann.call("PATCH", path, json={"content": "Closed."})
    assert changed == {**made, "content": "Closed."}
    viewer = await colleague(web, "viewer")
    assert (await viewer.call("GET", PATH))["items"] == [changed]
    assert "viewer" in await viewer.refused("DELETE", path, 403)
    await ann.call("DELETE", path, 204)
    assert (await viewer.call("GET", PATH))["items"] == []
    assert [entry["name"] for entry in await audited(web, "canned_reply.change")] == ["Ann"]


async def test_shortcuts_are_taken_once_in_a_domain(web: Desk) -> None:
    ann = await colleague(web, "agent")
    await ann.call("POST", PATH, 201, json={"shortcut": "hours", "content": "9 to 17"})
    second = await ann.call("POST", PATH, 201, json={"shortcut": "bye", "content": "Bye"})
    assert "/hours" in await ann.refused(
        "POST", PATH, 409, json={"shortcut": "HOURS", "content": "x"}
    )
    path = f"{PATH}/{second['canned_reply_id']}"
    assert "/hours" in await ann.refused("PATCH", path, 409, json={"shortcut": "hours"})
    _, rival = await another_domain(web)
    answer = await web.call("POST", PATH, rival, json={"shortcut": "hours", "content": "x"})
    assert answer.status == 201


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"shortcut": "two words", "content": "x"}, "lower-case letters"),
        ({"shortcut": "x" * 41, "content": "x"}, "1 to 40"),
        ({"shortcut": "", "content": "x"}, "1 to 40"),
        ({"shortcut": "a", "content": "  "}, "neither"),
        ({"shortcut": "a", "content": "Hi {{contact.nam}}"}, "{{contact.name}}"),
        ({"shortcut": "a", "content": "Hi {{}}"}, "{{contact.name}}"),
        ({"shortcut": "a", "content": "x" * 10_001}, "10000"),
    ],
)
async def test_one_that_cannot_be_is_refused_with_what_can(
    web: Desk, body: dict[str, Any], told: str
) -> None:
    ann = await colleague(web, "agent")
    assert told in await ann.refused("POST", PATH, 422, json=body)


async def test_its_files_are_of_the_library_and_are_shown_to_members(web: Desk) -> None:
    ann = await colleague(web, "agent")
    file = await upload(ann)
    assert file["content_type"] == "image/png"
    body = {"shortcut": "prices", "media_ids": [file["media_id"]]}
    made = await ann.call("POST", PATH, 201, json=body)
    [attachment] = made["attachments"]
    assert (attachment["media_id"], attachment["filename"]) == (file["media_id"], "prices.png")
    assert attachment["size"] == len(PNG)
    shown = await web.call("GET", f"/media/{file['media_id']}", ann.token)
    assert shown.status == 200
    _, rival = await another_domain(web)
    assert (await web.call("GET", f"/media/{file['media_id']}", rival)).status == 404
    path = f"{PATH}/{made['canned_reply_id']}"
    changed = await ann.call("PATCH", path, json={"content": "Here", "media_ids": []})
    assert changed["attachments"] == []


async def test_files_of_conversations_and_of_others_are_refused(desk: Desk) -> None:
    ann = await colleague(desk, "agent")
    await desk.write("Hello")
    await desk.replies(1)
    chat = (await desk.conversation())["conversation_id"]
    of_chat = await upload(ann, path=f"/upload/conversation-media?chat_id={chat}")
    rival_id, rival = await another_domain(desk)
    form = aiohttp.FormData()
    form.add_field("file", PNG, filename="theirs.png")
    theirs = await desk.call("POST", "/upload/library-media", rival, data=form)
    for media_id in (of_chat["media_id"], theirs.json["media_id"], str(new_id())):
        body = {"shortcut": "prices", "media_ids": [media_id]}
        assert "/upload/library-media" in await ann.refused("POST", PATH, 422, json=body)
    assert rival_id != desk.domain.domain_id


async def test_a_file_that_no_reply_has_goes_after_a_day_and_one_in_use_stays(web: Desk) -> None:
    ann = await colleague(web, "agent")
    used, unused, fresh = [(await upload(ann))["media_id"] for _ in range(3)]
    await web.db.execute(
        "UPDATE media SET created_at = now() - interval '2 days' WHERE media_id <> $1", fresh
    )
    await ann.call("POST", PATH, 201, json={"shortcut": "prices", "media_ids": [used]})
    statuses = {
        media_id: (await web.call("GET", f"/media/{media_id}", ann.token)).status
        for media_id in (used, unused, fresh)
    }
    assert statuses == {used: 200, unused: 404, fresh: 200}


async def test_retention_leaves_the_library_alone(web: Desk) -> None:
    ann = await colleague(web, "agent")
    file = await upload(ann)
    await ann.call("POST", PATH, 201, json={"shortcut": "prices", "media_ids": [file["media_id"]]})
    await web.db.execute("UPDATE media SET created_at = now() - interval '400 days'")
    settings = {"media": {"keep_media_days": 30}}
    await web.app.domains.update(web.domain.domain_id, settings=settings)
    await web.app.files.retention.run()
    assert (await web.call("GET", f"/media/{file['media_id']}", ann.token)).status == 200


async def test_the_library_takes_no_file_that_no_channel_takes(web: Desk) -> None:
    ann, viewer = await colleague(web, "agent"), await colleague(web, "viewer")
    form = aiohttp.FormData()
    form.add_field("file", b"MZ\x90\x00" + bytes(200), filename="setup.exe")
    await ann.refused("POST", "/upload/library-media", 415, data=form)
    await upload(viewer, 403)
