"""People who have the inbox open see what changes, as it happens, and nothing of others."""

from collections.abc import Awaitable, Callable

import pytest

from frontdesk.db.changes import CHANNEL
from frontdesk.inbox.live import MOST_OF_PERSON
from inbox.listening import window
from pipeline.desk import OWNER_TOKEN, Desk, another_domain, until

pytestmark = pytest.mark.timeout(60)


async def colleague(desk: Desk, email: str = "grace@example.com") -> str:
    await desk.app.domains.add_person(desk.domain.domain_id, email, "Grace", "agent")
    return await desk.app.domains.issue_token(desk.domain.domain_id, email, "tests")


async def test_a_message_and_its_answer_are_seen_as_they_come(desk: Desk) -> None:
    async with window(desk) as grace:
        await grace.until("hello")
        await desk.write("Hello", profile_name="Ada")
        question = await grace.until_message(sender="user")
        assert (question["content"], question["status"]) == ("Hello", "received")
        answer = await grace.until_message(sender="assistant", status="delivered")
        assert answer["chat_id"] == question["chat_id"]
        row = (await grace.until("conversation")).content["conversation"]
        assert (row["chat_id"], row["display_name"]) == (question["chat_id"], "Ada")
        assert (row["unread"], row["read_count"], row["mentioned"]) == (None, None, None)
        assert row["inbound_count"] == 1


async def test_what_a_person_writes_is_seen_by_the_others(desk: Desk) -> None:
    await desk.write("Hello")
    await desk.replies(1)
    chat = (await desk.conversation())["conversation_id"]
    async with window(desk, await colleague(desk)) as grace:
        await grace.until("hello")
        body = {"content": "Good morning"}
        sent = await desk.call("POST", f"/chat/{chat}/manual-response", json=body)
        assert sent.status == 200, sent.text
        message = await grace.until_message(sender="human")
        assert message["content"] == "Good morning"


async def test_a_draft_that_is_thrown_away_is_removed_from_every_window(web: Desk) -> None:
    await web.write("Hello")
    chat = (await web.conversation())["conversation_id"]
    async with window(web) as grace:
        await grace.until("hello")
        body = {"content": "Maybe", "send_immediately": False}
        path = f"/chat/{chat}/manual-response"
        draft = (await web.call("POST", path, json=body)).json["message_id"]
        await grace.until_message(message_id=draft, status="draft")
        assert (await web.call("DELETE", f"/api/v1/messages/{draft}")).status < 300
        await grace.until("removed", chat_id=str(chat), message_id=draft)


async def test_another_domain_sees_nothing(web: Desk) -> None:
    _, token = await another_domain(web)
    async with window(web, token) as rival, window(web) as grace:
        await web.write("Hello")
        await grace.until_message(sender="user")
        web.app.database.changes.tell_settings(
            (await web.app.domains.by_name("rival")).domain_id, "labels"
        )
        await rival.until("settings", what="labels")
        assert [event.name for event in rival.seen] == ["hello", "settings"]


async def test_a_stream_of_a_domain_that_is_not_ones_own_does_not_exist(web: Desk) -> None:
    _, token = await another_domain(web)
    assert (await web.call("GET", "/api/v1/events?domain=default", token)).status == 404
    assert (await web.call("GET", "/api/v1/events", None)).status == 401


async def test_a_lost_connection_goes_on_where_it_was(web: Desk) -> None:
    async with window(web) as other:
        async with window(web) as grace:
            await grace.until("hello")
            web.app.database.changes.tell_settings(web.domain.domain_id, "labels", "1")
            last = await grace.until("settings", id="1")
        for number in "23":
            web.app.database.changes.tell_settings(web.domain.domain_id, "labels", number)
            await other.until("settings", id=number)
        async with window(web, last_event_id=last.id) as again:
            await again.until("settings", id="3")
            assert [each.content.get("id") for each in again.seen] == [None, "2", "3"]
        async with window(web, last_event_id=again.seen[-1].id) as again:
            web.app.database.changes.tell_settings(web.domain.domain_id, "labels", "4")
            await again.until("settings", id="4")
            assert [each.name for each in again.seen] == ["hello", "settings"]


@pytest.mark.parametrize("event_id", ["another-1", "x", "{node}-999999", "{node}-", "{node}-²"])
async def test_after_an_event_that_is_not_known_everything_is_loaded_again(
    web: Desk, event_id: str
) -> None:
    async with window(web) as grace:
        node = (await grace.until("hello")).content["node"]
        async with window(web, last_event_id=event_id.format(node=node)) as again:
            await again.until("reset")
            assert [event.name for event in again.seen] == ["hello", "reset"]


async def test_a_lost_listener_costs_one_reset(web: Desk) -> None:
    async with window(web) as grace:
        await grace.until("hello")
        await web.db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'frontdesk live' AND datname = current_database()"
        )
        await grace.until("reset")
        await web.write("Hello")
        await grace.until_message(content="Hello")


