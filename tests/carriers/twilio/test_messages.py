"""What Twilio's REST API is asked, and what each of its answers comes to."""

import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carriers.twilio.wire import (
    ACCOUNT,
    BUSINESS,
    CUSTOMER,
    TOKEN,
    Wire,
    answer,
    channel,
    listening,
    message,
    page,
)
from frontdesk.carriers.twilio import Twilio, errors, messages
from frontdesk.carriers.twilio.api import ANSWER_LIMIT
from frontdesk.carriers.twilio.capabilities import CAPABILITIES
from frontdesk.ports import Channel, Outbound, SendError, Sent, Status

NOW = datetime(2023, 8, 24, 5, 2, tzinfo=UTC)
OURS = UUID("0198f000-0000-7000-8000-000000000001")
TEXT = Outbound(OURS, CUSTOMER, "Your table is ready")
ASKED = replace(TEXT, since=NOW - timedelta(seconds=20))
LIST = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    async with listening() as one:
        yield one


@pytest.fixture
async def twilio() -> AsyncGenerator[Twilio]:
    async with aiohttp.ClientSession() as http:
        yield Twilio(http, "https://desk.example/", clock=lambda: NOW)


async def failed(twilio: Twilio, on: Channel, text: Outbound = TEXT) -> SendError:
    with pytest.raises(SendError) as caught:
        await twilio.send(text, on)
    assert TOKEN not in f"{caught.value}{caught.value.text}"
    return caught.value


# Send


async def test_a_whatsapp_message_goes_out_with_prefixes_and_our_id(twilio: Twilio, wire: Wire):
    wire.answers.append(answer(201, message(status="accepted")))
    text = replace(TEXT, media_urls=["https://desk.example/a.png", "https://desk.example/b.png"])
    assert await twilio.send(text, channel(wire.url + "/")) == Sent("SM" + "1" * 32, Status.QUEUED)
    [call] = wire.calls
    assert (call.method, call.target) == ("POST", LIST)
    assert call.headers["authorization"] == aiohttp.encode_basic_auth(ACCOUNT, TOKEN)
    assert call.form == [
        ("To", f"whatsapp:{CUSTOMER}"),
        ("From", f"whatsapp:{BUSINESS}"),
        ("Body", "Your table is ready"),
        ("MediaUrl", "https://desk.example/a.png"),
        ("MediaUrl", "https://desk.example/b.png"),
        ("StatusCallback", f"https://desk.example/whatsapp/status?message_id={OURS}"),
    ]


async def test_an_sms_goes_out_without_prefixes(twilio: Twilio, wire: Wire):
    wire.answers.append(answer(201, message()))
    await twilio.send(TEXT, channel(wire.url, "sms"))
    form = dict(wire.calls[0].form)
    assert (form["To"], form["From"]) == (CUSTOMER, BUSINESS)
    assert form["StatusCallback"].startswith("https://desk.example/sms/status?message_id=")


async def test_a_user_without_number_is_written_to_by_id(twilio: Twilio, wire: Wire):
    wire.answers.append(answer(201, message()))
    await twilio.send(replace(TEXT, to="US.13491208655302741918"), channel(wire.url))
    assert dict(wire.calls[0].form)["To"] == "whatsapp:US.13491208655302741918"


@pytest.mark.parametrize(
    ("public", "base", "unreachable"),
    [
        ("http://localhost:1956", "https://api.twilio.com", True),
        ("http://127.0.0.1:1956", "", True),
        ("http://[::1]:1956", "https://api.dublin.ie1.twilio.com", True),
        ("http://localhost:1956", "http://127.0.0.1:1957", False),
        ("https://desk.example", "https://api.twilio.com", False),
        ("https://127.example", "https://api.twilio.com", False),
        ("http://localhost:1956", "https://api.twilio.com.proxy.example", False),
    ],
)
def test_a_callback_is_left_out_where_twilio_would_refuse_it(
    public: str, base: str, unreachable: bool
):
    assert messages.is_unreachable(public, base) is unreachable


async def test_a_file_that_twilio_cannot_fetch_is_not_offered_to_it(twilio: Twilio):
    file = replace(TEXT, media_urls=["http://localhost:1956/media/1?signature=2"])
    error = await failed(twilio, channel("https://api.twilio.com"), file)
    assert (error.remedy, error.code) == ("give_up", "local-media")
    assert "FRONTDESK_PUBLIC_URL" in error.text


