"""The metadata of a domain: it makes channels, and keeps secrets."""

from typing import Any

import pytest

from frontdesk.channels.model import MASK, Credentials, credentials, mask
from frontdesk.kernel.errors import Unprocessable
from pipeline.desk import ACCOUNT, WHATSAPP_NUMBER, Desk, another_domain

PATH = "/api/v1/domains/default/metadata"
TOKEN = "0123456789abcdef-token"
ENVIRONMENT = Credentials("ACenv", "env-token", "https://api.example")


async def put(desk: Desk, value: Any, status: int = 200) -> Any:
    answer = await desk.call("PUT", PATH, json=value)
    assert answer.status == status, answer.text
    return answer.json


async def test_saving_makes_the_channels(web: Desk) -> None:
    await put(
        web,
        {
            "twilio_whatsapp_number": "whatsapp:+14155550001",
            "twilio_sms_number": "+14155550002",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
        },
    )
    listed = (await web.call("GET", "/api/v1/channels")).json["items"]
    made = {(item["channel"], item["address"]) for item in listed}
    assert {("wmsg", "+14155550001"), ("sms", "+14155550002")} <= made
    channel = await web.app.channels.find("wmsg", "+14155550001")
    assert (channel.account, channel.secret) == (ACCOUNT, TOKEN)


async def test_secrets_are_masked_and_a_mask_sent_back_keeps_them(web: Desk) -> None:
    given = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "note": "hello"}
    saved = await put(web, given)
    shown = (await web.call("GET", PATH)).json
    assert saved == shown
    assert shown["note"] == "hello"
    assert shown["twilio_auth_token"] == f"{MASK}oken"
    await put(web, {**shown, "twilio_whatsapp_number": "+14155550001"})
    assert (await web.app.channels.find("wmsg", "+14155550001")).secret == TOKEN


def test_secrets_are_masked_wherever_they_stand() -> None:
    shown = mask({"crm": {"api_key": TOKEN, "list": [{"password": TOKEN}], "url": "https://x"}})
    assert TOKEN not in str(shown)
    assert shown["crm"]["url"] == "https://x"


async def test_a_nested_mask_sent_back_keeps_its_secret(web: Desk) -> None:
    shown = await put(web, {"crm": {"api_key": TOKEN, "url": "https://x"}})
    await put(web, shown)
    async with web.app.database.tenant_tx(web.domain.domain_id) as connection:
        kept = await web.app.domains.technical(connection, web.domain.domain_id)
    assert kept == {"crm": {"api_key": TOKEN, "url": "https://x"}}


async def test_a_mask_without_a_saved_value_is_refused(web: Desk) -> None:
    assert "masked" in (await put(web, {"twilio_auth_token": MASK}, 422))["detail"]


async def test_secrets_are_encrypted_at_rest(web: Desk) -> None:
    await put(web, {"twilio_auth_token": TOKEN, "twilio_account_sid": ACCOUNT})
    stored = await web.db.fetchval("SELECT technical FROM domains WHERE name = 'default'")
    assert stored is not None
    assert TOKEN.encode() not in stored
    assert ACCOUNT.encode() not in stored
    logged = await web.db.fetch("SELECT a::text AS text FROM audit_log a")
    assert logged
    assert not any(TOKEN in row["text"] for row in logged)


async def test_another_domains_number_is_409_and_changes_nothing(web: Desk) -> None:
    _, token = await another_domain(web)
    answer = await web.call(
        "PUT",
        "/api/v1/domains/rival/metadata",
        token,
        json={"twilio_whatsapp_number": WHATSAPP_NUMBER, "twilio_auth_token": TOKEN},
    )
    assert answer.status == 409
    assert WHATSAPP_NUMBER in answer.detail
    assert (await web.app.channels.find("wmsg", WHATSAPP_NUMBER)).domain_id == web.domain.domain_id
    assert (await web.call("GET", "/api/v1/domains/rival/metadata", token)).json == {}


@pytest.mark.parametrize(
    "value",
    [
        {"twilio_whatsapp_number": "nonsense-number-that-is-long"},
        {"twilio_whatsapp_number": 5},
        {"twilio_api_base_url": "ftp://x"},
        {"twilio_api_base_url": "https://10.0.0.1"},
        {"twilio_auth_token": "a\x00b"},
        {"twilio_auth_token": ["x"]},
        {"twilio_account_sid": "x" * 5_000},
        {"technical_json": 5},
    ],
)
async def test_metadata_that_cannot_work_is_refused_with_a_reason(
    web: Desk, value: dict[str, Any]
) -> None:
    answer = await web.call("PUT", PATH, json=value)
    assert answer.status in (400, 422), answer.text
    assert answer.detail


