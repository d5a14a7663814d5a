"""Everything that Twilio posts becomes an event, and nothing that anyone posts breaks."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import chain
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.carriers.twilio import webhook
from frontdesk.carriers.twilio.webhook import parse
from frontdesk.kernel.form import MOST_FIELDS
from frontdesk.ports import Event, Inbound, Refused, StatusUpdate, WebhookRequest

PAYLOADS = sorted((Path(__file__).parent / "payloads").glob("*.json"))
MESSAGE = {"From": "whatsapp:+14155550101", "To": "whatsapp:+14155238886", "MessageSid": "SM1"}


def request(body: bytes, path: str = "/whatsapp/webhook") -> WebhookRequest:
    return WebhookRequest("POST", (f"https://desk.example{path}",), {}, body)


def message(**form: Any) -> Inbound:
    [event] = parse("wmsg", request(urlencode(MESSAGE | form, doseq=True).encode()))
    assert isinstance(event, Inbound)
    return event


def refusal(body: bytes) -> str:
    with pytest.raises(Refused) as caught:
        parse("wmsg", request(body))
    assert caught.value.status == 400
    assert len(caught.value.detail) < 500
    return caught.value.detail


def stated(event: Event) -> dict[str, Any]:
    """The event's fields that are not at their defaults, as the payload files write them."""
    shown: dict[str, Any] = {"event": type(event).__name__}
    for field in fields(event):
        value: object = getattr(event, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if value != default:
            shown[field.name] = str(value) if field.name == "message_id" else value
    return shown


def texts(value: Any) -> Iterator[str]:
    """All strings of a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in chain.from_iterable(cast("dict[str, Any]", value).items()):
            yield from texts(part)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from texts(part)


def assert_storable(event: Event) -> None:
    """As PostgreSQL's text and jsonb ask: no NUL, no lone surrogates, no NaN, not too deep."""
    written = orjson.loads(orjson.dumps(event, default=str))
    assert not any("\0" in text for text in texts(written))
    content = event.content if isinstance(event, Inbound) else {}
    assert orjson.loads(orjson.dumps(content)) == content


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_is_read_as_written_beside_it(path: Path):
    payload = orjson.loads(path.read_bytes())
    body = urlencode(payload["form"]).encode()
    [event] = parse(payload["kind"], request(body, payload["path"]))
    assert stated(event) == payload["expected"]
    assert_storable(event)


def test_every_status_and_every_kind_of_message_has_a_payload():
    read = [orjson.loads(path.read_bytes())["expected"] for path in PAYLOADS]
    assert {one["carrier_status"] for one in read if "status" in one} >= webhook.STATUSES.keys()
    kinds = {one["kind"] for one in read if "kind" in one}
    assert kinds == {
        "text", "image", "audio", "video", "document", "sticker", "location", "contacts", "button",
        "list_reply", "reaction", "unsupported",
    }  # fmt: skip


def test_a_body_without_from_and_to_is_refused_and_says_so():
    assert "no From and To" in refusal(b"")
    assert "no From and To" in refusal(b"Body=Hello")
    assert "no To" in refusal(b"From=%2B14155550101&Body=Hello")
    assert "no From" in refusal(b"To=%2B14155550101&Body=Hello")


def test_an_address_that_is_none_is_refused():
    assert "From" in refusal(b"From=nobody+at+all&To=%2B14155550101")
    assert "To" in refusal(b"From=%2B14155550101&To=%2B1415%00")
    refusal(b"From=" + b"9" * 1_000_000 + b"&To=%2B14155550101")


def test_a_status_without_its_message_is_refused():
    assert "MessageSid" in refusal(b"From=%2B14155550101&MessageStatus=sent")
    assert "From" in refusal(b"MessageSid=SM1&MessageStatus=sent")


def test_a_message_without_sid_gets_an_id_of_our_own_each_time():
    first, second = message(MessageSid=""), message(MessageSid="")
    assert first.carrier_id.startswith("local-")
    assert first.carrier_id != second.carrier_id


def test_an_overlong_sid_is_refused_for_cutting_it_would_merge_two_messages():
    assert "MessageSid" in refusal(urlencode(MESSAGE | {"MessageSid": "S" * 65}).encode())


def test_a_number_that_comes_as_the_form_writes_a_plus_is_the_number():
    [event] = parse("wmsg", request(b"From=whatsapp:%2B1234567890&To=whatsapp:%2B14155238886"))
    assert isinstance(event, Inbound)
    assert event.contact_address == "+1234567890"


def test_a_body_of_a_megabyte_is_cut_and_says_how_long_it_was():
    event = message(Body="x" * 1_000_000)
    assert len(event.text) == webhook.TEXT_LIMIT
    assert event.content == {"truncated": {"Body": 1_000_000}}


def test_broken_utf_8_is_shown_as_such():
    [event] = parse("wmsg", request(urlencode(MESSAGE).encode() + b"&Body=a%ff\xfe%00b"))
    assert isinstance(event, Inbound)
    assert event.text == "a\ufffd\ufffdb"
    assert_storable(event)


def test_thousands_of_fields_are_refused():
    many = {f"MediaUrl{i}": "https://api.twilio.com/x" for i in range(5_000)}
    assert str(MOST_FIELDS) in refusal(urlencode(MESSAGE | many).encode())


def test_hundreds_of_files_are_bounded_and_counted():
    many = {f"MediaUrl{i}": f"https://api.twilio.com/{i}" for i in range(900)}
    event = message(NumMedia="900", **many)
    assert len(event.content["media"]) == webhook.MEDIA_LIMIT
    assert event.content["truncated"] == {"media": 900}


@pytest.mark.parametrize("count", ["-1", "many", "9" * 5_000, "1e9", "٣", ""])
def test_a_senseless_count_of_files_does_no_harm(count: str):
    event = message(NumMedia=count, MediaUrl0="https://x.test/0", MediaContentType0="image/png")
    assert event.kind == "image"
    assert_storable(event)


def test_a_declared_file_without_address_is_not_forgotten():
    assert message(NumMedia="2", Body="Look").content == {"truncated": {"media": 2}}


def test_an_address_of_a_file_is_kept_whole_or_not_at_all():
    event = message(NumMedia="1", MediaUrl0="https://x.test/" + "y" * 5_000)
    assert "media" not in event.content
    assert event.content["truncated"]["media"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 500 + "]" * 500,
        '{"a":' * 40 + "1" + "}" * 40,
        '"\\ud800"',
        "NaN",
        "1e999",
        "[" + "9" * 5_000 + "]",
    ],
)
def test_interactive_data_too_deep_or_broken_is_kept_as_text(text: str):
    event = message(InteractiveData=text)
    assert event.content["interactive"] == text[: webhook.TEXT_LIMIT]
    assert_storable(event)


