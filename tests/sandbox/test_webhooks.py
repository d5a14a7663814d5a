"""A customer's message and the statuses reach the business as Twilio sends them."""

import json
from dataclasses import replace
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from frontdesk.sandbox.app import BusinessNumber, SandboxConfig, StatusDelays
from sandbox import servers
from sandbox.servers import (
    ACCOUNT,
    ADA,
    SMS,
    TOKEN,
    WHATSAPP,
    Business,
    Heard,
    Sandbox,
    until,
)

CALLBACK = "/status?message=42&channel=a%20b"


def signed(heard: Heard) -> bool:
    validator = RequestValidator(TOKEN)
    return validator.validate(heard.url, heard.form, heard.headers["x-twilio-signature"])


def test_a_whatsapp_message_posts_twilios_form_signed(sandbox: Sandbox, business: Business):
    message = sandbox.write("Héllo & 你好", profile_name='Ada "A" L')
    (heard,) = business.heard
    assert heard.url == f"{business.url}/whatsapp/webhook"
    assert signed(heard)
    metadata = json.loads(heard.form.pop("ChannelMetadata"))
    assert metadata["data"]["context"]["ProfileName"] == 'Ada "A" L'
    assert heard.form == {
        "MessageSid": message["sid"],
        "SmsSid": message["sid"],
        "SmsMessageSid": message["sid"],
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{ADA}",
        "To": WHATSAPP,
        "Body": "Héllo & 你好",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ProfileName": 'Ada "A" L',
        "WaId": ADA[1:],
        "MessageType": "text",
    }
    assert message["webhook"] == "accepted"
    listed = sandbox.twilio().messages.list(to=WHATSAPP)
    assert [(m.sid, m.status, m.direction) for m in listed] == [
        (message["sid"], "received", "inbound")
    ]


def test_an_sms_has_its_own_address_and_geographic_fields(sandbox: Sandbox, business: Business):
    sandbox.write("x" * 200, to=SMS)
    (heard,) = business.heard
    assert heard.url == f"{business.url}/sms/webhook"
    assert signed(heard)
    assert {"FromCountry", "FromCity", "ToState", "ToZip"} <= set(heard.form)
    assert heard.form["NumSegments"] == "2"
    assert "WaId" not in heard.form


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"ButtonText": "Yes", "ButtonPayload": "yes-1"}, "button"),
        ({"ListId": "row-2", "ListTitle": "Tuesday"}, "interactive"),
        ({"Latitude": "52.5", "Longitude": "13.4", "Address": "Berlin", "Label": "Us"}, "location"),
        ({"OriginalRepliedMessageSid": "SM1", "OriginalRepliedMessageSender": WHATSAPP}, "text"),
        ({"Forwarded": "true", "ReferralSourceUrl": "https://example.com/ad"}, "text"),
    ],
)
def test_further_fields_of_whatsapp_travel_with_the_message(
    sandbox: Sandbox, business: Business, fields: dict[str, str], kind: str
):
    sandbox.write("", fields=fields)
    assert business.heard[0].form.items() >= {**fields, "MessageType": kind}.items()
    assert signed(business.heard[0])


def test_a_failed_webhook_is_not_repeated_and_its_message_is_kept(
    sandbox: Sandbox, business: Business
):
    business.answers = [503]
    message = sandbox.write("Hello")
    assert message["webhook"] == "refused"
    assert message["webhook_error"] == "HTTP 503 <Response/>"
    assert len(business.heard) == 1
    assert sandbox.twilio().messages(message["sid"]).fetch().body == "Hello"


def test_an_unreachable_business_is_reported_with_the_reason(config: SandboxConfig):
    with servers.sandbox(replace(config, webhooks="http://127.0.0.1:1")) as sandbox:
        message = sandbox.write("Hello")
        assert message["webhook"] == "unreachable"
        assert "127.0.0.1" in message["webhook_error"]
        assert len(sandbox.message(message["sid"])["deliveries"]) == 1