@pytest.mark.parametrize(
    ("given", "remedy", "code"),
    [
        (answer(400, {"code": 21610, "message": "…"}), "stop_contact", "21610"),
        (answer(400, {"code": 21211, "message": "…"}), "give_up", "21211"),
        (answer(400, {"code": 63007, "message": "…"}), "stop_channel", "63007"),
        (answer(400, {"code": 21999, "message": "New"}), "give_up", "21999"),
        (answer(401, {"code": 20003, "message": "…"}), "stop_channel", "20003"),
        (answer(401, b"<html>"), "stop_channel", "http-401"),
        (answer(404, {"code": 20404, "message": "…"}), "stop_channel", "20404"),
        (answer(400, {"code": 14107, "message": "…"}), "wait", "14107"),
        (answer(429, b""), "wait", "http-429"),
        (answer(500, {"code": 20500, "message": "…"}), "ask", "20500"),
        (answer(503, b"<html>"), "ask", "http-503"),
        (answer(400, [1, 2]), "give_up", "http-400"),
        (answer(302, b"", Location="https://elsewhere.test/"), "stop_channel", "http-302"),
        (answer(201, b"{"), "ask", "garbled"),
        (answer(201, b""), "ask", "garbled"),
        (answer(201, [1]), "ask", "garbled"),
        (answer(201, {"status": "queued"}), "ask", "garbled"),
        (answer(201, {"sid": ["SM1"]}), "ask", "garbled"),
        (answer(201, b"[" * 100_000), "ask", "garbled"),
        (answer(201, message())[:-30], "ask", "disconnected"),
        (answer(201, b" " * (ANSWER_LIMIT + 1)), "ask", "garbled"),
        (answer(201, message(status="failed", error_code=63016)), "give_up", "63016"),
        (b"", "ask", "disconnected"),
        (b"HTTP/1.1 2\x00 nonsense\r\n\r\n", "ask", "disconnected"),
    ],
)
async def test_each_answer_has_its_remedy(
    twilio: Twilio, wire: Wire, given: bytes, remedy: str, code: str
):
    wire.answers.append(given)
    error = await failed(twilio, channel(wire.url))
    assert (error.remedy, error.code) == (remedy, code)
    assert error.text
    assert len(wire.calls) == 1


async def test_no_answer_in_time_leaves_it_open_whether_it_was_sent(twilio: Twilio, wire: Wire):
    hasty = replace(twilio, timeout=aiohttp.ClientTimeout(total=0.05))
    wire.answers.append(None)
    assert (await failed(hasty, channel(wire.url))).remedy == "ask"
    wire.answers.append(None)
    with pytest.raises(SendError) as caught:
        await hasty.find(ASKED, channel(wire.url), set())
    assert caught.value.remedy == "retry"


async def test_after_its_moment_not_a_byte_is_written(twilio: Twilio, wire: Wire):
    late = await failed(twilio, channel(wire.url), replace(TEXT, until=time.monotonic()))
    assert (late.remedy, late.code) == ("ask", "late")
    wire.answers.append(answer(201, message()))
    await twilio.send(replace(TEXT, until=time.monotonic() + 60), channel(wire.url))
    assert len(wire.calls) == 1
    assert wire.broken_off == [b""]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Thu, 24 Aug 2023 05:03:30 GMT", 90.0),
        ("Thu, 24 Aug 2023 05:00:00 GMT", 0.0),
        ("1e9", 86_400.0),
        ("soon", None),
        ("nan", None),
        ("Thu, 24 Aug 99999999999999999999 05:00:00 GMT", None),
    ],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(
    twilio: Twilio, wire: Wire, header: str, seconds: float | None
):
    wire.answers.append(answer(429, {"code": 20429}, Retry_After=header))
    error = await failed(twilio, channel(wire.url))
    assert (error.remedy, error.retry_after) == ("wait", seconds)


@pytest.mark.parametrize(
    "base",
    ["nonsense", "ftp://files.example", "http://user:hidden@127.0.0.1:1", "http://[", "http://a:b"],
)
async def test_an_api_address_that_is_none_stops_the_channel(twilio: Twilio, base: str):
    error = await failed(twilio, channel(base))
    assert error.remedy == "stop_channel"
    assert "hidden" not in str(error)


