"""What a customer sends reaches the business as Meta posts it: signed, and again until taken."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from frontdesk.sandbox.app import SandboxConfig
from sandbox import servers
from sandbox.graph import APP_SECRET, META, NUMBER, PHONE_ID, WABA, Graph, graph, with_meta
from sandbox.servers import ADA, Business, until


def test_a_text_posts_metas_json(meta: Graph):
    message = meta.sandbox.write("Héllo/你好", to=META, profile_name='Ada "A" L')
    (heard,) = meta.business.heard
    assert heard.url == f"{meta.business.url}/meta/webhook"
    (value,) = meta.values()
    timestamp = value["messages"][0].pop("timestamp")
    assert timestamp.isdigit()
    assert value == {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": NUMBER[1:], "phone_number_id": PHONE_ID},
        "contacts": [{"profile": {"name": 'Ada "A" L'}, "wa_id": ADA[1:]}],
        "messages": [
            {
                "from": ADA[1:],
                "id": message["sid"],
                "type": "text",
                "text": {"body": "Héllo/你好"},
            }
        ],
    }
    assert message["webhook"] == "accepted"


def test_the_signature_is_over_escaped_bytes_as_metas_is(meta: Graph):
    meta.sandbox.write("é/", to=META)
    (heard,) = meta.business.heard
    assert rb"\u00e9\/" in heard.body
    # A receiver that signs what it has read and written again gets another signature.
    assert json.dumps(json.loads(heard.body)).encode() != heard.body
    assert len(meta.values()) == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"ButtonText": "Yes", "ButtonPayload": "yes-1", "OriginalRepliedMessageSid": "wamid.1"},
            {
                "type": "button",
                "button": {"text": "Yes", "payload": "yes-1"},
                "context": {"from": NUMBER[1:], "id": "wamid.1"},
            },
        ),
        (
            {"ListId": "row-2", "ListTitle": "Tuesday"},
            {
                "type": "interactive",
                "interactive": {
                    "type": "list_reply",
                    "list_reply": {"id": "row-2", "title": "Tuesday"},
                },
            },
        ),
        (
            {"Latitude": "52.5", "Longitude": "13.4", "Address": "Berlin", "Label": "Us"},
            {
                "type": "location",
                "location": {
                    "latitude": 52.5,
                    "longitude": 13.4,
                    "name": "Us",
                    "address": "Berlin",
                },
            },
        ),
        ({"Forwarded": "true"}, {"type": "text", "context": {"forwarded": True}}),
        (
            {"ReferralSourceUrl": "https://example.com/ad", "ReferralHeadline": "Cakes"},
            {"referral": {"source_url": "https://example.com/ad", "headline": "Cakes"}},
        ),
        (
            {"Meta": '{"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}}'},
            {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
        ),
    ],
)
def test_what_is_not_text_travels_as_meta_has_it(meta: Graph, fields: Any, expected: Any):
    meta.sandbox.write("", to=META, fields=fields)
    assert meta.told().items() >= expected.items()


def test_a_refused_webhook_comes_again_until_it_is_taken(meta: Graph):
    meta.business.answers = [503, 500, 403]
    message = meta.sandbox.write("Hello", to=META)
    assert message["webhook"] == "refused"
    until(lambda: meta.sandbox.message(message["sid"])["webhook"] == "accepted")
    bodies = {heard.body for heard in meta.business.heard}
    assert (len(meta.business.heard), len(bodies)) == (4, 1)
    attempts = [each["attempt"] for each in meta.sandbox.message(message["sid"])["deliveries"]]
    assert attempts == [1, 2, 3, 4]


def test_a_status_that_was_refused_comes_again(meta: Graph):
    meta.sandbox.write("Hello", to=META)
    meta.business.answers = [500]
    wamid = meta.text("Hi")
    until(lambda: [s["status"] for s in meta.statuses(wamid)].count("sent") == 2)


def test_a_message_that_nobody_took_comes_again_after_a_restart(
    config: SandboxConfig, business: Business, tmp_path: Path
):
    kept = replace(config, journal=tmp_path / "j")
    gone = replace(kept, webhooks="http://127.0.0.1:1")
    with servers.sandbox(replace(with_meta(gone), repeat_after=600)) as sandbox:
        message = sandbox.write("Hello", to=META)
        assert message["webhook"] == "unreachable"
    with graph(kept, business) as after:
        until(lambda: after.sandbox.message(message["sid"])["webhook"] == "accepted")
        assert after.told()["text"] == {"body": "Hello"}


def test_a_held_back_webhook_is_never_posted(meta: Graph):
    meta.sandbox.fault("no_webhook", times=1)
    assert meta.sandbox.write("Hello", to=META)["webhook"] == "skipped"
    assert meta.business.heard == []


def test_webhooks_move_to_an_address_that_knows_the_verify_token(meta: Graph):
    with servers.business(verify_token="our-token") as other:
        wanted = {"override_callback_uri": f"{other.url}/meta/other", "verify_token": "wrong"}
        path = f"{WABA}/subscribed_apps"
        assert meta.refusal("POST", path, json=wanted)[1] == 2200
        meta.sandbox.write("One", to=META)
        moved = meta.call("POST", path, json={**wanted, "verify_token": "our-token"})
        assert moved.json() == {"success": True}
        meta.sandbox.write("Two", to=META)
        assert [h.url for h in other.heard] == [f"{other.url}/meta/other"]
        assert meta.call("DELETE", path).json() == {"success": True}
        meta.sandbox.write("Three", to=META)
    assert [one["messages"][0]["text"]["body"] for one in meta.values()] == ["One", "Three"]
    assert APP_SECRET not in str(meta.sandbox.messages())