def test_nul_is_taken_out_of_nested_values_too():
    event = message(InteractiveData='{"a\\u0000": ["b\\u0000c", {"d": "\\u0000"}]}')
    assert event.content["interactive"] == {"a": ["bc", {"d": ""}]}


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999", "", "9" * 400, "1,5"])
def test_a_senseless_coordinate_is_kept_as_text(value: str):
    event = message(Latitude=value, Longitude="10.5")
    assert event.kind == "location"
    assert event.content["location"].get("latitude", "") == value
    assert_storable(event)


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_after_the_addresses_are_read_or_refused(tail: bytes):
    [event] = parse("wmsg", request(urlencode(MESSAGE).encode() + b"&Body=" + tail))
    assert_storable(event)


NAMES = st.sampled_from(
    [
        *sorted(webhook.PLAIN_FIELDS), *webhook.REFERRAL_FIELDS, "Latitude", "Longitude", "Label",
        "Address", "ButtonText", "ButtonPayload", "ListId", "ListTitle", "InteractiveData",
        "MediaUrl0", "MediaUrl1", "MediaContentType0", "Forwarded", "MessageStatus", "ErrorCode",
        "OriginalRepliedMessageSid", "OriginalRepliedMessageSender", "Unknown",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["whatsapp:+14155550101", "+14155550101", "1", "received", "reaction"]),
    st.floats().map(str),
    JSON.map(json.dumps),
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=12))
@settings(max_examples=300)
def test_any_values_in_twilios_fields_are_read_or_refused(pairs: list[tuple[str, str]]):
    try:
        events = parse("sms", request(urlencode([*pairs, *MESSAGE.items()]).encode()))
    except Refused as error:
        if error.status != 400:
            raise
    else:
        for event in events:
            assert isinstance(event, Inbound | StatusUpdate)
            assert_storable(event)


@given(st.lists(st.tuples(st.text(), st.text())).map(urlencode) | st.text("a%+&=0fé_ \0\r\n\t"))
@settings(max_examples=500)
def test_a_form_is_read_as_the_standard_library_reads_it(text: str):
    expected: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        expected.setdefault(name, []).append(value)
    assert request(text.encode()).form == expected