def test_connection_overrides_repeat_a_refused_webhook(config: SandboxConfig, business: Business):
    with servers.sandbox(replace(config, webhooks=f"{business.url}#rc=2&rp=all")) as sandbox:
        business.answers = [500, 404]
        message = sandbox.write("Hello")
    assert message["webhook"] == "accepted"
    assert len(business.heard) == 3
    tokens = {heard.headers["i-twilio-idempotency-token"] for heard in business.heard}
    assert len(tokens) == 1
    assert all(signed(heard) for heard in business.heard)


def test_overrides_limited_to_server_errors_do_not_repeat_a_403(
    config: SandboxConfig, business: Business
):
    with servers.sandbox(replace(config, webhooks=f"{business.url}#rc=5&rp=5xx")) as sandbox:
        business.answers = [500, 403]
        assert sandbox.write("Hello")["webhook"] == "refused"
    assert len(business.heard) == 2


def test_a_number_connected_while_running_uses_its_own_account_and_target(
    sandbox: Sandbox, business: Business
):
    account, address = "AC" + "7" * 32, "whatsapp:+14155550177"
    own = f"{business.url}/x?a=1"
    sandbox.post("/numbers", address=address, account_sid=account, auth_token="t7", webhook=own)
    sandbox.write("Hello", to=address)
    (heard,) = business.heard
    assert heard.url == f"{business.url}/x?a=1"
    assert heard.form["AccountSid"] == account
    validator = RequestValidator("t7")
    assert validator.validate(heard.url, heard.form, heard.headers["x-twilio-signature"])


def test_statuses_reach_the_callback_in_order_signed_over_its_query(
    sandbox: Sandbox, business: Business
):
    sandbox.write("Hello")
    sent = sandbox.twilio().messages.create(
        to=f"whatsapp:{ADA}", from_=WHATSAPP, body="Hi", status_callback=business.url + CALLBACK
    )
    until(lambda: business.statuses(sent.sid) == ["sent", "delivered"])
    sandbox.post("/phone/read", sids=[sent.sid])
    until(lambda: business.statuses(sent.sid) == ["sent", "delivered", "read"])
    heard = business.heard[-1]
    assert heard.url == business.url + CALLBACK
    assert all(signed(one) for one in business.heard)
    assert heard.form["SmsStatus"] == "read"
    assert heard.form["EventType"] == "READ"
    assert heard.form["ChannelInstallSid"].startswith("XE")
    assert sandbox.message(sent.sid)["status"] == "read"


def test_an_sms_is_never_read(sandbox: Sandbox, business: Business):
    sent = sandbox.twilio().messages.create(
        to=ADA, from_=SMS, body="Hi", status_callback=f"{business.url}/s"
    )
    until(lambda: sandbox.message(sent.sid)["status"] == "delivered")
    sandbox.post("/phone/read", sids=[sent.sid])
    # The read call has been handled once a later message of the same sandbox has been.
    sandbox.write("later", to=SMS)
    assert sandbox.message(sent.sid)["status"] == "delivered"


def test_read_can_come_by_itself(config: SandboxConfig):
    delays = StatusDelays(sent=0, delivered=0, read=0)
    with servers.sandbox(replace(config, delays=delays)) as sandbox:
        sandbox.write("Hello")
        sent = sandbox.twilio().messages.create(to=f"whatsapp:{ADA}", from_=WHATSAPP, body="Hi")
        until(lambda: sandbox.message(sent.sid)["status"] == "read")


def test_messages_survive_a_restart_and_a_torn_last_line(
    config: SandboxConfig, business: Business, tmp_path: Any
):
    kept = replace(config, journal=tmp_path / "sandbox" / "journal.jsonl")
    with servers.sandbox(kept) as sandbox:
        sandbox.write("stop", to=SMS)
        item = {"content_type": "image/png", "base64": "iVBORw=="}
        received = sandbox.write("Hello", media=[item])["sid"]
        sent = sandbox.twilio().messages.create(to=f"whatsapp:{ADA}", from_=WHATSAPP, body="Hi")
        gone = sandbox.write("gone")["sid"]
        sandbox.twilio().messages(gone).delete()
        until(lambda: sandbox.message(sent.sid)["status"] == "delivered")
        before = sandbox.messages()
    assert kept.journal is not None
    with kept.journal.open("ab") as file:
        file.write(b'{"sid": "SM-torn", "bo')

    with servers.sandbox(kept) as sandbox:
        after = sandbox.messages()
        assert [m["sid"] for m in after] == [m["sid"] for m in before]
        assert [m["deliveries"] for m in after] == [m["deliveries"] for m in before]
        inside = sandbox.twilio().messages.create(to=f"whatsapp:{ADA}", from_=WHATSAPP, body="Hi")
        until(lambda: sandbox.message(inside.sid)["status"] == "delivered")
        assert len(sandbox.twilio().messages(received).media.list()) == 1
        refused = requests.post(
            f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data={"To": ADA, "From": SMS, "Body": "Hi"},
            auth=(ACCOUNT, TOKEN),
            timeout=5,
        )
        assert refused.json()["code"] == 21610
    with servers.sandbox(kept) as sandbox:
        assert len(sandbox.messages()) == len(before) + 1


