"""People's answers over HTTP: sent once, in order, with their files, or refused with a reason."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from frontdesk.conversations import manual
from media import samples
from media.uploading import MB, chat_of, upload
from pipeline.desk import OWNER_TOKEN, SMS_NUMBER, Answer, Desk, another_domain


async def respond(
    desk: Desk, chat: str, token: str | None = OWNER_TOKEN, key: str | None = None, **body: Any
) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"/chat/{chat}/manual-response"
    return await desk.call("POST", path, token, json=body, headers=headers)


async def answered(desk: Desk, chat: str, **body: Any) -> dict[str, Any]:
    answer = await respond(desk, chat, **body)
    assert answer.status == 200, answer.text
    return answer.json


async def file(desk: Desk, chat: str, content: bytes, name: str = "image.jpg") -> str:
    answer = await upload(desk, chat, content, name)
    assert answer.status == 200, answer.text
    return answer.json["media_id"]


async def thread(desk: Desk, chat: str) -> list[dict[str, Any]]:
    """What people wrote into the conversation."""
    items = (await desk.call("GET", f"/api/v1/conversations/{chat}/messages")).json["items"]
    return [item for item in items if item["sender"] == "human"]


@pytest.fixture
async def quiet(desk: Desk) -> Desk:
    """A desk where Ada has written and was answered: what is sent from now on, people send."""
    await desk.write("Hello")
    await desk.replies(1)
    return desk


async def chat_id(desk: Desk) -> str:
    return str((await desk.conversation())["conversation_id"])


async def from_people(desk: Desk) -> list[tuple[str, int]]:
    """What the carrier took after the assistant's answer: each text and number of files."""
    await desk.settled()
    return [(m["body"], len(m["media"])) for m in (await desk.sent())[1:]]


async def test_the_key_of_a_draft_is_never_the_key_of_a_message(quiet: Desk) -> None:
    chat = await chat_id(quiet)
    draft = await answered(quiet, chat, content="Not yet", send_immediately=False, key="one")
    sent = await answered(quiet, chat, content="Now", key="draft one")
    assert sent["message_id"] != draft["message_id"]
    assert await from_people(quiet) == [("Now", 0)]


async def test_a_response_is_sent_and_gives_the_conversation_to_people(quiet: Desk) -> None:
    chat = await chat_id(quiet)
    answer = await answered(quiet, chat, content="Here's the product image")
    sid = (await quiet.sent())[-1]["sid"]
    assert answer == {
        "success": True,
        "message": "Manual response sent successfully",
        "twilio_sid": sid,
        "sent": True,
        "message_id": answer["message_id"],
        "message_ids": [answer["message_id"]],
    }
    assert sid.startswith("SM")
    assert (await quiet.conversation())["mode"] == "manual"
    [message] = await thread(quiet, chat)
    assert message["message_id"] == answer["message_id"]
    assert (message["content"], message["source"]) == (
        "Here's the product image",
        "whatsapp_manual",
    )
    long = await answered(quiet, chat, content="word " * 4000)
    assert len(long["message_ids"]) == len(set(long["message_ids"])) > 12
    parts = (await from_people(quiet))[1:]
    assert " ".join(text for text, _ in parts).split() == ["word"] * 4000
    await quiet.write("Is anybody there?")
    await quiet.settled()
    assert len(await from_people(quiet)) == len(parts) + 1, "the assistant keeps out"


async def test_files_go_in_their_order_and_text_where_it_belongs(
    quiet: Desk, tmp_path: Path
) -> None:
    chat = await chat_id(quiet)
    photo, pdf = samples.jpeg(tmp_path).read_bytes(), samples.pdf(tmp_path).read_bytes()
    a, b = await file(quiet, chat, photo, "a.jpg"), await file(quiet, chat, photo + b"b", "b.jpg")
    document = await file(quiet, chat, pdf, "invoice.pdf")
    one = await answered(quiet, chat, content="One", media_ids=[a])
    assert len(one["message_ids"]) == 1
    two = await answered(quiet, chat, media_ids=[b, document])
    assert len(two["message_ids"]) == 2
    three = await answered(quiet, chat, content="Your invoice", media_ids=[document, a])
    assert len(three["message_ids"]) == 3
    assert await from_people(quiet) == [
        ("One", 1),
        ("", 1),
        ("", 1),
        ("Your invoice", 0),
        ("", 1),
        ("", 1),
    ]
    messages = await thread(quiet, chat)
    names = [[f["filename"] for f in message["attachments"]] for message in messages]
    assert names == [["a.jpg"], ["b.jpg"], ["invoice.pdf"], [], ["invoice.pdf"], ["a.jpg"]]
    # Each message has a file of its own: what is sent again stays with the first one, too.
    ids = [f["media_id"] for message in messages for f in message["attachments"]]
    assert len(set(ids)) == 5
    assert messages[0]["media_url"].startswith(f"{quiet.url}/media/{a}")


