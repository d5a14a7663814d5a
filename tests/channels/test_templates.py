"""Templates over HTTP: listed from the carrier, handed in there, local for text messages."""

from typing import Any
from uuid import UUID

import pytest

from pipeline.desk import OWNER_TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, Desk, another_domain, until

PATH = "/api/v1/templates"
NEW = {
    "name": "table_ready",
    "language": "en",
    "category": "utility",
    "body": "Hello {{1}}, your table is ready.",
    "variables": [{"name": "1", "sample": "Ana"}],
}


async def call(
    desk: Desk,
    method: str,
    path: str = "",
    status: int = 200,
    token: str = OWNER_TOKEN,
    **more: Any,
) -> Any:
    answer = await desk.call(method, PATH + path, token, **more)
    assert answer.status == status, f"{method} {path}: {answer.status} {answer.text}"
    return answer.json


async def channel(desk: Desk, address: str = WHATSAPP_NUMBER) -> str:
    items = (await desk.call("GET", "/api/v1/channels")).json["items"]
    return next(item["channel_id"] for item in items if item["address"] == address)


async def synced(desk: Desk) -> dict[str, dict[str, Any]]:
    [outcome] = (await call(desk, "POST", "/sync", json={}))["channels"]
    assert outcome["error"] is None
    return await by_name(desk)


async def by_name(desk: Desk, query: str = "") -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in (await call(desk, "GET", query))["items"]}


async def become(desk: Desk, template: dict[str, Any], status: str | None) -> None:
    """WhatsApp changes its mind."""
    raw = {"sid": template["carrier_id"], "status": status}
    async with desk.http.post(f"{desk.sandbox_url}/templates", json=raw) as answer:
        assert answer.status == 200


async def test_the_carriers_templates_are_listed_with_what_they_show(web: Desk) -> None:
    outcome = (await call(web, "POST", "/sync", json={}))["channels"]
    where = await channel(web)
    assert outcome == [{"channel_id": where, "added": 3, "changed": 0, "removed": 0, "error": None}]
    found = await by_name(web)
    reminder, offer = found["appointment_reminder"], found["spring_offer"]
    assert (reminder["language"], reminder["category"], reminder["status"]) == (
        "en",
        "utility",
        "approved",
    )
    assert (reminder["channel_id"], reminder["channel"]) == (where, "wmsg")
    assert reminder["carrier_id"].startswith("HX")
    assert [each["text"] for each in reminder["buttons"]] == ["I will be there", "Another day"]
    assert reminder["variables"] == [
        {"name": "1", "sample": "Ana"},
        {"name": "2", "sample": "Tuesday at 10:00"},
    ]
    assert offer["header"]["kind"] == "image"
    assert offer["header"]["url"].endswith("/static/spring-offer.png")
    assert offer["footer"] == "Answer STOP to hear no more of this"
    assert reminder["synced_at"]
    again = (await call(web, "POST", "/sync", json={"channel_id": where}))["channels"]
    assert [again[0][name] for name in ("added", "changed", "removed")] == [0, 0, 0]
    assert set(await by_name(web, "?q=pedido")) == {"order_update"}
    assert set(await by_name(web, "?status=approved")) == set(found)
    assert await by_name(web, "?status=paused") == {}
    assert await by_name(web, f"?channel_id={await channel(web, SMS_NUMBER)}") == {}


async def test_what_the_carrier_pauses_or_loses_is_not_used_any_more(web: Desk) -> None:
    found = await synced(web)
    await become(web, found["order_update"], "paused")
    contents = web.exchange.contents
    gone = found["spring_offer"]
    account = next(iter(web.exchange.accounts))
    content = contents.get(account, gone["carrier_id"])
    assert content is not None
    contents.delete(content)
    [outcome] = (await call(web, "POST", "/sync", json={}))["channels"]
    assert [outcome[name] for name in ("added", "changed", "removed")] == [0, 1, 1]
    after = await by_name(web)
    assert after["order_update"]["status"] == "paused"
    assert after["order_update"]["template_id"] == found["order_update"]["template_id"]
    assert (after["spring_offer"]["status"], after["spring_offer"]["status_reason"]) == (
        "disabled",
        "It is not at the carrier any more",
    )
    contents.put(content)
    assert (await synced(web))["spring_offer"]["status"] == "approved"


