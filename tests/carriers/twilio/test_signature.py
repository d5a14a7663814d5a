"""Our check of signatures agrees with Twilio's own, and refuses what it should."""

from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from carriers.twilio.wire import TOKEN
from frontdesk.carriers.twilio.signature import verify
from frontdesk.ports import Refused, WebhookRequest

URL = "https://desk.example/whatsapp/webhook"
FORM = "application/x-www-form-urlencoded"


class MultiDict(dict[str, list[str]]):
    """The interface under which Twilio's validator takes several values of one name."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def accepts(request: WebhookRequest, secret: str = TOKEN) -> bool:
    try:
        verify(request, secret)
    except Refused as error:
        if error.status != 403:
            raise
        return False
    return True


def signed(url: str, body: bytes, signature: str, content_type: str = FORM) -> WebhookRequest:
    headers = {"x-twilio-signature": signature, "content-type": content_type}
    return WebhookRequest("POST", (url,), headers, body)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", "+", "a+b", "\0", "%00", "é", "👍🏽", "&=", "a b"]
)
HOSTS = st.sampled_from(
    ["desk.example", "desk.example:443", "desk.example:80", "desk.example:8443", "localhost:1956"]
)


@given(
    pairs=st.lists(st.tuples(st.sampled_from(["Body", "From", "To", "é", ""]) | TEXTS, TEXTS)),
    scheme=st.sampled_from(["http", "https"]),
    host=HOSTS,
    path=st.sampled_from(["", "/", "/whatsapp/webhook", "/whatsapp/status?message_id=1&b=%2F"]),
    port=st.sampled_from(["as it is", "added", "removed"]),
)
@settings(max_examples=300)
def test_whatever_twilio_signs_is_accepted_as_its_own_validator_does(
    pairs: list[tuple[str, str]], scheme: str, host: str, path: str, port: str
):
    url = f"{scheme}://{host}{path}"
    called = url
    if port == "added" and ":" not in host:
        called = f"{scheme}://{host}:{443 if scheme == 'https' else 80}{path}"
    elif port == "removed":
        called = f"{scheme}://{host.partition(':')[0]}{path}"
    body = urlencode(pairs).encode()
    values = MultiDict(WebhookRequest("POST", (url,), {}, body).form)
    validator = RequestValidator(TOKEN)
    signature = validator.compute_signature(called, values)
    assert validator.validate(url, values, signature)
    assert accepts(signed(url, body, signature))
    assert not accepts(signed(url, body + b"&More=1", signature))
    assert not accepts(signed(url, body, signature), secret=TOKEN + "x")


@given(body=st.binary(max_size=200), signature=st.text(max_size=40))
def test_no_made_up_signature_is_accepted(body: bytes, signature: str):
    values = MultiDict(WebhookRequest("POST", (URL,), {}, body).form)
    assert not RequestValidator(TOKEN).validate(URL, values, signature)
    assert not accepts(signed(URL, body, signature))


def test_each_address_is_tried_that_twilio_may_have_called():
    form = {"Body": "Hello"}
    inside = "http://10.0.0.7:1956/whatsapp/webhook"
    signature = RequestValidator(TOKEN).compute_signature(inside, form)
    request = WebhookRequest(
        "POST", (URL, inside), {"x-twilio-signature": signature}, urlencode(form).encode()
    )
    assert accepts(request)
    elsewhere = "http://10.0.0.8:1956/whatsapp/webhook"
    assert not accepts(WebhookRequest("POST", (URL, elsewhere), request.headers, request.body))


def test_a_json_body_is_covered_by_its_hash_in_the_address():
    body = '{"text": "Grüße"}'.encode()
    url = f"{URL}?bodySHA256={sha256(body).hexdigest()}"
    validator = RequestValidator(TOKEN)
    signature = validator.compute_signature(url, {})
    assert validator.validate(url, body.decode(), signature)
    assert accepts(signed(url, body, signature, "application/json"))
    assert not accepts(signed(url, body + b" ", signature, "application/json"))


def test_a_form_is_covered_itself_whatever_the_address_says_of_a_hash():
    body = b"Body=Hello"
    url = f"{URL}?bodySHA256={sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    assert not accepts(signed(url, body, signature))


def test_a_json_body_without_hash_is_not_covered_by_the_address_alone():
    signature = RequestValidator(TOKEN).compute_signature(URL, {})
    assert not accepts(signed(URL, b'{"text": 1}', signature, "application/json"))
    assert accepts(signed(URL, b"", signature, "application/json"))


def test_broken_utf_8_is_checked_as_it_is_read():
    body = b"Body=%ff\xfe%00&From=%ZZ"
    values = MultiDict(WebhookRequest("POST", (URL,), {}, body).form)
    assert accepts(signed(URL, body, RequestValidator(TOKEN).compute_signature(URL, values)))


@pytest.mark.parametrize("signature", ["", "é", "\udcff", "A" * 1_000_000])
def test_a_senseless_signature_is_refused(signature: str):
    assert not accepts(signed(URL, b"Body=Hello", signature))


def test_an_unsigned_request_is_not_let_in_by_an_empty_secret():
    empty = RequestValidator("").compute_signature(URL, {"Body": "Hello"})
    assert not accepts(signed(URL, b"Body=Hello", empty), secret="")
    assert not accepts(signed(URL, b"Body=Hello", b64encode(b"").decode()), secret="")


def test_too_many_fields_are_refused_as_unreadable():
    with pytest.raises(Refused) as caught:
        verify(signed(URL, b"a=b&" * 5_000, "signature"), TOKEN)
    assert caught.value.status == 400