async def test_an_account_that_cannot_be_one_stops_the_channel(twilio: Twilio, wire: Wire):
    error = await failed(twilio, replace(channel(wire.url), account="AC:1"))
    assert error.remedy == "stop_channel"
    assert wire.calls == []


async def test_a_name_that_does_not_resolve_is_tried_again(twilio: Twilio):
    assert (await failed(twilio, channel("http://name.invalid"))).remedy == "retry"


def test_every_code_has_a_text_that_a_person_can_read():
    for code, (remedy, text) in errors.ERRORS.items():
        assert code.isdigit()
        assert remedy != "ask"
        assert text[0].isupper()
        assert len(text) <= 90, text
        assert not text.endswith(".")


async def test_a_file_goes_out_without_a_body(twilio: Twilio, wire: Wire):
    wire.answers.append(answer(201, message(sid="MM1", body="", num_media="1")))
    urls = ["https://desk.example/b.png?sign=a%2Fb&x=1", "https://desk.example/a.png"]
    file = replace(TEXT, text="", media_urls=urls)
    assert (await twilio.send(file, channel(wire.url))).carrier_id == "MM1"
    form = wire.calls[0].form
    assert [value for name, value in form if name == "MediaUrl"] == urls
    assert "Body" not in dict(form)


async def test_a_message_of_nothing_is_not_asked_about(twilio: Twilio, wire: Wire):
    error = await failed(twilio, channel(wire.url), replace(TEXT, text=""))
    assert (error.remedy, error.code) == ("give_up", "21619")
    assert wire.calls == []


def test_whatsapp_takes_ogg_with_opus_only():
    audio = CAPABILITIES["wmsg"].media["audio"].content_types
    assert audio[0] == "audio/ogg; codecs=opus"
    assert "audio/ogg" not in audio


def test_a_document_on_whatsapp_has_no_caption():
    assert "document" not in CAPABILITIES["wmsg"].captioned
    assert CAPABILITIES["wmsg"].media_per_message == 1


@pytest.mark.parametrize(
    "code", ["11200", "11751", "12300", "21620", "21623", "30019", "63005", "63019", "63021"]
)
def test_a_file_that_cannot_be_sent_is_given_up_with_a_reason(code: str):
    remedy, text = errors.meaning(code, "")
    assert remedy == "give_up"
    assert "file" in text.lower()


# Find


async def test_a_message_still_queued_at_twilio_is_found(twilio: Twilio, wire: Wire):
    wire.answers.append(page(message(date_sent=None, status="queued")))
    found = await twilio.find(ASKED, channel(wire.url), set())
    assert found == Sent("SM" + "1" * 32, Status.QUEUED)
    query = parse_qs(urlsplit(wire.calls[0].target).query)
    assert (query["To"], query["From"]) == ([f"whatsapp:{CUSTOMER}"], [f"whatsapp:{BUSINESS}"])
    assert not any(name.startswith("DateSent") for name in query)


async def test_without_an_earlier_attempt_there_is_nothing_to_find(twilio: Twilio, wire: Wire):
    assert await twilio.find(TEXT, channel(wire.url), set()) is None
    assert wire.calls == []


