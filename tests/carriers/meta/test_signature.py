"""Who may call as Meta, and how its question before the first call is answered."""

import hashlib
import hmac
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from carriers.meta.wire import APP_SECRET, URL, VERIFY_TOKEN, channel, message, signed, told
from frontdesk.carriers.meta import signature
from frontdesk.ports import Refused, WebhookRequest

BODY = told(message())


def test_the_raw_bytes_are_what_is_signed() -> None:
    body = b'{"object":  "whatsapp_business_account", "text": "\\u00fc \xc3\xbc"}'
    digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    request = WebhookRequest("POST", (URL,), {"x-hub-signature-256": f"sha256={digest}"}, body)
    signature.verify(request, APP_SECRET)
    with pytest.raises(Refused):
        signature.verify(replace(request, body=body + b" "), APP_SECRET)


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "0" * 64, "sha256=ü", "\udcff"],
)
def test_any_other_signature_is_refused_without_telling_the_right_one(header: str) -> None:
    right = signed(BODY).headers["x-hub-signature-256"]
    request = WebhookRequest("POST", (URL,), {"x-hub-signature-256": header}, BODY)
    with pytest.raises(Refused) as caught:
        signature.verify(request, APP_SECRET)
    assert caught.value.status == 403
    assert right not in caught.value.detail
    assert APP_SECRET not in caught.value.detail


def test_a_channels_text_shows_none_of_its_secrets() -> None:
    shown = repr(channel())
    assert APP_SECRET not in shown
    assert channel().secret not in shown
    assert VERIFY_TOKEN not in shown


def asked(**fields: str) -> WebhookRequest:
    query = urlencode({f"hub.{name}": value for name, value in fields.items()})
    return WebhookRequest("GET", (f"{URL}?{query}",), {}, b"")


def test_the_challenge_is_what_meta_sent() -> None:
    request = asked(mode="subscribe", verify_token=VERIFY_TOKEN, challenge="1158201444")
    found = signature.challenge(request)
    assert (found.token, found.answer) == (VERIFY_TOKEN, b"1158201444")
    assert VERIFY_TOKEN not in repr(found)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"mode": "subscribe", "challenge": "1"},
        {"mode": "unsubscribe", "verify_token": VERIFY_TOKEN, "challenge": "1"},
        {"mode": "subscribe", "verify_token": "x" * 2_000, "challenge": "1"},
        {"mode": "subscribe", "verify_token": VERIFY_TOKEN},
        {"mode": "subscribe", "verify_token": VERIFY_TOKEN, "challenge": "1" * 300},
        {"mode": "subscribe", "verify_token": VERIFY_TOKEN, "challenge": "a\r\nb"},
    ],
)
def test_any_other_question_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        signature.challenge(asked(**fields))
    assert caught.value.status == 403


def test_a_query_of_many_fields_is_refused() -> None:
    request = WebhookRequest("GET", (f"{URL}?{'a=1&' * 50}",), {}, b"")
    with pytest.raises(Refused, check=lambda error: error.status == 400):
        signature.challenge(request)