async def test_too_many_changes_to_tell_become_a_reset(web: Desk) -> None:
    async with window(web) as grace:
        await grace.until("hello")
        web.app.database.changes.tell_reset(web.domain.domain_id)
        await grace.until("reset")


async def test_a_notification_of_nobody_we_know_is_left_alone(web: Desk) -> None:
    async with window(web) as grace:
        await grace.until("hello")
        await web.db.execute("SELECT pg_notify($1, 'nonsense')", CHANNEL)
        web.app.database.changes.tell_settings(web.domain.domain_id, "labels")
        await grace.until("settings")
        assert [event.name for event in grace.seen] == ["hello", "settings"]


Ends = Callable[[Desk, str], Awaitable[object]]


async def _loses_its_token(desk: Desk, email: str) -> None:
    await desk.db.execute(
        "DELETE FROM api_tokens t USING people p WHERE t.person_id = p.person_id AND p.email = $1",
        email,
    )
    person = await desk.db.fetchval("SELECT person_id FROM people WHERE email = $1", email)
    assert person is not None
    desk.app.database.changes.tell_access(desk.domain.domain_id, person)


async def _leaves_the_domain(desk: Desk, email: str) -> None:
    people = (await desk.call("GET", "/api/v1/people")).json["items"]
    person_id = next(each["person_id"] for each in people if each["email"] == email)
    assert (await desk.call("DELETE", f"/api/v1/people/{person_id}")).status == 204


@pytest.mark.parametrize("end", [_loses_its_token, _leaves_the_domain])
async def test_who_may_no_longer_look_is_signed_out(web: Desk, end: Ends) -> None:
    token = await colleague(web)
    async with window(web, token) as grace, window(web) as owner:
        await grace.until("hello")
        await end(web, "grace@example.com")
        assert (await grace.ended())[-1] == "signed_out"
        web.app.database.changes.tell_settings(web.domain.domain_id, "labels")
        await owner.until("settings", what="labels")


async def test_how_far_one_has_read_is_seen_in_ones_own_windows_only(web: Desk) -> None:
    token = await colleague(web)
    await web.write("Hello")
    chat = (await web.conversation())["conversation_id"]
    person = await web.db.fetchval("SELECT person_id FROM people WHERE email LIKE 'grace@%'")
    assert person is not None
    async with window(web, token) as grace, window(web) as owner:
        changes = web.app.database.changes
        changes.tell_read(web.domain.domain_id, chat, person, 1)
        await grace.until("read", chat_id=str(chat), read_count=1)
        changes.tell_settings(web.domain.domain_id, "labels")
        await owner.until("settings")
        assert "read" not in [event.name for event in owner.seen]


async def test_one_sees_who_looks_and_who_types_until_they_leave(web: Desk) -> None:
    token = await colleague(web)
    await web.write("Hello")
    chat = str((await web.conversation())["conversation_id"])
    path = f"/api/v1/conversations/{chat}/presence"
    async with window(web) as owner:
        async with window(web, token) as grace:
            await grace.until("hello")
            body = {"viewing": True, "typing": True}
            assert (await web.call("POST", path, token, json=body)).status == 204
            seen = (await owner.until("presence", chat_id=chat)).content
            assert [person["email"] for person in seen["viewing"]] == ["grace@example.com"]
            assert seen["viewing"] == seen["typing"]
            async with window(web) as late:
                assert (await late.until("presence")).content == seen
            body = {"viewing": True, "typing": False}
            assert (await web.call("POST", path, token, json=body)).status == 204
            assert (await owner.until("presence")).content["typing"] == []
        assert (await owner.until("presence")).content["viewing"] == []


async def test_presence_in_a_conversation_of_others_does_not_exist(web: Desk) -> None:
    _, token = await another_domain(web)
    await web.write("Hello")
    chat = (await web.conversation())["conversation_id"]
    path = f"/api/v1/conversations/{chat}/presence"
    assert (await web.call("POST", path, token, json={"viewing": True})).status == 404


async def test_one_person_has_a_limited_number_of_windows(web: Desk) -> None:
    headers = {"Authorization": f"Bearer {OWNER_TOKEN}"}
    url = f"{web.url}/api/v1/events"
    answers = [await web.http.get(url, headers=headers) for _ in range(MOST_OF_PERSON)]
    refused = await web.call("GET", "/api/v1/events")
    assert (refused.status, "retry-after" in refused.headers) == (429, True)
    answers[0].close()

    async def room_again() -> bool:
        async with web.http.get(url, headers=headers) as answer:
            return answer.status == 200

    await until(room_again)
    for answer in answers:
        answer.close()


async def test_the_stream_is_kept_out_of_caches_and_buffers(web: Desk) -> None:
    async with window(web) as grace:
        assert grace.answer.headers["Cache-Control"] == "no-store"
        assert grace.answer.headers["X-Accel-Buffering"] == "no"
        assert grace.answer.content_type == "text/event-stream"
        assert (await grace.answer.content.readline()) == b"retry: 2000\n"
