"""A program that speaks Meta's wire sends messages, and hears what became of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from frontdesk.sandbox.app import SandboxConfig, StatusDelays
from sandbox.graph import META, NUMBER, PHONE_ID, VERSION, WABA, Graph, graph
from sandbox.servers import ADA, TOKEN, Business, until


def kinds(graph: Graph, wamid: str) -> list[str]:
    return [status["status"] for status in graph.statuses(wamid)]


def outcome(graph: Graph, wamid: str) -> tuple[str, int | None]:
    until(lambda: graph.sandbox.message(wamid)["status"] in ("delivered", "failed"))
    message = graph.sandbox.message(wamid)
    return message["status"], message["error_code"]


def test_a_text_is_accepted_delivered_and_read(meta: Graph):
    meta.sandbox.write("Hello", to=META)
    body = meta.message("text", {"body": "Hi *Ada*"}, biz_opaque_callback_data="our-id-7")
    answer = meta.post(body)
    assert answer.status_code == 200
    wamid = answer.json()["messages"][0]["id"]
    assert answer.json() == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": ADA[1:], "wa_id": ADA[1:]}],
        "messages": [{"id": wamid}],
    }
    assert wamid.startswith("wamid.")
    until(lambda: kinds(meta, wamid) == ["sent", "delivered"])
    meta.sandbox.post("/phone/read", sids=[wamid])
    until(lambda: kinds(meta, wamid) == ["sent", "delivered", "read"])
    for status in meta.statuses(wamid):
        assert status["recipient_id"] == ADA[1:]
        assert status["biz_opaque_callback_data"] == "our-id-7"
        assert status["timestamp"].isdigit()
    (shown,) = [one for one in meta.sandbox.messages() if one["direction"] == "out"]
    assert (shown["sid"], shown["body"], shown["business"]) == (wamid, "Hi *Ada*", META)


def test_the_webhook_names_the_number_that_the_message_is_from(meta: Graph):
    meta.sandbox.write("Hello", to=META)
    wamid = meta.text("Hi")
    until(lambda: kinds(meta, wamid) == ["sent", "delivered"])
    (value,) = [v for v in meta.values() if v.get("statuses", [{}])[0].get("status") == "sent"]
    assert value["metadata"] == {
        "display_phone_number": NUMBER[1:],
        "phone_number_id": PHONE_ID,
    }


def test_free_text_outside_the_window_fails_with_131047(meta: Graph):
    wamid = meta.text("Hi, stranger")
    assert outcome(meta, wamid) == ("failed", 131047)
    until(lambda: kinds(meta, wamid) == ["failed"])
    (error,) = meta.statuses(wamid)[0]["errors"]
    assert (error["code"], error["title"]) == (131047, "Re-engagement message")
    assert "24 hours" in error["error_data"]["details"]
    meta.sandbox.write("Hello", to=META)
    assert outcome(meta, meta.text("Hi")) == ("delivered", None)
    meta.sandbox.post("/windows", business=META, customer=ADA, hours=25)
    assert outcome(meta, meta.text("Still there?")) == ("failed", 131047)


def test_numbers_are_read_with_and_without_signs(meta: Graph):
    for to in ("+1 (415) 555-0101", "14155550101"):
        answer = meta.post(meta.message("text", {"body": "Hi"}) | {"to": to})
        assert answer.json()["contacts"] == [{"input": to, "wa_id": ADA[1:]}]


def test_a_customer_without_a_number_is_known_by_the_user_id(meta: Graph):
    user = "US.13491208655302741918"
    meta.sandbox.write("Hello", to=META, from_=f"whatsapp:{user}")
    (value,) = meta.values()
    assert value["contacts"][0]["user_id"] == user
    assert value["messages"][0]["from_user_id"] == user
    body = meta.message("text", {"body": "Hi"})
    del body["to"]
    answer = meta.post({**body, "recipient": user})
    wamid = answer.json()["messages"][0]["id"]
    until(lambda: kinds(meta, wamid) == ["sent", "delivered"])
    assert meta.statuses(wamid)[0]["recipient_user_id"] == user


def test_an_answer_quotes_a_message_of_the_conversation(meta: Graph):
    asked = meta.sandbox.write("What is this?", to=META)["sid"]
    wamid = meta.text("A cake", context={"message_id": asked})
    assert meta.sandbox.message(wamid)["quotes"] == asked
    body = meta.message("text", {"body": "Hi"}, context={"message_id": "wamid.none"})
    assert meta.refusal("POST", f"{PHONE_ID}/messages", json=body)[:2] == (400, 131009)


def test_the_business_can_say_that_it_has_read_and_is_typing(meta: Graph):
    asked = meta.sandbox.write("Hello?", to=META)["sid"]
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": asked,
        "typing_indicator": {"type": "text"},
    }
    assert meta.post(body).json() == {"success": True}
    assert meta.post({**body, "message_id": "wamid.none"}).status_code == 400


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"messaging_product": None}, 100),
        ({"to": ""}, 131008),
        ({"to": "123"}, 131009),
        ({"to": NUMBER}, 131021),
        ({"text": None}, 100),
        ({"text": {"body": " "}}, 131008),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"type": "poll", "poll": {}}, 131051),
        ({"type": "image", "image": {}}, 131008),
        ({"type": "image", "image": {"link": "ftp://a/b"}}, 131009),
        ({"type": "image", "image": {"id": "77"}}, 131009),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
    ],
)
def test_a_wrong_message_is_refused_with_metas_code(meta: Graph, change: Any, code: int):
    body = meta.message("text", {"body": "Hi"}) | change
    assert meta.refusal("POST", f"{PHONE_ID}/messages", json=body)[:2] == (400, code)
    assert meta.sandbox.messages() == []


def test_a_stranger_is_refused_and_another_accounts_number_is_not_there(
    meta: Graph, business: Business
):
    body = meta.message("text", {"body": "Hi"})
    wrong = Graph(meta.sandbox, business, token="wrong")
    assert wrong.refusal("POST", f"{PHONE_ID}/messages", json=body)[:2] == (401, 190)
    assert meta.refusal("POST", "999/messages", json=body)[:2] == (400, 100)
    for token in ("", TOKEN):
        stranger = Graph(meta.sandbox, business, token=token)
        assert stranger.refusal("GET", PHONE_ID)[:2] == (401, 190)


def test_the_number_and_its_account_describe_themselves(meta: Graph):
    shown = meta.get(PHONE_ID, fields="verified_name,display_phone_number")
    assert (shown["id"], shown["display_phone_number"]) == (PHONE_ID, NUMBER[1:])
    assert [one["id"] for one in meta.get(f"{WABA}/phone_numbers")["data"]] == [PHONE_ID]
    assert meta.get(WABA)["id"] == WABA


def test_twilio_numbers_and_paths_stay_what_they_are_beside_meta(meta: Graph):
    meta.sandbox.write("Hello")
    assert meta.values() == []
    assert meta.business.heard[0].form["Body"] == "Hello"
    for path in ("/phone/config", "/v1/Content", "/phone"):
        assert requests.get(meta.sandbox.url + path, timeout=5).status_code in (200, 401)
    assert requests.get(f"{meta.sandbox.url}/{VERSION}", timeout=5).status_code == 404


# Faults -------------------------------------------------------------------------------------------


def test_a_rate_limit_is_metas_with_retry_after(meta: Graph):
    meta.sandbox.fault("rate_limit", times=1, retry_after=7)
    answer = meta.post(meta.message("text", {"body": "Hi"}))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"]["code"] == 130429
    assert meta.post(meta.message("text", {"body": "Hi"})).status_code == 200


@pytest.mark.parametrize(("code", "status"), [(131056, 429), (131031, 403), (368, 403), (4, 429)])
def test_an_error_of_the_call_is_refused_at_once(meta: Graph, code: int, status: int):
    answer = meta.post(meta.message("text", {"body": "Hi"}), fault=f"error_code; code={code}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert meta.sandbox.messages() == []


@pytest.mark.parametrize("code", [131026, 131049, 131050, 131053])
def test_an_error_of_the_delivery_comes_as_a_status(meta: Graph, code: int):
    meta.sandbox.fault("error_code", code=code, times=1, number=META)
    wamid = meta.text("Hi")
    until(lambda: kinds(meta, wamid) == ["failed"])
    assert meta.statuses(wamid)[0]["errors"][0]["code"] == code


def test_a_reset_after_acceptance_leaves_the_message_and_its_statuses(meta: Graph):
    meta.sandbox.write("Hello", to=META)
    body = meta.message("text", {"body": "Hi"}, biz_opaque_callback_data="mine")
    with pytest.raises(requests.ConnectionError):
        meta.post(body, fault="reset; when=after")
    (sent,) = [one for one in meta.sandbox.messages() if one["direction"] == "out"]
    until(lambda: kinds(meta, sent["sid"]) == ["sent", "delivered"])
    assert meta.statuses(sent["sid"])[0]["biz_opaque_callback_data"] == "mine"


def test_a_server_error_and_a_lost_time_out_accept_nothing(meta: Graph):
    body = meta.message("text", {"body": "Hi"})
    assert meta.post(body, fault="server_error; status=502").status_code == 502
    with pytest.raises(requests.ReadTimeout):
        meta.post(body, fault="timeout_lost; seconds=20", timeout=0.2)
    assert meta.sandbox.messages() == []


def test_statuses_can_be_doubled_reversed_early_and_dropped(meta: Graph):
    meta.sandbox.write("Hello", to=META)
    body = meta.message("text", {"body": "Hi"})

    def sent(fault: str) -> str:
        return meta.post(body, fault=fault).json()["messages"][0]["id"]

    doubled = sent("duplicate_callbacks, out_of_order_callbacks")
    until(lambda: kinds(meta, doubled) == ["delivered", "delivered", "sent", "sent"])
    assert kinds(meta, sent("callback_before_response")) == ["sent", "delivered"]
    dropped = sent("drop_callbacks")
    assert outcome(meta, dropped) == ("delivered", None)
    assert kinds(meta, dropped) == []


# Restarts and late numbers ------------------------------------------------------------------------


def test_a_conversation_at_meta_survives_a_restart(
    config: SandboxConfig, business: Business, tmp_path: Path
):
    kept = replace(config, journal=tmp_path / "j", delays=StatusDelays(sent=0, delivered=600))
    with graph(kept, business) as before:
        before.sandbox.write("Hello", to=META)
        wamid = before.text("Hi", biz_opaque_callback_data="mine")
        until(lambda: kinds(before, wamid) == ["sent"])
    with graph(replace(kept, delays=StatusDelays(0, 0)), business) as after:
        until(lambda: kinds(after, wamid) == ["sent", "delivered"])
        assert after.statuses(wamid)[-1]["biz_opaque_callback_data"] == "mine"


def test_a_number_of_meta_is_connected_while_running(sandbox: Any, business: Business):
    number = {
        "address": "whatsapp:+16505552222",
        "phone_number_id": "42",
        "account_sid": WABA,
        "access_token": "t42",
        "app_secret": "s42",
    }
    sandbox.post("/numbers", **number)
    late = Graph(sandbox, business, token="t42")
    assert late.get("42")["id"] == "42"
    sandbox.write("Hello", to="whatsapp:+16505552222")
    assert business.heard[-1].url == f"{business.url}/meta/webhook"
    wrong = {**number, "account_sid": "7", "access_token": ""}
    answer = requests.post(f"{sandbox.url}/numbers", json=wrong, timeout=5)
    assert answer.status_code == 400
    assert "access_token" in answer.json()["detail"]
