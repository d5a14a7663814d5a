"""Channels that people add, and the page that tells what to paste and whether it works."""

from typing import Any

import pytest

from frontdesk.channels.model import MASK, OWN
from pipeline.desk import (
    ACCOUNT,
    AUTH_TOKEN,
    OWNER_TOKEN,
    SMS_NUMBER,
    WHATSAPP_NUMBER,
    Desk,
    another_domain,
    message_form,
)

PATH = "/api/v1/channels"
METADATA = "/api/v1/domains/default/metadata"
NEW = "+15005550009"
PAIR = {"account_sid": ACCOUNT, "auth_token": AUTH_TOKEN}
FULL = {"kind": "sms", "carrier": "twilio", "address": NEW}


async def call(
    desk: Desk, method: str, path: str, status: int = 200, token: str = OWNER_TOKEN, **more: Any
) -> Any:
    answer = await desk.call(method, path, token, **more)
    assert answer.status == status, f"{method} {path}: {answer.status} {answer.text}"
    return answer.json


async def channel(desk: Desk, address: str = WHATSAPP_NUMBER) -> str:
    items = (await call(desk, "GET", PATH))["items"]
    return next(item["channel_id"] for item in items if item["address"] == address)


async def test_a_second_number_of_a_kind_has_credentials_of_its_own(web: Desk) -> None:
    body = {**FULL, "credentials": {"account_sid": "ACother", "auth_token": "a-token-of-its-own"}}
    made = await call(web, "POST", PATH, 201, json=body)
    assert (made["channel"], made["address"], made["state"]) == ("sms", NEW, "active")
    found = await web.app.channels.find("sms", NEW)
    assert (found.account, found.secret) == ("ACother", "a-token-of-its-own")
    assert (await web.app.channels.find("sms", SMS_NUMBER)).secret == AUTH_TOKEN
    shown = await call(web, "GET", METADATA)
    assert shown[OWN] == {f"sms:{NEW}": {"account_sid": "ACother", "auth_token": f"{MASK}-own"}}
    stored = await web.db.fetch("SELECT a::text AS text FROM audit_log a")
    assert not any("a-token-of-its-own" in row["text"] for row in stored)


async def test_metadata_saved_without_them_keeps_a_channels_credentials(web: Desk) -> None:
    await call(web, "POST", PATH, 201, json={**FULL, "credentials": PAIR})
    await call(web, "PUT", METADATA, json={"note": "hello"})
    assert (await web.app.channels.find("sms", NEW, fresh=True)).account == ACCOUNT
    await call(web, "PUT", METADATA, json={"note": "hello", OWN: None})
    assert OWN not in await call(web, "GET", METADATA)


async def test_a_channels_credentials_do_not_follow_the_metadata_to_another_host(
    web: Desk,
) -> None:
    await call(web, "POST", PATH, 201, json={**FULL, "credentials": PAIR})
    body = {"twilio_api_base_url": "http://127.0.0.1:9"}
    refused = await call(web, "PUT", METADATA, 422, json=body)
    assert OWN in refused["detail"]
    assert (await web.app.channels.find("sms", NEW, fresh=True)).base_url == web.sandbox_url


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"address": SMS_NUMBER}, 409, "this domain already"),
        ({"address": "nothing at all here"}, 400, "no address"),
        ({"kind": "wmsg", "address": "Shop"}, 422, "no phone number"),
        ({"kind": "phone"}, 422, "wmsg, sms"),
        ({"carrier": "pigeon"}, 422, "twilio"),
        ({"credentials": {"account_sid": "AC:x", "auth_token": "t"}}, 422, "':'"),
        ({"credentials": {"account_sid": "AC", "auth_token": f"{MASK}oken"}}, 422, "plain"),
        ({"credentials": {"account_sid": "AC", "auth_token": 7}}, 422, "no text"),
    ],
)
async def test_a_channel_that_cannot_be_is_refused_with_why(
    web: Desk, change: dict[str, Any], status: int, told: str
) -> None:
    before = await call(web, "GET", PATH)
    assert told in (await call(web, "POST", PATH, status, json={**FULL, **change}))["detail"]
    assert await call(web, "GET", PATH) == before


async def test_a_number_of_another_domain_is_taken(web: Desk) -> None:
    _, rival = await another_domain(web)
    body = {**FULL, "address": SMS_NUMBER}
    assert "another domain" in (await call(web, "POST", PATH, 409, rival, json=body))["detail"]


async def test_a_stopped_channel_says_who_stopped_it_until_it_is_active_again(web: Desk) -> None:
    path = f"{PATH}/{await channel(web)}"
    changed = await call(web, "PATCH", path, json={"state": "stopped", "rate": 5})
    assert (changed["state"], changed["rate"]) == ("stopped", 5)
    assert changed["state_reason"] == "stopped by Owner"
    assert "stopped by Owner" in (await call(web, "GET", f"{path}/setup"))["problem"]
    changed = await call(web, "PATCH", path, json={"state": "active"})
    assert (changed["state"], changed["state_reason"]) == ("active", None)
    for rate in (0, -1, 1e9):
        assert "per second" in (await call(web, "PATCH", path, 422, json={"rate": rate}))["detail"]


