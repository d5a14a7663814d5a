"""Notes: people talk among themselves, and nobody else ever sees it."""

import asyncio
from pathlib import Path

import pytest

from conversations.agents import Agent, chat_with, hire, owner
from frontdesk.kernel.ids import new_id
from media import samples
from media.uploading import upload
from pipeline.desk import Desk, another_domain


@pytest.fixture
async def grace(desk: Desk) -> Agent:
    return await hire(desk, "Grace")


@pytest.fixture
async def chat(desk: Desk) -> str:
    """Ada has written and was answered."""
    await desk.write("Hello", profile_name="Ada")
    await desk.replies(1)
    return await chat_with(desk)


async def test_a_note_is_for_people_only(desk: Desk, grace: Agent, chat: str) -> None:
    await desk.app.domains.update(desk.domain.domain_id, default_assistant_id="echo")
    before = await grace.conversation(chat)
    note = await grace.do("POST", f"/conversations/{chat}/notes", {"content": "She is **angry**"})
    assert (note["kind"], note["status"], note["sender"]) == ("note", "noted", "human")
    assert note["content"] == "She is **angry**"
    assert note["person"]["name"] == "Grace"
    assert (await grace.thread(chat))["items"][-1] == note
    after = await grace.conversation(chat)
    assert after == before, "nothing was said: the list, the switch and what is unread stay"
    await grace.change(chat, assignee_id=grace.person_id)
    await desk.write("Still there?")
    await desk.replies(2)
    assert [m["body"] for m in await desk.sent()] == ["Hello", "Still there?"]
    [session] = (await grace.get("/sessions"))["items"]
    assert "angry" not in str(session)
    row = await desk.conversation()
    async with desk.app.database.autocommit() as connection:
        await desk.db.execute("UPDATE conversations SET turn = 'queued'")
        claim = await desk.app.conversations.claim_turn(
            connection, row["domain_id"], row["conversation_id"], 1, row["created_at"]
        )
    assert claim is not None
    said = await desk.app.conversations.history(claim.turn, 1_000, 100)
    assert [each.text for each in said] == ["Hello", "Hello", "Still there?", "Still there?"]
    await desk.db.execute("UPDATE conversations SET turn = 'idle'")


async def test_who_is_mentioned_has_it_until_they_have_read(
    desk: Desk, grace: Agent, chat: str
) -> None:
    frank = await hire(desk, "Frank")
    body = {"content": "@Frank @Grace look", "mentions": [frank.person_id, grace.person_id]}
    note = await grace.do("POST", f"/conversations/{chat}/notes", body)
    assert set(note["mentions"]) == {frank.person_id, grace.person_id}
    assert (await frank.conversation(chat))["mentioned"] is True
    assert (await grace.conversation(chat))["mentioned"] is False, "who wrote it knows it"
    assert (await frank.get("/conversations/counts"))["mentions"] == 1
    [listed] = (await frank.get("/conversations", mentions=True))["items"]
    assert listed["chat_id"] == chat
    assert listed["assignee"] is None, "a mention puts nobody in charge"
    await frank.do("POST", f"/conversations/{chat}/read", {})
    assert (await frank.get("/conversations/counts"))["mentions"] == 0
    assert len(await frank.listed(mentions=True)) == 1, "and is found again"
    assert await (await hire(desk, "Nina")).listed(mentions=True) == []


async def test_a_note_that_is_written_again_under_its_key_is_there_once(
    desk: Desk, grace: Agent, chat: str
) -> None:
    path, body = f"/conversations/{chat}/notes", {"content": "She is angry"}
    under = {"Idempotency-Key": "k1"}
    notes = await asyncio.gather(
        *(grace.do("POST", path, body, headers=under) for _ in range(4)),
    )
    assert len({note["message_id"] for note in notes}) == 1
    frank = await hire(desk, "Frank")
    for who, headers in ((grace, {"Idempotency-Key": "k2"}), (frank, under), (grace, {})):
        await who.do("POST", path, body, headers=headers)
    kinds = [item["kind"] for item in (await grace.thread(chat))["items"]]
    assert kinds.count("note") == 4, "another key, another person's, and one without a key"


async def test_only_this_domains_people_can_be_mentioned(
    desk: Desk, grace: Agent, chat: str
) -> None:
    rival, _ = await another_domain(desk)
    stranger = await desk.db.fetchval("SELECT person_id FROM people WHERE domain_id = $1", rival)
    for person_id in (str(stranger), str(new_id())):
        body = {"content": "@you", "mentions": [person_id]}
        refused = await grace.try_to("POST", f"/conversations/{chat}/notes", body)
        assert refused.status == 422
        assert person_id in refused.detail
    assert await desk.count("mentions") == 0
    assert [item["kind"] for item in (await grace.thread(chat))["items"]] == ["text", "text"]


async def test_people_change_their_own_notes_and_admins_delete_all(
    desk: Desk, grace: Agent, chat: str
) -> None:
    frank, boss = await hire(desk, "Frank"), await owner(desk)
    body = {"content": "Draft", "mentions": [frank.person_id]}
    note = await grace.do("POST", f"/conversations/{chat}/notes", body)
    at = f"/messages/{note['message_id']}"
    changed = await grace.do("PATCH", at, {"content": "Better", "mentions": []})
    assert (changed["content"], changed["mentions"]) == ("Better", [])
    assert changed["edited_at"] is not None
    assert (await frank.conversation(chat))["mentioned"] is False
    for method, by in (("PATCH", frank), ("PATCH", boss), ("DELETE", frank)):
        assert (await by.try_to(method, at, {"content": "Mine"})).status == 403
    assert (await grace.try_to("PATCH", at, {"content": " "})).status == 422
    assert (await grace.try_to("POST", f"{at}/send")).status == 409
    await boss.do("DELETE", at)
    assert (await grace.try_to("GET", at)).status == 404
    second = await grace.do("POST", f"/conversations/{chat}/notes", {"content": "Mine"})
    await grace.do("DELETE", f"/messages/{second['message_id']}")
    assert [item["kind"] for item in (await grace.thread(chat))["items"]] == ["text", "text"]
    assert await desk.count("mentions") == 0


async def test_a_note_may_have_files(desk: Desk, grace: Agent, chat: str, tmp_path: Path) -> None:
    photo = await upload(desk, chat, samples.jpeg(tmp_path).read_bytes(), "face.jpg")
    media_id = photo.json["media_id"]
    note = await grace.do("POST", f"/conversations/{chat}/notes", {"media_ids": [media_id]})
    assert [file["filename"] for file in note["attachments"]] == ["face.jpg"]
    kept = await grace.do("PATCH", f"/messages/{note['message_id']}", {"content": "Look"})
    assert [file["media_id"] for file in kept["attachments"]] == [media_id]
    bare = await grace.do("PATCH", f"/messages/{note['message_id']}", {"media_ids": []})
    assert (bare["content"], bare["attachments"]) == ("Look", [])
    await desk.settled()
    assert len(await desk.sent()) == 1
    empty = await grace.try_to("POST", f"/conversations/{chat}/notes", {})
    assert empty.status == 422
    viewer = await hire(desk, "Vera", "viewer")
    assert (
        await viewer.try_to("POST", f"/conversations/{chat}/notes", {"content": "x"})
    ).status == 403