async def test_our_own_addresses_are_sent_without_fetching(quiet: Desk, tmp_path: Path) -> None:
    chat = await chat_id(quiet)
    answer = await upload(quiet, chat, samples.jpeg(tmp_path).read_bytes())
    media_id, url = answer.json["media_id"], answer.json["url"]
    for address in (
        url,
        url.removeprefix(quiet.url),
        f"{quiet.url}/media/{media_id}",
        f"/media/{media_id}",
        f"/media/{media_id}/thumbnail",
    ):
        await answered(quiet, chat, content=address[-9:], media_url=address)
    assert [files for _, files in await from_people(quiet)] == [1] * 5
    other = await file(quiet, chat, samples.jpeg(tmp_path).read_bytes() + b"2", "b.jpg")
    both = await answered(quiet, chat, media_url=url, media_ids=[other])
    assert len(both["message_ids"]) == 2


async def test_one_file_may_be_in_two_responses_at_once(quiet: Desk, tmp_path: Path) -> None:
    chat = await chat_id(quiet)
    photo = await file(quiet, chat, samples.jpeg(tmp_path).read_bytes())
    await asyncio.gather(
        *(answered(quiet, chat, content=f"{n}", media_ids=[photo]) for n in range(4))
    )
    assert sorted(await from_people(quiet)) == [(f"{n}", 1) for n in range(4)]
    attachments = [message["attachments"] for message in await thread(quiet, chat)]
    assert [len(files) for files in attachments] == [1] * 4
    assert (await quiet.call("DELETE", f"/api/v1/media/{photo}")).status == 204
    left = (await quiet.call("GET", f"/api/v1/conversations/{chat}/media")).json["items"]
    assert len(left) == 3
    assert (await quiet.call("GET", f"/media/{left[0]['media_id']}")).status == 200


async def test_what_cannot_be_sent_is_said(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    photo = await file(web, chat, samples.jpeg(tmp_path).read_bytes())
    _, stranger = await another_domain(web)
    many = [str(uuid4()) for _ in range(11)]
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "no text and no media"),
        ({"content": " \n\x00"}, "no text and no media"),
        ({"content": None}, "content"),
        ({"content": "x" * 20_001}, "up to 20000"),
        ({"content": "Hi", "media_ids": many}, "up to 10"),
        ({"content": "Hi", "media_ids": many[:1]}, "does not exist"),
        ({"content": "Hi", "media_ids": ["nonsense"]}, "media_ids"),
        ({"content": "Hi", "media_ids": [photo, photo]}, "twice"),
        ({"content": "\ud800"}, ""),
    ]
    for body, detail in cases:
        for now in (True, False):
            answer = await respond(web, chat, **body, send_immediately=now)
            assert answer.status == 422, f"{body}: {answer.text}"
            assert detail in answer.detail
    hello = {"content": "Hi"}
    assert (await respond(web, chat, None, **hello)).status == 401
    assert (await respond(web, chat, stranger, **hello)).status == 404
    assert (await respond(web, "nonsense", **hello)).status == 404
    assert (await respond(web, str(uuid4()), **hello)).status == 404
    await web.app.domains.add_person(web.domain.domain_id, "v@example.com", "V", "viewer")
    viewer = await web.app.domains.issue_token(web.domain.domain_id, "v@example.com", "tests")
    assert (await respond(web, chat, viewer, **hello)).status == 403
    draft = (await answered(web, chat, content="Draft", send_immediately=False))["message_id"]
    at = f"/api/v1/messages/{draft}"
    for token, status in ((None, 401), (stranger, 404), (viewer, 403)):
        for method, path in (
            ("PATCH", at),
            ("DELETE", at),
            ("POST", f"{at}/send"),
            ("POST", f"{at}/retry"),
        ):
            more = {"json": {"content": "Mine"}} if method == "PATCH" else {}
            assert (await web.call(method, path, token, **more)).status == status
    assert [m["content"] for m in await thread(web, chat)] == ["Draft"]
    assert (await web.conversation())["mode"] == "assistant"