def test_a_delivery_under_way_is_taken_up_after_a_restart(
    config: SandboxConfig, business: Business, tmp_path: Any
):
    slow = replace(config, journal=tmp_path / "j", delays=StatusDelays(sent=0, delivered=600))
    with servers.sandbox(slow) as sandbox:
        sent = sandbox.twilio().messages.create(
            to=ADA, from_=SMS, body="Hi", status_callback=f"{business.url}/s"
        )
        until(lambda: business.statuses(sent.sid) == ["sent"])
    with servers.sandbox(replace(slow, delays=StatusDelays(0, 0))) as sandbox:
        until(lambda: business.statuses(sent.sid) == ["sent", "delivered"])


def test_it_works_mounted_below_another_app_and_alone_under_the_same_addresses(
    config: SandboxConfig,
):
    with servers.sandbox(config, mounted=True) as mounted:
        assert mounted.url.endswith("/sandbox")
        assert mounted.write("Hello")["webhook"] == "accepted"
        assert mounted.twilio().messages.list(to=WHATSAPP)[0].body == "Hello"
        assert requests.get(mounted.url + "/phone", timeout=5).ok
    with servers.sandbox(config) as alone:
        for path in ("/phone", "/sandbox/phone", "/sandbox/static/phone.js", "/static/phone.css"):
            assert requests.get(alone.url + path, timeout=5).ok
        below = Sandbox(f"{alone.url}/sandbox")
        assert below.write("Hello")["webhook"] == "accepted"
        assert len(alone.messages()) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"from": "12", "to": WHATSAPP, "body": "Hi"}, "'whatsapp:12' is no number"),
        ({"from": ADA, "to": "+14155550000", "body": "Hi"}, "no business has +14155550000"),
        ({"from": ADA, "to": WHATSAPP, "body": " "}, "write a text"),
        ({"from": ADA, "to": WHATSAPP, "body": 7}, "body is a text"),
        ([], "JSON object"),
    ],
)
def test_a_wrong_phone_message_is_refused_with_the_reason(sandbox: Sandbox, body: Any, says: str):
    answer = requests.post(f"{sandbox.url}/phone/messages", json=body, timeout=5)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_a_page_of_another_origin_cannot_write_as_a_customer(sandbox: Sandbox):
    answer = requests.post(
        f"{sandbox.url}/phone/messages",
        data=json.dumps({"from": ADA, "to": WHATSAPP, "body": "Hi"}),
        headers={"Content-Type": "text/plain"},
        timeout=5,
    )
    assert answer.status_code == 400
    assert sandbox.messages() == []


def test_without_configured_numbers_any_sender_is_accepted(config: SandboxConfig):
    with servers.sandbox(replace(config, numbers=())) as sandbox:
        assert sandbox.get("/phone/config")["numbers"][0]["address"] == "whatsapp:+14155238886"
        sandbox.write("Hello", to="whatsapp:+14155550000")
        sandbox.twilio().messages.create(to=ADA, from_="+14155550000", body="Hi")
    named = replace(config, numbers=(BusinessNumber("+14155550000"),))
    with servers.sandbox(named) as sandbox:
        assert sandbox.get("/phone/config")["numbers"] == [
            {"address": "+14155550000", "name": "+14155550000", "carrier": "twilio"}
        ]