async def test_the_oldest_of_several_is_taken_across_pages(twilio: Twilio, wire: Wire):
    next_page = f"{LIST}?Page=1&PageToken=PASM2"
    wire.answers += [
        page(
            message(sid="SM3", date_created="Thu, 24 Aug 2023 05:01:59 +0000"),
            message(sid="SM2", date_created="Thu, 24 Aug 2023 05:01:50 +0000"),
            next_page_uri=next_page,
        ),
        page(
            message(sid="SM1", date_created="Thu, 24 Aug 2023 05:01:45 +0000"),
            message(sid="SM0", date_created="Thu, 24 Aug 2023 05:01:00 +0000"),
            next_page_uri=f"{LIST}?Page=2",
        ),
    ]
    found = await twilio.find(ASKED, channel(wire.url), set())
    assert found == Sent("SM1", Status.QUEUED)
    assert [urlsplit(call.target).path for call in wire.calls] == [LIST, LIST]
    assert wire.calls[1].target == next_page


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, True),
        ({"body": "Sent from your Twilio trial account - Your table is ready"}, True),
        ({"body": "Your table is ready "}, True),
        ({"date_created": "Thu, 24 Aug 2023 05:01:35 +0000"}, True),
        ({"date_created": "Thu, 24 Aug 2023 05:01:34 +0000"}, False),
        ({"body": "Your table is ready, again"}, False),
        ({"body": None}, False),
        ({"direction": "inbound"}, False),
        ({"direction": "outbound-reply"}, False),
        ({"sid": "SMknown"}, False),
        ({"sid": None}, False),
        ({"date_created": "whenever"}, False),
    ],
)
async def test_a_message_is_ours_by_text_time_and_direction(
    twilio: Twilio, wire: Wire, fields: dict[str, object], found: bool
):
    wire.answers.append(page(message(**fields)))
    sent = await twilio.find(ASKED, channel(wire.url), {"SMknown"})
    assert (sent is not None) is found


PICTURE = replace(ASKED, text="", media_urls=["https://desk.example/a.png"])


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"num_media": "1"}, True),
        ({"num_media": "1", "body": None}, True),
        ({"num_media": "1", "body": "Sent from your Twilio trial account -"}, True),
        ({"sid": "MM" + "1" * 32, "num_media": "0"}, True),
        ({"num_media": "0"}, False),
        ({"num_media": "2"}, False),
        ({"num_media": "1", "body": "A text"}, False),
        ({"num_media": "1", "sid": "MMknown"}, False),
        ({"num_media": "1", "date_created": "Thu, 24 Aug 2023 05:01:34 +0000"}, False),
    ],
)
async def test_a_file_without_text_is_found_by_having_as_many_files(
    twilio: Twilio, wire: Wire, fields: dict[str, object], found: bool
):
    wire.answers.append(page(message(**{"body": "", **fields})))
    sent = await twilio.find(PICTURE, channel(wire.url), {"MMknown"})
    assert (sent is not None) is found


@pytest.mark.parametrize("fields", [{"num_media": "1"}, {"sid": "MM" + "1" * 32}])
async def test_a_text_is_not_taken_for_a_file_that_has_it_as_caption(
    twilio: Twilio, wire: Wire, fields: dict[str, object]
):
    wire.answers.append(page(message(**fields)))
    assert await twilio.find(ASKED, channel(wire.url), set()) is None


async def test_of_files_in_a_row_the_oldest_that_nobody_knows_is_taken(twilio: Twilio, wire: Wire):
    wire.answers.append(
        page(
            *(
                message(
                    sid=f"MM{n}", body="", num_media="1",
                    date_created=f"Thu, 24 Aug 2023 05:01:{40 + n} +0000",
                )
                for n in (4, 3, 2, 1)
            )
        )
    )  # fmt: skip
    found = await twilio.find(PICTURE, channel(wire.url), {"MM1", "MM2"})
    assert found == Sent("MM3", Status.QUEUED)


async def test_an_earlier_file_that_twilio_refused_is_taken_for_none_that_it_took(
    twilio: Twilio, wire: Wire
):
    earlier = message(sid="MM1", body="", num_media="1", status="failed", error_code=63019)
    later = "Thu, 24 Aug 2023 05:01:46 +0000"
    taken = message(sid="MM2", body="", num_media="1", date_created=later)
    wire.answers += [page(taken, earlier), page(earlier)]
    assert await twilio.find(PICTURE, channel(wire.url), set()) == Sent("MM2", Status.QUEUED)
    assert await twilio.find(PICTURE, channel(wire.url), set()) == Sent("MM1", Status.FAILED)


# List


def arrived(sid: str, second: int, **fields: object) -> dict[str, object]:
    moment = f"Thu, 24 Aug 2023 05:01:{second:02} +0000"
    dates = {"date_created": moment, "date_sent": moment}
    sender = {"from": f"whatsapp:{CUSTOMER}", "to": f"whatsapp:{BUSINESS}", "direction": "inbound"}
    return message(**{"sid": sid, **dates, **sender, **fields})