async def test_a_shut_door_is_a_conflict_that_says_which(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    draft = (await answered(web, chat, content="Draft", send_immediately=False))["message_id"]
    photo = await file(web, chat, samples.jpeg(tmp_path).read_bytes())
    ids = await web.db.fetchrow("SELECT domain_id, channel_id, contact_id FROM conversations")
    assert ids is not None
    doors = [
        (
            "UPDATE conversations SET last_inbound_at = now() - interval '25 hours'",
            "templates",
            "UPDATE conversations SET last_inbound_at = now() - interval '23 hours'",
        ),
        (
            "UPDATE channels SET state = 'stopped', state_reason = '20003: bad token'",
            "20003: bad token",
            "UPDATE channels SET state = 'active', state_reason = NULL",
        ),
        (
            "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason) SELECT domain_id,"
            " channel_id, contact_id, 'STOP' FROM conversations",
            "opted out",
            "DELETE FROM opt_outs",
        ),
    ]
    for shut, detail, reopen in doors:
        await web.db.execute(shut)
        for refused in (
            await respond(web, chat, content="Hi", media_ids=[photo]),
            await respond(web, chat, content="Hi", media_url="https://203.0.113.9/a.jpg"),
            await web.call("POST", f"/api/v1/messages/{draft}/send"),
        ):
            assert refused.status == 409, refused.text
            assert detail in refused.detail
        await web.db.execute(reopen)
    assert [m["status"] for m in await thread(web, chat)] == ["draft"]
    assert (await web.conversation())["mode"] == "assistant"
    gallery = (await web.call("GET", f"/api/v1/conversations/{chat}/media")).json["items"]
    assert [item["media_id"] for item in gallery] == [photo], "refusals leave no copies"


async def test_a_draft_waits_and_is_changed_sent_or_deleted(quiet: Desk, tmp_path: Path) -> None:
    chat = await chat_id(quiet)
    photo = samples.jpeg(tmp_path).read_bytes()
    a, b = await file(quiet, chat, photo, "a.jpg"), await file(quiet, chat, photo + b"b", "b.jpg")
    saved = await answered(quiet, chat, content="**Soon**", media_ids=[a], send_immediately=False)
    assert (saved["sent"], saved["twilio_sid"]) == (False, None)
    draft = saved["message_id"]
    at = f"/api/v1/messages/{draft}"
    assert (await quiet.conversation())["mode"] == "assistant"

    async def changed(status: int = 200, **body: Any) -> dict[str, Any]:
        answer = await quiet.call("PATCH", at, json=body)
        assert answer.status == status, answer.text
        [message] = await thread(quiet, chat)
        assert message["status"] == "draft"
        return message

    def names(message: dict[str, Any]) -> list[str]:
        return [each["filename"] for each in message["attachments"]]

    message = await changed(content="**Later**")
    assert (message["content"], names(message)) == ("**Later**", ["a.jpg"])
    assert names(await changed(media_ids=[b, a])) == ["b.jpg", "a.jpg"]
    assert names(await changed(media_ids=[a, b])) == ["a.jpg", "b.jpg"]
    assert names(await changed(media_ids=[b])) == ["b.jpg"]
    assert names(await changed(422, media_ids=[b, b])) == ["b.jpg"]
    assert names(await changed(422, media_ids=[str(uuid4())])) == ["b.jpg"]
    assert names(await changed(422, content="", media_ids=[])) == ["b.jpg"]
    assert names(await changed(content="")) == ["b.jpg"]
    assert names(await changed(content="Now", media_ids=[])) == []
    message = await changed(content="**Now**", media_ids=[a, b])
    items = (await quiet.call("GET", f"/api/v1/conversations/{chat}/media")).json["items"]
    assert {item["media_id"] for item in items} == {a, b}, "changes make no copies"
    assert await from_people(quiet) == [], "drafts are not delivered"
    # Twice at the same moment: it is sent once.
    sends = await asyncio.gather(*(quiet.call("POST", f"{at}/send") for _ in range(2)))
    assert sorted(answer.status for answer in sends) == [200, 409]
    [done] = [answer.json for answer in sends if answer.status == 200]
    assert done["sent"] is True
    assert done["message_ids"][0] == draft
    assert await from_people(quiet) == [("*Now*", 1), ("", 1)]
    assert (await quiet.conversation())["mode"] == "manual"
    for method, path in (("PATCH", at), ("DELETE", at), ("POST", f"{at}/send")):
        answer = await quiet.call(method, path, json={"content": "x"})
        assert answer.status == 409
        assert "only a draft" in answer.detail
    second = (await answered(quiet, chat, content="Never", send_immediately=False))["message_id"]
    assert (await quiet.call("DELETE", f"/api/v1/messages/{second}")).status == 204
    assert (await quiet.call("DELETE", f"/api/v1/messages/{second}")).status == 404
    assert len(await from_people(quiet)) == 2


async def test_a_draft_whose_file_was_deleted_is_not_sent_without_it(
    quiet: Desk, tmp_path: Path
) -> None:
    chat = await chat_id(quiet)
    photo = await file(quiet, chat, samples.jpeg(tmp_path).read_bytes())
    saved = await answered(quiet, chat, content="See", media_ids=[photo], send_immediately=False)
    at = f"/api/v1/messages/{saved['message_id']}"
    assert (await quiet.call("DELETE", f"/api/v1/media/{photo}")).status == 204
    refused = await quiet.call("POST", f"{at}/send")
    assert refused.status == 422
    assert photo in refused.detail
    assert (await quiet.call("PATCH", at, json={"content": "See?"})).status == 200
    assert (await quiet.call("POST", f"{at}/send")).status == 200
    assert await from_people(quiet) == [("See?", 0)]


async def test_a_key_sends_once_one_after_the_other_and_at_once(
    quiet: Desk, tmp_path: Path
) -> None:
    chat = await chat_id(quiet)
    photo = await file(quiet, chat, samples.jpeg(tmp_path).read_bytes())
    body: dict[str, Any] = {"content": "Once", "media_ids": [photo]}
    first = await respond(quiet, chat, key="a", **body)
    again = await respond(quiet, chat, key="a", **body)
    assert first.json == again.json
    assert first.json["sent"] is True
    at_once = await asyncio.gather(*(respond(quiet, chat, key="b", **body) for _ in range(6)))
    assert {answer.status for answer in at_once} == {200}
    assert len({answer.json["message_id"] for answer in at_once}) == 1
    assert await from_people(quiet) == [("Once", 1), ("Once", 1)]
    items = (await quiet.call("GET", f"/api/v1/conversations/{chat}/media")).json["items"]
    assert len(items) == 2, "repeated requests leave no copies"
    drafts = [
        await answered(quiet, chat, key="a", content="Draft", send_immediately=False)
        for _ in range(2)
    ]
    assert drafts[0]["message_id"] == drafts[1]["message_id"] != first.json["message_id"]
    await quiet.app.domains.add_person(quiet.domain.domain_id, "b@example.com", "B", "agent")
    bob = await quiet.app.domains.issue_token(quiet.domain.domain_id, "b@example.com", "tests")
    other = await respond(quiet, chat, bob, key="a", **body)
    assert other.json["message_id"] != first.json["message_id"], "a key is its person's"


async def test_what_the_carrier_refuses_is_kept_as_failed_and_tried_again(
    quiet: Desk, tmp_path: Path
) -> None:
    chat = await chat_id(quiet)
    photo = await file(quiet, chat, samples.jpeg(tmp_path).read_bytes())
    await quiet.fault("error_code", code=21614, times=2)
    refused = await respond(quiet, chat, content="Hi", media_ids=[photo])
    assert refused.status == 409, refused.text
    [message] = await thread(quiet, chat)
    assert message["status"] == "failed"
    assert message["error"] in refused.detail
    assert message["message_id"] in refused.detail
    assert message["error_code"] == "21614"
    at = f"/api/v1/messages/{message['message_id']}/retry"
    assert (await quiet.call("POST", at)).status == 409, "the carrier refuses it again"
    done = await quiet.call("POST", at)
    assert done.status == 200, done.text
    assert done.json["sent"] is True
    assert done.json["message_id"] == message["message_id"]
    assert await from_people(quiet) == [("Hi", 1)]
    once_more = await quiet.call("POST", at)
    assert once_more.status == 409
    assert "only a failed message" in once_more.detail


async def test_a_slow_carrier_is_not_waited_for_and_the_message_still_goes(
    quiet: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await chat_id(quiet)
    monkeypatch.setattr(manual, "LONGEST_WAIT", 0.1)
    await quiet.fault("latency", seconds=0.7, times=1)
    answer = await answered(quiet, chat, content="Hi")
    assert (answer["sent"], answer["twilio_sid"]) == (False, None)
    assert "queued" in answer["message"]
    assert await from_people(quiet) == [("Hi", 0)]


async def test_a_picture_message_takes_files_up_to_their_summed_size(
    desk: Desk, tmp_path: Path
) -> None:
    chat = await chat_of(desk, to=SMS_NUMBER)
    await desk.replies(1)
    photo = samples.jpeg(tmp_path).read_bytes()
    small = [await file(desk, chat, photo + bytes([n]), f"{n}.jpg") for n in range(3)]
    await answered(desk, chat, content="**Three**", media_ids=small)
    # Behind the end of a JPEG nothing is read, and it counts.
    large = [await file(desk, chat, photo + bytes([n]) * 2 * MB, f"l{n}.jpg") for n in range(3)]
    sent = await answered(desk, chat, content="Large", media_ids=large)
    assert len(sent["message_ids"]) == 2
    assert await from_people(desk) == [("Three", 3), ("Large", 2), ("", 1)]
    names = [[f["filename"] for f in m["attachments"]] for m in await thread(desk, chat)]
    assert names == [["0.jpg", "1.jpg", "2.jpg"], ["l0.jpg", "l1.jpg"], ["l2.jpg"]]
    assert {m["source"] for m in await thread(desk, chat)} == {"sms_manual"}
