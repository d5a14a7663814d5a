"""Twilio's own SDK makes, hands in, sends and deletes templates at the sandbox as at Twilio."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from frontdesk.sandbox.app import SandboxConfig
from media import samples
from sandbox import servers
from sandbox.servers import ADA, WHATSAPP, Business, Sandbox, until

TO_ADA = {"to": f"whatsapp:{ADA}", "from_": WHATSAPP}


def make(sandbox: Sandbox, types: dict[str, Any], name: str = "made_here", **more: Any) -> Any:
    request = ContentList.ContentCreateRequest(
        {"friendly_name": name, "language": "en", "variables": {"1": "Ana"}, "types": types, **more}
    )
    return sandbox.twilio().content.v1.contents.create(request)


def hand_in(sandbox: Sandbox, sid: str, name: str) -> Any:
    request = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": "UTILITY"})
    return sandbox.twilio().content.v1.contents(sid).approval_create.create(request)


def approval(sandbox: Sandbox, sid: Any) -> dict[str, Any]:
    return sandbox.twilio().content.v1.contents(sid).approval_fetch().fetch().whatsapp or {}


def refusal(call: Any) -> tuple[int, int | None]:
    with pytest.raises(TwilioRestException) as refused:
        call()
    return refused.value.status, refused.value.code


def send(sandbox: Sandbox, sid: str, variables: str | None = None, **more: Any) -> Any:
    fields: dict[str, Any] = {**TO_ADA, "content_sid": sid, **more}
    if variables is not None:
        fields["content_variables"] = variables
    return sandbox.twilio().messages.create(**fields)


def named(sandbox: Sandbox, name: str) -> Any:
    listed = sandbox.twilio().content.v1.content_and_approvals.list()
    return next(each for each in listed if each.friendly_name == name)


def outcome(sandbox: Sandbox, sid: str | None) -> tuple[str, int | None]:
    until(lambda: sandbox.message(sid)["status"] in ("delivered", "failed"))
    message = sandbox.message(sid)
    return message["status"], message["error_code"]


def test_three_approved_templates_are_there_from_the_start(sandbox: Sandbox):
    listed = sandbox.twilio().content.v1.content_and_approvals.list()
    assert {
        each.friendly_name: (each.language, (each.approval_requests or {})["status"])
        for each in listed
    } == {
        "appointment_reminder": ("en", "approved"),
        "order_update": ("es", "approved"),
        "spring_offer": ("en", "approved"),
    }
    assert {each.sid for each in sandbox.twilio().content.v1.contents.list()} == {
        each.sid for each in listed
    }


def test_a_list_is_paged_as_the_sdk_follows_it(sandbox: Sandbox):
    made = {make(sandbox, {"twilio/text": {"body": "Hi"}}, f"n{place}").sid for place in range(5)}
    listed = sandbox.twilio().content.v1.content_and_approvals.list(page_size=2)
    assert len(listed) == len({each.sid for each in listed}) == 8
    assert made < {each.sid for each in listed}


def test_a_template_is_approved_or_rejected_after_a_while(config: SandboxConfig):
    with servers.sandbox(replace(config, approval_seconds=0.2)) as sandbox:
        good = make(sandbox, {"twilio/text": {"body": "Hi {{1}}"}})
        bad = make(sandbox, {"twilio/text": {"body": "Hi {{1}}"}})
        assert approval(sandbox, good.sid) == {}
        assert hand_in(sandbox, good.sid, "good").status == "received"
        assert hand_in(sandbox, bad.sid, "please_reject").status == "received"
        assert approval(sandbox, good.sid)["status"] == "pending"
        until(lambda: approval(sandbox, good.sid)["status"] == "approved")
        until(lambda: approval(sandbox, bad.sid)["status"] == "rejected")
        assert "reject" in approval(sandbox, bad.sid)["rejection_reason"]
        assert refusal(lambda: hand_in(sandbox, good.sid, "good"))[0] == 409


def test_a_wrong_template_is_refused_with_twilios_code(sandbox: Sandbox):
    assert refusal(lambda: make(sandbox, {})) == (400, 20001)
    assert refusal(lambda: make(sandbox, {"twilio/text": {"body": ""}})) == (400, 20001)
    made = make(sandbox, {"twilio/text": {"body": "Hi"}})
    assert refusal(lambda: hand_in(sandbox, made.sid, "Not A Name")) == (400, 20001)
    contents = sandbox.twilio().content.v1.contents
    assert refusal(lambda: contents("HX" + "0" * 32).fetch()) == (404, 20404)
    stranger = sandbox.twilio(token="wrong").content.v1.contents(made.sid)
    assert refusal(stranger.fetch) == (401, 20003)


def test_a_deleted_template_is_gone_and_not_sent(sandbox: Sandbox):
    made = make(sandbox, {"twilio/text": {"body": "Hi {{1}}"}})
    assert sandbox.twilio().content.v1.contents(made.sid).fetch().friendly_name == "made_here"
    assert sandbox.twilio().content.v1.contents(made.sid).delete()
    assert refusal(lambda: send(sandbox, made.sid)) == (400, 21655)


def test_an_approved_template_reaches_a_stranger_rendered(sandbox: Sandbox):
    sid = named(sandbox, "appointment_reminder").sid
    sent = send(sandbox, sid, '{"1": "Ben", "2": "Friday"}')
    assert sent.body == (
        "Hello Ben, this is a reminder of your appointment on Friday. Can you come?"
    )
    assert outcome(sandbox, sent.sid) == ("delivered", None)
    shown = sandbox.message(sent.sid)["template"]
    assert [(each["kind"], each["text"]) for each in shown["buttons"]] == [
        ("reply", "I will be there"),
        ("reply", "Another day"),
    ]
    assert "Ana" in send(sandbox, sid).body, "a sample stands where no value is given"


@pytest.mark.parametrize("variables", ["{", "[]", '{"1": ""}', '{"1": "a\\nb"}', '{"1": null}'])
def test_values_that_do_not_fit_are_refused(sandbox: Sandbox, variables: str):
    sid = named(sandbox, "order_update").sid
    assert refusal(lambda: send(sandbox, sid, variables)) == (400, 21656)


def test_values_without_a_template_are_refused(sandbox: Sandbox):
    create = sandbox.twilio().messages.create
    assert refusal(lambda: create(**TO_ADA, body="Hi", content_variables="{}")) == (400, 21654)


def test_only_an_approved_template_passes_the_window(sandbox: Sandbox):
    made = make(sandbox, {"twilio/text": {"body": "Hi {{1}}"}})
    assert outcome(sandbox, send(sandbox, made.sid).sid) == ("failed", 63016)
    hand_in(sandbox, made.sid, "made_here")
    assert outcome(sandbox, send(sandbox, made.sid).sid) == ("delivered", None)
    sandbox.post("/templates", sid=made.sid, status="paused")
    assert outcome(sandbox, send(sandbox, made.sid).sid) == ("failed", 63041)
    sandbox.post("/templates", sid=made.sid, status="disabled")
    assert outcome(sandbox, send(sandbox, made.sid).sid) == ("failed", 63042)


def test_a_window_can_be_closed_even_where_strangers_may_be_written_to(config: SandboxConfig):
    with servers.sandbox(replace(config, strangers_may_be_written_to=True)) as sandbox:

        def free_text() -> tuple[str, int | None]:
            sent = sandbox.twilio().messages.create(**TO_ADA, body="Hi")
            return outcome(sandbox, sent.sid)

        assert free_text() == ("delivered", None)
        closed = sandbox.post("/windows", business=WHATSAPP, customer=ADA, hours=25)
        assert closed == {"open": False}
        assert free_text() == ("failed", 63016)
        sandbox.write("Hello")
        assert free_text() == ("delivered", None)


def test_a_header_file_footer_and_buttons_are_on_the_phone(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    photo = samples.jpeg(tmp_path).read_bytes()
    url = business.serve("/offer.jpg", photo, "image/jpeg")
    card = {
        "body": "Hello {{1}}",
        "footer": "Until Sunday",
        "media": [url],
        "actions": [
            {"type": "QUICK_REPLY", "title": "Yes", "id": "yes"},
            {"type": "URL", "title": "Shop", "url": "https://shop.example/{{1}}"},
            {"type": "PHONE_NUMBER", "title": "Call", "phone": "+14155550100"},
        ],
    }
    made = make(sandbox, {"whatsapp/card": card})
    hand_in(sandbox, made.sid, "card")
    sent = send(sandbox, made.sid, json.dumps({"1": "Ben"}))
    assert sent.sid.startswith("MM")
    assert outcome(sandbox, sent.sid) == ("delivered", None)
    message = sandbox.message(sent.sid)
    assert sandbox.bytes_of(message) == photo
    assert message["body"] == "Hello Ben"
    assert message["template"] == {
        "header": "",
        "footer": "Until Sunday",
        "buttons": [
            {"kind": "reply", "text": "Yes", "id": "yes"},
            {"kind": "url", "text": "Shop", "url": "https://shop.example/Ben"},
            {"kind": "phone", "text": "Call", "phone": "+14155550100"},
        ],
    }


def test_pressing_a_reply_button_posts_what_twilio_posts(sandbox: Sandbox, business: Business):
    sent = send(sandbox, named(sandbox, "appointment_reminder").sid)
    outcome(sandbox, sent.sid)
    pressed = {
        "ButtonText": "Another day",
        "ButtonPayload": "move",
        "OriginalRepliedMessageSid": sent.sid,
    }
    sandbox.write("Another day", fields=pressed)
    form = business.heard[-1].form
    assert form["MessageType"] == "button"
    assert {name: form[name] for name in pressed} == pressed


def test_templates_outlive_the_sandbox_with_its_messages(config: SandboxConfig, tmp_path: Path):
    config = replace(config, journal=tmp_path / "sandbox.jsonl")
    with servers.sandbox(config) as sandbox:
        made = make(sandbox, {"twilio/text": {"body": "Hi {{1}}"}})
        hand_in(sandbox, made.sid, "made_here")
        gone = named(sandbox, "order_update").sid
        sandbox.twilio().content.v1.contents(gone).delete()
        sent = send(sandbox, made.sid)
        outcome(sandbox, sent.sid)
    with servers.sandbox(config) as again:
        listed = again.twilio().content.v1.content_and_approvals.list()
        assert made.sid in {each.sid for each in listed}
        assert gone not in {each.sid for each in listed}
        assert approval(again, made.sid)["status"] == "approved"
        assert again.message(sent.sid)["template"]["buttons"] == []


@pytest.mark.parametrize("path", ["/windows", "/templates"])
def test_a_wrong_control_says_what_is_allowed(sandbox: Sandbox, path: str):
    answer = requests.post(sandbox.url + path, json={"status": "odd", "hours": -1}, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["detail"]
