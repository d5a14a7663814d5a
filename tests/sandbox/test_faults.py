"""Every fault goes wrong in the way that it promises, for those that it concerns, and ends."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.app import SandboxConfig
from frontdesk.sandbox.faults import KINDS, Faults, parse_fault, parse_header
from sandbox import servers
from sandbox.servers import ACCOUNT, ADA, SMS, TOKEN, WHATSAPP, Business, Sandbox, until


def send(sandbox: Sandbox, fault: str = "", timeout: float = 10, **fields: Any) -> Any:
    form = {"to": ADA, "from_": SMS, "body": "Hi"} | fields
    return sandbox.twilio(fault, timeout=timeout).messages.create(**form)


def outbound(sandbox: Sandbox) -> list[dict[str, Any]]:
    return sandbox.messages(to=ADA)


def test_a_rate_limit_answers_429_with_retry_after_for_so_many_calls(sandbox: Sandbox):
    sandbox.fault("rate_limit", times=2, retry_after=7)
    url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    form = {"To": ADA, "From": SMS, "Body": "Hi"}
    for _ in range(2):
        answer = requests.post(url, data=form, auth=(ACCOUNT, TOKEN), timeout=5)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json()["code"] == 20429
    assert outbound(sandbox) == []
    assert requests.post(url, data=form, auth=(ACCOUNT, TOKEN), timeout=5).status_code == 201
    stats = sandbox.get("/stats")
    assert stats["calls"] == {"create 429": 2, "create 201": 1}
    assert stats["faults_taken"] == {"rate_limit": 2}
    assert stats["outbound"] == 1


def test_a_server_error_accepts_nothing(sandbox: Sandbox):
    with pytest.raises(TwilioRestException) as refused:
        send(sandbox, "server_error; status=502")
    assert refused.value.status == 502
    assert outbound(sandbox) == []


def test_a_fault_for_one_customer_leaves_the_others_alone(sandbox: Sandbox):
    sandbox.fault("server_error", number="+14155550102")
    assert send(sandbox).status == "queued"
    with pytest.raises(TwilioRestException):
        send(sandbox, to="+14155550102")


def test_a_fault_for_a_business_number_with_its_channel_concerns_that_channel_only(
    sandbox: Sandbox,
):
    sandbox.fault("server_error", number=WHATSAPP)
    sandbox.write("Hello")
    assert send(sandbox).status == "queued"
    with pytest.raises(TwilioRestException):
        send(sandbox, to=f"whatsapp:{ADA}", from_=WHATSAPP)


def test_a_fault_may_meet_lists_and_fetches_in_place_of_creates(sandbox: Sandbox):
    sandbox.fault("server_error", operation="list", times=1)
    sid = send(sandbox).sid
    url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages"
    assert requests.get(f"{url}.json", auth=(ACCOUNT, TOKEN), timeout=5).status_code == 503
    sandbox.fault("rate_limit", operation="any", times=1)
    assert requests.get(f"{url}/{sid}.json", auth=(ACCOUNT, TOKEN), timeout=5).status_code == 429
    assert requests.get(f"{url}.json", auth=(ACCOUNT, TOKEN), timeout=5).status_code == 200


@pytest.mark.parametrize("mounted", [False, True])
@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_reset_breaks_the_connection_before_or_after_the_message_is_accepted(
    config: SandboxConfig, mounted: bool, when: str, stored: int
):
    with servers.sandbox(config, mounted=mounted) as sandbox:
        with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
            send(sandbox, f"reset; when={when}")
        assert len(outbound(sandbox)) == stored
        if stored:
            until(lambda: outbound(sandbox)[0]["status"] == "delivered")


def test_a_timeout_accepts_the_message_and_calls_back_before_it_answers(
    sandbox: Sandbox, business: Business
):
    with pytest.raises(requests.ReadTimeout):
        send(sandbox, "timeout; seconds=20", timeout=0.3, status_callback=f"{business.url}/s")
    (stored,) = outbound(sandbox)
    until(lambda: business.statuses(stored["sid"]) == ["sent", "delivered"])


def test_a_lost_timeout_accepts_nothing_and_ends_in_a_reset(sandbox: Sandbox):
    with pytest.raises(requests.ReadTimeout):
        send(sandbox, "timeout_lost; seconds=20", timeout=0.2)
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        send(sandbox, "timeout_lost; seconds=0.05")
    assert outbound(sandbox) == []


def test_latency_delays_the_answer_and_nothing_else(sandbox: Sandbox):
    started = time.monotonic()
    assert send(sandbox, "latency; seconds=0.2").status == "queued"
    assert time.monotonic() - started >= 0.2


def callbacks(sandbox: Sandbox, business: Business, fault: str, expected: list[str]) -> None:
    sent = send(sandbox, fault, status_callback=f"{business.url}/s")
    until(lambda: business.statuses(sent.sid) == expected)


def test_callbacks_can_be_duplicated(sandbox: Sandbox, business: Business):
    expected = ["sent", "sent", "delivered", "delivered"]
    callbacks(sandbox, business, "duplicate_callbacks", expected)


def test_callbacks_can_be_out_of_order(sandbox: Sandbox, business: Business):
    callbacks(sandbox, business, "out_of_order_callbacks", ["delivered", "sent"])


def test_callbacks_can_be_duplicated_and_out_of_order_at_once(sandbox: Sandbox, business: Business):
    expected = ["delivered", "delivered", "sent", "sent"]
    callbacks(sandbox, business, "duplicate_callbacks, out_of_order_callbacks", expected)


def test_callbacks_can_come_before_the_response(sandbox: Sandbox, business: Business):
    sent = send(sandbox, "callback_before_response", status_callback=f"{business.url}/s")
    assert business.statuses(sent.sid) == ["sent", "delivered"]


def test_callbacks_can_be_dropped(sandbox: Sandbox, business: Business):
    sent = send(sandbox, "drop_callbacks", status_callback=f"{business.url}/s")
    until(lambda: sandbox.message(sent.sid)["status"] == "delivered")
    assert business.heard == []


def test_an_error_code_is_refused_at_once_or_reported_later_as_twilio_would(
    sandbox: Sandbox, business: Business
):
    with pytest.raises(TwilioRestException) as refused:
        send(sandbox, "error_code; code=21610")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert outbound(sandbox) == []

    sent = send(sandbox, "error_code; code=30008", status_callback=f"{business.url}/s")
    until(lambda: business.statuses(sent.sid) == ["failed"])
    assert business.heard[0].form["ErrorCode"] == "30008"
    later = send(sandbox, "error_code; code=21610; at_once=false")
    until(lambda: sandbox.message(later.sid)["error_code"] == 21610)


def test_a_held_back_webhook_leaves_the_message_for_the_list(sandbox: Sandbox, business: Business):
    sandbox.fault("no_webhook", number=ADA, times=1)
    assert sandbox.write("while you were away")["webhook"] == "skipped"
    assert sandbox.write("and now")["webhook"] == "accepted"
    assert [heard.form["Body"] for heard in business.heard] == ["and now"]
    listed = sandbox.twilio().messages.list(to=WHATSAPP)
    assert [m.body for m in listed] == ["and now", "while you were away"]


def test_faults_are_listed_and_cleared_one_by_one_or_all(sandbox: Sandbox):
    for kind in ("latency", "reset", "rate_limit"):
        sandbox.fault(kind)
    shown = sandbox.get("/faults")
    assert [fault["kind"] for fault in shown["faults"]] == ["latency", "reset", "rate_limit"]
    assert set(shown["kinds"]) == set(KINDS)
    one = f"{sandbox.url}/faults/{shown['faults'][1]['id']}"
    assert requests.delete(one, timeout=5).ok
    assert requests.delete(one, timeout=5).status_code == 404
    assert requests.delete(f"{sandbox.url}/faults", timeout=5).json() == {"cleared": 2}
    assert sandbox.get("/faults")["faults"] == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"kind": "earthquake"}, "'earthquake' is unknown"),
        ({"kind": "reset", "when": "never"}, "'before' or 'after'"),
        ({"kind": "reset", "colour": 1}, "no field 'colour'"),
        ({"kind": "latency", "seconds": "long"}, "seconds of a fault is"),
        ({"kind": "latency", "times": True}, "times of a fault is"),
        ({"kind": "latency", "probability": 2}, "between 0 and 1"),
        ({"kind": "latency", "operation": "send"}, "operation 'send' is unknown"),
        ("reset", "a JSON object"),
    ],
)
def test_a_wrong_fault_is_refused_with_what_is_allowed(raw: Any, says: str):
    with pytest.raises(Invalid, match=says):
        parse_fault(raw)


def test_a_header_names_several_faults_with_their_settings():
    first, second = parse_header("reset; when=after , rate_limit;retry_after=3")
    assert (first.kind, first.when) == ("reset", "after")
    assert (second.kind, second.retry_after) == ("rate_limit", 3)
    assert parse_header(None) == []


def clocked(chance: Callable[[], float] = lambda: 0.0) -> tuple[Faults, list[datetime]]:
    now = [datetime(2026, 1, 31, tzinfo=UTC)]
    return Faults(lambda: now[0], chance), now


def test_a_fault_ends_after_its_seconds():
    faults, now = clocked()
    faults.add(parse_fault({"kind": "rate_limit", "for_seconds": 60}))
    now[0] += timedelta(seconds=59)
    assert faults.take("create", [ADA], None)
    now[0] += timedelta(seconds=1)
    assert not faults.take("create", [ADA], None)
    assert faults.shown() == []


def test_a_fault_happens_with_its_probability():
    rolls = iter([0.1, 0.5, 0.29])
    faults, _ = clocked(lambda: next(rolls))
    faults.add(parse_fault({"kind": "rate_limit", "probability": 0.3}))
    assert [bool(faults.take("create", [ADA], None)) for _ in range(3)] == [True, False, True]
