"""The read API, as the issue writes it down: shapes, paging, times."""

import re

import pytest

from frontdesk.kernel.ids import new_id
from pipeline.desk import ADA, SMS_NUMBER, Desk, until

UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


async def test_a_conversation_in_the_list_has_its_fields(desk: Desk) -> None:
    await desk.write("Hello", profile_name="Ada")
    await desk.replies(1)
    answer = await desk.call("GET", "/api/v1/conversations", params={"domain": "default"})
    assert set(answer.json) == {"items", "next"}
    [item] = answer.json["items"]
    expected = {
        "phone_number": ADA,
        "display_name": "Ada",
        "channel": "wmsg",
        "assistant_id": "echo",
        "mode": "assistant",
        "last_message": "Hello",
        "unread": 1,
    }
    assert expected.items() <= item.items()
    assert UTC_TIME.fullmatch(item["last_active"])
    assert answer.json["next"] is None


async def test_a_thread_has_message_records(desk: Desk) -> None:
    await desk.write("Hello")
    await desk.replies(1)
    chat_id = str((await desk.conversation())["conversation_id"])
    answer = await desk.call("GET", f"/api/v1/conversations/{chat_id}/messages")
    question, reply = answer.json["items"]
    fields = {
        "message_id", "chat_id", "content", "sender", "source", "media_url", "attachments",
        "status", "error", "reply_to", "created_at", "updated_at",
    }  # fmt: skip
    assert fields <= set(question)
    assert (question["sender"], reply["sender"]) == ("user", "assistant")
    assert question["chat_id"] == reply["chat_id"] == chat_id
    assert question["source"] == "whatsapp"
    assert UTC_TIME.fullmatch(question["created_at"])


async def test_sessions_are_as_older_clients_know_them(desk: Desk) -> None:
    await desk.write("Hello", from_="+14155557890")
    await desk.write("Hello", from_="+14155557890", to=SMS_NUMBER)
    for number in ("+14155557890", "%2B14155557890"):
        answer = await desk.call("GET", f"/api/v1/sessions?phone_number={number}")
        sms, whatsapp = sorted(answer.json["items"], key=lambda item: item["session_id"])
        assert whatsapp["session_id"] == "whatsapp-+14155557890"
        assert whatsapp["user_email"] == "+14155557890@whatsapp.user"
        assert whatsapp["display_name"] == "WhatsApp User 7890"
        assert whatsapp["phone_number"] == "+14155557890"
        assert whatsapp["assistant_id"] == "echo"
        assert sms["session_id"] == "sms-+14155557890"
        assert UTC_TIME.fullmatch(sms["created_at"])
        assert UTC_TIME.fullmatch(sms["last_active"])


async def test_pages_of_conversations_repeat_and_leave_out_nothing(web: Desk) -> None:
    people = [f"+1415555{number:04}" for number in range(23)]
    for person in people:
        await web.write("Hello", from_=person)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "5", **({"cursor": cursor} if cursor else {})}
        page = (await web.call("GET", "/api/v1/conversations", params=query)).json
        seen += [item["phone_number"] for item in page["items"]]
        # Somebody new writes while the pages are turned.
        await web.write("Hello", from_=f"+1415556{len(seen):04}")
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(reversed(people))


async def test_pages_of_a_thread_repeat_and_leave_out_nothing(web: Desk) -> None:
    for number in range(12):
        await web.write(f"{number}")
    chat_id = (await web.conversation())["conversation_id"]
    seen: list[str] = []
    before: str | None = None
    while True:
        query = {"limit": "5", **({"before": before} if before else {})}
        page = (
            await web.call("GET", f"/api/v1/conversations/{chat_id}/messages", params=query)
        ).json
        seen = [item["content"] for item in page["items"]] + seen
        await web.write("new")
        before = page["next"]
        if before is None:
            break
    assert seen == [f"{number}" for number in range(12)]


@pytest.mark.parametrize(
    ("query", "found"),
    [("ada", True), ("0101", True), ("HELLO", True), ("%", False), ("_", False), ("zzz", False)],
)
async def test_search_looks_in_names_numbers_and_texts(web: Desk, query: str, found: bool) -> None:
    await web.write("Hello", profile_name="Ada")
    answer = await web.call("GET", "/api/v1/conversations", params={"q": query})
    assert bool(answer.json["items"]) is found


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "é", "AAAA", "\x00",
        "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHw2YmE3YjgxMC05ZGFkLTExZDEtODBiNC0wMGMwNGZkNDMwYzg",
    ],
)  # fmt: skip
async def test_a_cursor_of_ones_own_making_is_refused(web: Desk, cursor: str) -> None:
    answer = await web.call("GET", "/api/v1/conversations", params={"cursor": cursor})
    assert answer.status == 422
    assert answer.detail


async def test_before_must_be_a_message_of_the_thread(web: Desk) -> None:
    await web.write("Hello")
    chat_id = (await web.conversation())["conversation_id"]
    path = f"/api/v1/conversations/{chat_id}/messages"
    assert (await web.call("GET", path, params={"before": str(new_id())})).status == 404
    assert (await web.call("GET", path, params={"before": "x"})).status == 422
    assert (await web.call("GET", path, params={"limit": "0"})).status == 422


async def test_a_timeline_tells_every_moment_of_question_and_answer(desk: Desk) -> None:
    await desk.write("Hello")
    await desk.replies(1)

    async def delivered() -> bool:
        return (await desk.messages())[1]["status"] == "delivered"

    await until(delivered)
    question, reply = await desk.messages()
    asked = (await desk.call("GET", f"/api/v1/messages/{question['message_id']}/timeline")).json
    answered = (await desk.call("GET", f"/api/v1/messages/{reply['message_id']}/timeline")).json
    assert [stage["stage"] for stage in asked["stages"]] == [
        "received", "committed", "picked_up", "answered",
    ]  # fmt: skip
    assert {stage["stage"] for stage in answered["stages"]} == {
        "received", "committed", "picked_up", "answered", "queued", "sending", "sent", "delivered",
    }  # fmt: skip
    assert asked["trace_id"] == answered["trace_id"]
    assert asked["answers"] == [str(reply["message_id"])]
    assert answered["in_reply_to"] == str(question["message_id"])
    assert answered["attempts"] == 1
    moments = [answered[f"{stage}_at"] for stage in ("received", "queued", "sending")]
    assert moments == sorted(moments)


async def test_dead_letters_say_why(web: Desk) -> None:
    await web.app.conversations.dead_letter(web.domain.domain_id, "turn", "the reason")
    answer = await web.call("GET", "/api/v1/dead-letters")
    [item] = answer.json["items"]
    assert (item["stage"], item["reason"]) == ("turn", "the reason")


async def test_nothing_at_an_address_is_said_in_the_same_shape(web: Desk) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("DELETE", "/api/v1/domains", 405),
        ("GET", "/api/v1/conversations/not-an-id/messages", 422),
    ):
        answer = await web.call(method, path)
        assert answer.status == status
        assert isinstance(answer.detail, str)