async def test_a_number_taken_away_and_given_back_keeps_its_conversations(web: Desk) -> None:
    await put(web, {"twilio_whatsapp_number": WHATSAPP_NUMBER})
    await web.write("Hello")
    await put(web, {"twilio_whatsapp_number": "+14155550001"})
    assert (await web.call("GET", "/api/v1/conversations")).json["items"]
    await put(web, {"twilio_whatsapp_number": WHATSAPP_NUMBER})
    await web.write("Hello again")
    assert await web.count("conversations") == 1


@pytest.mark.parametrize(
    ("technical", "account"),
    [
        ({}, "ACenv"),
        ({"twilio_account_sid": "ACshared", "twilio_auth_token": "t"}, "ACshared"),
        (
            {
                "twilio_account_sid": "ACshared",
                "twilio_auth_token": "t",
                "twilio_whatsapp_account_sid": "ACown",
                "twilio_whatsapp_auth_token": "t",
            },
            "ACown",
        ),
        ({"twilio_whatsapp_account_sid": "AChalf"}, "ACenv"),
        ({"twilio_sms_account_sid": "ACsms", "twilio_sms_auth_token": "t"}, "ACenv"),
    ],
)
def test_credentials_come_from_the_channel_then_the_domain_then_the_environment(
    technical: dict[str, str], account: str
) -> None:
    assert credentials("wmsg", technical, ENVIRONMENT).account == account


def test_an_api_base_of_the_domain_goes_with_a_pair_of_the_domain() -> None:
    own = {"twilio_account_sid": "AC1", "twilio_auth_token": "t"}
    base = {"twilio_api_base_url": "https://own.example"}
    assert credentials("sms", {**own, **base}, ENVIRONMENT).base_url == "https://own.example"
    assert credentials("sms", own, ENVIRONMENT).base_url == ENVIRONMENT.base_url


def test_the_operators_pair_never_goes_to_a_host_that_a_domain_named() -> None:
    named = credentials("sms", {"twilio_api_base_url": "https://thief.example"}, ENVIRONMENT)
    assert named == ENVIRONMENT


async def test_a_saved_token_does_not_follow_the_metadata_to_another_host(web: Desk) -> None:
    domain = await web.app.domains.by_name("default")
    saved = await web.app.channels.save_metadata(
        domain.domain_id, {"twilio_account_sid": "AC1", "twilio_auth_token": "secret-of-domain"}
    )
    moved = {**saved, "twilio_api_base_url": "http://127.0.0.1:9"}
    with pytest.raises(Unprocessable, match="send twilio_auth_token with it"):
        await web.app.channels.save_metadata(domain.domain_id, moved)


async def test_places_in_a_channels_rate_lie_as_far_apart_as_the_rate_says(web: Desk) -> None:
    await web.db.execute("UPDATE channels SET rate = 2")
    channel = await web.app.channels.find("wmsg", WHATSAPP_NUMBER)
    waits: list[float] = []
    for _ in range(8):
        wait = await web.app.channels.reserve(channel, within=3.2)
        assert wait is not None
        waits.append(wait)
    # One second's worth goes at once; then one each half second.
    assert waits[:2] == [0.0, 0.0]
    assert waits[-1] == pytest.approx(3.0, abs=0.5)
    assert waits == sorted(waits)
    assert await web.app.channels.reserve(channel, within=1.0) is None
    later = await web.app.channels.reserve(channel, within=60.0)
    assert later == pytest.approx(3.5, abs=0.5), "the refused place was not taken"


async def test_a_channel_that_sends_one_message_in_ten_seconds_does_send(web: Desk) -> None:
    await web.db.execute("UPDATE channels SET rate = 0.1")
    channel = await web.app.channels.find("wmsg", WHATSAPP_NUMBER)
    assert await web.app.channels.reserve(channel, within=2.0) == pytest.approx(0.0, abs=0.001)
    assert await web.app.channels.reserve(channel, within=2.0) is None
    later = await web.app.channels.reserve(channel, within=60.0)
    assert later == pytest.approx(10.0, abs=0.5)