async def test_a_carrier_that_fails_is_reported_and_changes_nothing(web: Desk) -> None:
    before = await synced(web)
    await web.fault("server_error", operation="content")
    [outcome] = (await call(web, "POST", "/sync", json={}))["channels"]
    assert "503" in outcome["error"]
    assert await by_name(web) == before


async def test_a_whatsapp_template_is_handed_in_and_waits_for_approval(web: Desk) -> None:
    made = await call(web, "POST", "", 201, json={**NEW, "channel_id": await channel(web)})
    assert (made["status"], made["name"]) == ("pending", "table_ready")
    assert made["carrier_id"].startswith("HX")
    assert (await synced(web))["table_ready"]["template_id"] == made["template_id"]
    assert (await by_name(web))["table_ready"]["status"] == "approved"
    rejected = {**NEW, "name": "reject_me", "channel_id": await channel(web)}
    await call(web, "POST", "", 201, json=rejected)
    shown = (await synced(web))["reject_me"]
    assert shown["status"] == "rejected"
    assert "reject" in shown["status_reason"]
    taken = await call(web, "POST", "", 409, json={**NEW, "channel_id": await channel(web)})
    assert "already" in taken["detail"]
    kept = await call(web, "PATCH", f"/{made['template_id']}", 409, json={"body": "Else"})
    assert "create another" in kept["detail"]


async def test_nothing_stays_behind_where_the_carrier_does_not_take_it(web: Desk) -> None:
    await synced(web)
    body = {**NEW, "channel_id": await channel(web)}
    await web.fault("error_code", code=21620, at_once=True, operation="content", times=1)
    await call(web, "POST", "", 409, json=body)
    await web.fault("rate_limit", operation="content", times=1)
    await call(web, "POST", "", 503, json=body)
    assert "table_ready" not in await synced(web)
    await call(web, "POST", "", 201, json=body)


async def test_a_template_is_deleted_at_the_carrier_too(web: Desk) -> None:
    found = await synced(web)
    path = f"/{found['order_update']['template_id']}"
    await call(web, "DELETE", path, 204)
    await call(web, "GET", path, 404)
    assert "order_update" not in await synced(web)


async def test_a_template_that_a_campaign_needs_is_not_deleted(web: Desk) -> None:
    template_id = (await synced(web))["order_update"]["template_id"]
    await web.db.execute(
        "INSERT INTO campaigns (domain_id, campaign_id, name, source, status, channel, template_id)"
        " VALUES ($1, gen_random_uuid(), 'Spring', 'segment', 'running', 'wmsg', $2)",
        web.domain.domain_id,
        template_id,
    )
    refused = await call(web, "DELETE", f"/{template_id}", 409)
    assert "a campaign" in refused["detail"]


async def test_a_text_messages_template_is_ours_alone(web: Desk) -> None:
    where = await channel(web, SMS_NUMBER)
    made = await call(web, "POST", "", 201, json={**NEW, "variables": [], "channel_id": where})
    assert (made["status"], made["carrier_id"]) == ("approved", None)
    path = f"/{made['template_id']}"
    changed = await call(web, "PATCH", path, json={"body": "Hi {{name}}", "name": "Table"})
    assert (changed["name"], changed["body"]) == ("Table", "Hi {{name}}")
    assert changed["variables"] == [{"name": "name", "sample": ""}]
    assert "Table" in await synced(web), "comparing with the carrier leaves it alone"
    await call(web, "DELETE", path, 204)
    assert "Table" not in await by_name(web)


