"""Templates in a conversation get through when the window is closed, once, as a person's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.test_templates import become, synced
from pipeline.desk import ADA, OWNER_TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, Desk, until

VALUES = {"1": "Ben", "2": "Friday"}
TEXT = "Hello Ben, this is a reminder of your appointment on Friday. Can you come?"


async def chat_id(desk: Desk) -> str:
    return str((await desk.conversation())["conversation_id"])


async def send(desk: Desk, status: int = 201, key: str | None = None, **body: Any) -> Any:
    path = f"/api/v1/conversations/{await chat_id(desk)}/template"
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await desk.call("POST", path, OWNER_TOKEN, json=body, headers=headers)
    assert answer.status == status, answer.text
    return answer.json


@pytest.fixture
async def closed(desk: Desk) -> Desk:
    """A desk whose customer wrote two days ago, here and at the carrier."""
    await desk.write("Hello")
    await desk.replies(1)
    await desk.settled()
    await desk.db.execute("UPDATE conversations SET last_inbound_at = now() - interval '2 days'")
    raw = {"business": f"whatsapp:{WHATSAPP_NUMBER}", "customer": ADA, "hours": 48}
    async with desk.http.post(f"{desk.sandbox_url}/windows", json=raw) as answer:
        assert await answer.json() == {"open": False}
    return desk


async def reminder(desk: Desk) -> dict[str, Any]:
    return (await synced(desk))["appointment_reminder"]


async def test_a_template_gets_through_when_the_window_is_closed(closed: Desk) -> None:
    template = await reminder(closed)
    path = f"/chat/{await chat_id(closed)}/manual-response"
    free = await closed.call("POST", path, OWNER_TOKEN, json={"content": "Hi"})
    assert free.status == 409
    listed = await closed.call("GET", f"/api/v1/conversations/{await chat_id(closed)}/templates")
    assert {each["name"] for each in listed.json["items"]} == {
        "appointment_reminder",
        "order_update",
        "spring_offer",
    }
    answer = await send(closed, template_id=template["template_id"], variables=VALUES)
    assert (answer["success"], answer["sent"]) == (True, True)
    await closed.settled()
    message = (await closed.sent())[-1]
    assert (message["sid"], message["body"]) == (answer["twilio_sid"], TEXT)
    assert message["status"] == "delivered"
    assert message["template"]["buttons"][0]["text"] == "I will be there"
    kept = (await closed.messages())[-1]
    assert (kept["content"], kept["sender"], kept["kind"]) == (TEXT, "human", "text")
    assert kept["structured"]["template"]["variables"] == VALUES
    assert (await closed.conversation())["mode"] == "manual"


async def test_a_pressed_button_is_the_customers_answer(closed: Desk) -> None:
    template = await reminder(closed)
    sent = await send(closed, template_id=template["template_id"], variables=VALUES)
    fields = {
        "ButtonText": "Another day",
        "ButtonPayload": "move",
        "OriginalRepliedMessageSid": sent["twilio_sid"],
    }
    await closed.write("Another day", fields=fields)
    await closed.settled()
    answer = (await closed.messages())[-1]
    assert (answer["kind"], answer["content"]) == ("button", "Another day")
    assert answer["structured"]["button"]["payload"] == "move"
    assert answer["reply_to"] == sent["twilio_sid"]


async def test_under_one_key_a_template_is_sent_once(closed: Desk) -> None:
    template = await reminder(closed)
    body: dict[str, Any] = {"template_id": template["template_id"], "variables": VALUES}
    first = await send(closed, key="one", **body)
    assert await send(closed, key="one", **body) == first
    other = await send(closed, key="two", **body)
    assert other["message_id"] != first["message_id"]
    assert [m["body"] for m in await closed.sent()].count(TEXT) == 2


async def test_a_template_that_does_not_fit_is_refused_before_anything_is_sent(
    closed: Desk,
) -> None:
    template = await reminder(closed)
    wrong = await send(closed, 422, template_id=template["template_id"], variables={"1": ""})
    assert "{{1}}" in wrong["detail"]
    assert "{{2}}" in wrong["detail"]
    unknown = await send(closed, 404, template_id=str(closed.domain.domain_id), variables={})
    assert "does not exist" in unknown["detail"]
    await become(closed, template, "paused")
    await synced(closed)
    paused = await send(closed, 409, template_id=template["template_id"], variables=VALUES)
    assert "paused" in paused["detail"]
    assert len(await closed.sent()) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE conversations SET blocked = true", "blocked"),
        (
            "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)"
            " SELECT domain_id, channel_id, contact_id, 'STOP' FROM conversations",
            "opted out",
        ),
        ("UPDATE channels SET state = 'stopped'", "stopped"),
    ],
)
async def test_nobody_gets_a_template_who_may_not_be_written_to(
    closed: Desk, change: str, said: str
) -> None:
    template = await reminder(closed)
    await closed.db.execute(change)
    refused = await send(closed, 409, template_id=template["template_id"], variables=VALUES)
    assert said in refused["detail"]
    assert len(await closed.sent()) == 1


async def test_a_scheduled_template_is_sent_at_its_time_and_judged_then(closed: Desk) -> None:
    template = await reminder(closed)
    body: dict[str, Any] = {"template_id": template["template_id"], "variables": VALUES}
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    first = await send(closed, send_at=later, **body)
    assert first["sent"] is False
    assert len(await closed.sent()) == 1
    path = f"/api/v1/messages/{first['message_id']}"
    rewritten = await closed.call("PATCH", path, json={"content": "Something else"})
    assert rewritten.status == 409
    sooner = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    moved = await closed.call("PATCH", path, json={"scheduled_at": sooner})
    assert moved.status == 200
    assert moved.json["structured"]["template"]["name"] == "appointment_reminder"
    await closed.db.execute("UPDATE messages SET scheduled_at = now() WHERE status = 'scheduled'")

    async def there() -> bool:
        return [m["body"] for m in await closed.sent()][-1] == TEXT

    await until(there)
    second = await send(closed, send_at=later, **body)
    await become(closed, template, "paused")
    await synced(closed)
    await closed.db.execute("UPDATE messages SET scheduled_at = now() WHERE status = 'scheduled'")

    async def failed() -> bool:
        return (await closed.messages())[-1]["status"] == "failed"

    await until(failed)
    last = (await closed.messages())[-1]
    assert str(last["message_id"]) == second["message_id"]
    assert "paused" in last["error"]
    assert (await closed.call("DELETE", path)).status in (404, 409)


async def test_a_lost_answer_sends_no_template_twice(closed: Desk) -> None:
    template = await reminder(closed)
    await closed.fault("reset", when="after", operation="create", times=1)
    await send(closed, template_id=template["template_id"], variables=VALUES)
    await closed.settled()
    assert [m["body"] for m in await closed.sent()].count(TEXT) == 1


async def test_a_template_is_plain_text_where_messages_are(desk: Desk) -> None:
    await desk.write("Hello", to=SMS_NUMBER)
    await desk.replies(1)
    channels = (await desk.call("GET", "/api/v1/channels")).json["items"]
    where = next(each["channel_id"] for each in channels if each["channel"] == "sms")
    made = await desk.call(
        "POST",
        "/api/v1/templates",
        json={
            "channel_id": where,
            "name": "Ready",
            "language": "en",
            "category": "utility",
            "body": "Your order {{order}} is ready",
        },
    )
    values = {"order": "A-7"}
    await send(desk, template_id=made.json["template_id"], variables=values)
    assert (await desk.sent())[-1]["body"] == "Your order A-7 is ready"
    assert (await desk.sent())[-1]["template"] is None