async def test_messages_are_listed_oldest_first_even_within_a_second(twilio: Twilio, wire: Wire):
    wire.answers += [
        page(arrived("SM4", 9), arrived("SM3", 5), next_page_uri=f"{LIST}?Page=1"),
        page(arrived("SM2", 5), arrived("SM1", 5), arrived("SM0", 4)),
    ]
    since = NOW.replace(minute=1, second=5, microsecond=900_000)
    missed = await twilio.inbound_since(channel(wire.url), since)
    assert [one.carrier_id for one in missed] == ["SM1", "SM2", "SM3", "SM4"]
    assert missed[0].sent_at == since.replace(microsecond=0)
    query = parse_qs(urlsplit(wire.calls[0].target).query)
    assert query["To"] == [f"whatsapp:{BUSINESS}"]
    assert query["DateSent>"] == ["2023-08-24T05:01:05Z"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://elsewhere.test/2010-04-01/Messages.json",
        "http://127.0.0.1:1.elsewhere.test/x",
        "@elsewhere.test/x",
        ".elsewhere.test/x",
        17,
    ],
)
async def test_the_token_goes_to_no_other_server(twilio: Twilio, wire: Wire, uri: object):
    wire.answers.append(page(arrived("SM1", 5), next_page_uri=uri))
    with pytest.raises(SendError) as caught:
        await twilio.inbound_since(channel(wire.url), NOW - timedelta(hours=1))
    assert caught.value.code == "garbled"
    assert len(wire.calls) == 1


async def test_pages_that_lead_in_a_circle_end(twilio: Twilio, wire: Wire):
    wire.answers += [
        page(arrived("SM2", 6), next_page_uri=f"{LIST}?Page=1"),
        page(arrived("SM1", 5), next_page_uri=f"{LIST}?Page=1"),
    ]
    missed = await twilio.inbound_since(channel(wire.url), NOW - timedelta(hours=1))
    assert [one.carrier_id for one in missed] == ["SM1", "SM2"]


async def test_beyond_the_limit_the_oldest_are_kept(
    twilio: Twilio, wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(messages, "LIST_LIMIT", 3)
    wire.answers += [
        page(
            *(arrived(f"SM{n}", n) for n in range(49 - 10 * place, 39 - 10 * place, -1)),
            next_page_uri=f"{LIST}?Page={place + 1}" if place < 3 else None,
        )
        for place in range(4)
    ]
    missed = await twilio.inbound_since(channel(wire.url), NOW - timedelta(hours=1))
    assert [one.carrier_id for one in missed] == ["SM10", "SM11", "SM12"]


async def test_one_bad_row_does_not_cost_the_others(twilio: Twilio, wire: Wire):
    wire.answers.append(
        page(
            arrived("SM5", 8),
            arrived("SM4", 7, **{"from": "nobody at all"}),
            "nonsense",
            arrived("SM3", 6, body=None, num_media="many"),
            arrived("SM2", 5) | {"date_sent": "whenever", "date_created": None},
            {"sid": "SM\0"},
        )
    )
    missed = await twilio.inbound_since(channel(wire.url), NOW - timedelta(hours=1))
    assert [(one.carrier_id, one.text) for one in missed] == [
        ("SM2", "Your table is ready"),
        ("SM3", ""),
        ("SM5", "Your table is ready"),
    ]
    assert missed[0].sent_at is None


async def test_a_file_that_cannot_be_looked_up_is_still_counted(twilio: Twilio, wire: Wire):
    wire.answers += [page(arrived("SM1", 5, num_media="2")), answer(503, b"")]
    [missed] = await twilio.inbound_since(channel(wire.url), NOW - timedelta(hours=1))
    assert missed.kind == "document"
    assert missed.content["media_count"] == 2
    assert "HTTP 503" in missed.content["media_error"]
    assert wire.calls[1].target == LIST.replace(".json", "/SM1/Media.json")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
ROWS = st.fixed_dictionaries(
    {}, optional={name: JSON for name in message() if name != "account_sid"}
)


@given(rows=st.lists(ROWS | JSON, max_size=4), media=JSON)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_rows_are_listed_or_left_out(
    twilio: Twilio, wire: Wire, rows: list[object], media: object
):
    wire.answers.clear()
    wire.answers.append(page(*rows))
    wire.answers.extend([answer(200, {"media_list": media})] * 4)
    await twilio.inbound_since(channel(wire.url), NOW)