async def test_a_preview_shows_the_message_or_every_variable_that_is_wrong(web: Desk) -> None:
    found = await synced(web)
    path = f"/{found['spring_offer']['template_id']}/preview"
    shown = await call(web, "POST", path, json={"variables": {"1": "Ben", "2": "30%"}})
    assert shown["text"].startswith("Hello Ben, spring is here: 30% off")
    assert shown["footer"] in shown["text"]
    assert shown["header"]["kind"] == "image"
    wrong = await call(web, "POST", path, 422, json={"variables": {"1": "a\nb", "3": "?"}})
    for name in ("{{1}}", "{{2}}", "{{3}}"):
        assert name in wrong["detail"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_another_domains_template_is_not_there(web: Desk, method: str) -> None:
    found = await synced(web)
    _, stranger = await another_domain(web)
    path = f"/{found['order_update']['template_id']}"
    await call(web, method, path, 404, stranger, json={})
    body = {**NEW, "channel_id": await channel(web)}
    await call(web, "POST", "", 404, stranger, json=body)
    assert (await call(web, "POST", "/sync", 200, stranger, json={}))["channels"] == []


async def test_a_worker_fetches_the_templates_by_itself(desk: Desk) -> None:
    async def all_there() -> bool:
        return len(await by_name(desk)) == 3

    await until(all_there)


async def test_a_template_is_found_by_id_by_name_and_by_language(web: Desk) -> None:
    found = await synced(web)
    order = found["order_update"]
    templates, domain_id = web.app.templates, web.domain.domain_id
    row = await web.app.channels.find("wmsg", WHATSAPP_NUMBER)
    async with web.app.database.tenant_tx(domain_id) as connection:
        for wanted in (order["template_id"], "order_update", "order_update:es"):
            one = await templates.named(connection, domain_id, row.channel_id, wanted)
            assert str(one.template_id) == order["template_id"]


@pytest.mark.parametrize(
    ("status", "started", "refused"),
    [
        ("running", True, True),
        ("scheduled", False, True),
        ("paused", True, True),
        ("paused", False, False),
        ("ready", False, False),
        ("done", True, False),
    ],
)
async def test_the_text_of_a_campaign_that_is_being_sent_stays(
    web: Desk, status: str, started: bool, refused: bool
) -> None:
    where = await channel(web, SMS_NUMBER)
    made = await call(web, "POST", "", 201, json={**NEW, "channel_id": where})
    path = f"/{made['template_id']}"
    await web.db.execute(
        "INSERT INTO campaigns (domain_id, campaign_id, name, source, status, channel, template_id,"
        " started_at) VALUES ($1, gen_random_uuid(), 'Spring', 'segment', $2, 'sms', $3,"
        " CASE WHEN $4 THEN now() END)",
        web.domain.domain_id,
        status,
        made["template_id"],
        started,
    )
    answer = await call(web, "PATCH", path, 409 if refused else 200, json={"body": "Bye {{1}}"})
    if refused:
        assert f"campaign 'Spring', which is {status}" in answer["detail"]
    # What nobody is sent may always change.
    samples = [{"name": "1", "sample": "Bo"}]
    changed = await call(web, "PATCH", path, json={"name": "Renamed", "variables": samples})
    assert (changed["name"], changed["variables"]) == ("Renamed", samples)


@pytest.mark.parametrize("what", ["waiting", "writing", "follow_up"])
async def test_the_text_that_somebody_waits_for_stays(web: Desk, what: str) -> None:
    where = await channel(web, SMS_NUMBER)
    made = await call(web, "POST", "", 201, json={**NEW, "channel_id": where})
    template_id, domain_id = made["template_id"], web.domain.domain_id
    if what == "follow_up":
        await web.db.execute(
            "INSERT INTO follow_ups (domain_id, follow_up_id, conversation_id, after, due_at,"
            " template_id, status) VALUES ($1, $2, $2, now(), now(), $3, 'waiting')",
            domain_id,
            UUID(int=1),
            template_id,
        )
    else:
        await web.db.execute(
            "INSERT INTO outreach (domain_id, outreach_id, source, channel, address, call_type,"
            " template_id, follow_up, status)"
            " VALUES ($1, $2, 'api', 'sms', '+14155550101', 'reminder', $3, $4, $5)",
            domain_id,
            UUID(int=1),
            template_id if what == "waiting" else None,
            {"after_hours": 1, "template_id": template_id},
            what,
        )
    refused = await call(web, "PATCH", f"/{template_id}", 409, json={"body": "Bye {{1}}"})
    assert "end that first" in refused["detail"]
    await web.db.execute("UPDATE outreach SET status = 'sent'")
    await web.db.execute("UPDATE follow_ups SET status = 'sent'")
    await call(web, "PATCH", f"/{template_id}", json={"body": "Bye {{1}}"})