async def test_a_removed_channel_leaves_its_conversations_and_comes_back_to_them(
    desk: Desk,
) -> None:
    await call(desk, "PUT", METADATA, json={"twilio_whatsapp_number": WHATSAPP_NUMBER})
    await desk.write("Hello")
    await desk.replies(1)
    removed = await channel(desk)
    await call(desk, "DELETE", f"{PATH}/{removed}", 204)
    assert await call(desk, "GET", METADATA) == {}
    await call(desk, "DELETE", f"{PATH}/{removed}", 404)
    [kept] = (await call(desk, "GET", "/api/v1/conversations"))["items"]
    assert kept["channel_id"] == removed
    answer = await desk.post("/whatsapp/webhook", message_form())
    assert answer.status == 404
    body = {"kind": "wmsg", "carrier": "twilio", "address": WHATSAPP_NUMBER}
    assert (await call(desk, "POST", PATH, 201, json=body))["channel_id"] == removed
    await desk.write("Hello again")
    await desk.replies(2)


async def test_the_page_tells_the_address_to_paste_and_what_came(desk: Desk) -> None:
    path = f"{PATH}/{await channel(desk)}/setup"
    setup = await call(desk, "GET", path)
    assert setup["webhook_url"] == f"{desk.url}/whatsapp/webhook"
    assert setup["status_url"] == f"{desk.url}/whatsapp/status"
    assert setup["method"] == "POST"
    for unknown in ("last_inbound_at", "last_status_at", "signature_ok", "credentials_ok"):
        assert setup[unknown] is None, unknown
    await desk.write("Hello")
    await desk.replies(1)
    setup = await call(desk, "GET", path)
    assert setup["last_inbound_at"]
    assert setup["last_status_at"]
    assert setup["signature_ok"] is True
    assert (await call(desk, "GET", f"{PATH}/{await channel(desk, SMS_NUMBER)}/setup"))[
        "last_inbound_at"
    ] is None


async def test_a_signature_that_does_not_fit_is_told_until_one_does(web: Desk) -> None:
    path = f"{PATH}/{await channel(web)}/setup"
    assert (await web.post("/whatsapp/webhook", message_form(), token="another")).status == 403
    setup = await call(web, "GET", path)
    assert setup["signature_ok"] is False
    assert "X-Twilio-Signature" in setup["problem"]
    assert (await web.post("/whatsapp/webhook", message_form())).status == 200
    setup = await call(web, "GET", path)
    assert (setup["signature_ok"], setup["problem"]) == (True, None)


async def test_the_carrier_says_whether_the_credentials_are_good(web: Desk) -> None:
    wrong = {"account_sid": ACCOUNT, "auth_token": "wrong"}
    made = await call(web, "POST", PATH, 201, json={**FULL, "credentials": wrong})
    path = f"{PATH}/{made['channel_id']}"
    assert (await call(web, "GET", f"{path}/setup"))["credentials_ok"] is None
    checked = await call(web, "POST", f"{path}/check")
    assert checked["credentials_ok"] is False
    assert checked["problem"]
    await call(web, "PATCH", path, json={"credentials": PAIR})
    checked = await call(web, "POST", f"{path}/check")
    assert (checked["credentials_ok"], checked["problem"]) == (True, None)


async def test_a_carrier_that_cannot_be_asked_leaves_the_question_open(web: Desk) -> None:
    await web.fault("server_error", operation="account", status=503)
    checked = await call(web, "POST", f"{PATH}/{await channel(web)}/check")
    assert checked["credentials_ok"] is None
    assert "fault of its own" in checked["problem"]


@pytest.mark.parametrize(
    ("public_url", "told"),
    [
        ("http://localhost:1956", "own network"),
        ("https://10.0.0.7", "own network"),
        ("https://desk.internal", "own network"),
        ("https://[::1]:8443", "own network"),
        ("http://desk.example.com", "https"),
        ("https://desk.example.com", None),
    ],
)
async def test_an_address_that_the_internet_does_not_reach_is_told(
    open_desk: Any, public_url: str, told: str | None
) -> None:
    desk: Desk = await open_desk(
        worker=False, FRONTDESK_PUBLIC_URL=public_url, TWILIO_API_BASE_URL="https://api.twilio.com"
    )
    setup = await call(desk, "GET", f"{PATH}/{await channel(desk)}/setup")
    assert setup["public"] is (told is None)
    assert setup["problem"] == setup["public_reason"]
    assert told is None or told in setup["problem"]


async def test_a_sandbox_on_this_machine_needs_no_public_address(web: Desk) -> None:
    setup = await call(web, "GET", f"{PATH}/{await channel(web)}/setup")
    assert setup["public"] is False
    assert web.sandbox_url in setup["public_reason"]
    assert setup["problem"] is None


async def test_agents_do_not_set_channels_up(web: Desk) -> None:
    domain_id = web.domain.domain_id
    await web.app.domains.add_person(domain_id, "ann@example.com", "Ann", "agent")
    token = await web.app.domains.issue_token(domain_id, "ann@example.com", "tests")
    one = f"{PATH}/{await channel(web)}"
    for method, path, body in (
        ("POST", PATH, FULL),
        ("PATCH", one, {"state": "stopped"}),
        ("DELETE", one, None),
        ("GET", f"{one}/setup", None),
        ("POST", f"{one}/check", None),
    ):
        assert "agent" in (await call(web, method, path, 403, token, json=body))["detail"]
