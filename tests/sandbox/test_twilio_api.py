"""The official Twilio SDK works against the sandbox as against Twilio."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from sandbox.servers import ACCOUNT, ADA, SMS, TOKEN, WHATSAPP, Business, Sandbox, until


def send(sandbox: Sandbox, fault: str = "", **fields: Any) -> Any:
    return sandbox.twilio(fault).messages.create(**{"to": ADA, "from_": SMS, "body": "Hi"} | fields)


def test_a_created_message_can_be_fetched_with_all_of_twilios_fields(sandbox: Sandbox):
    created = send(sandbox, body="Your order is ready")
    assert created.sid.startswith("SM")
    assert len(created.sid) == 34
    assert created.status == "queued"
    until(lambda: sandbox.message(created.sid)["status"] == "delivered")

    fetched = sandbox.twilio().messages(created.sid).fetch()
    assert (fetched.body, fetched.to, fetched.from_) == ("Your order is ready", ADA, SMS)
    assert (fetched.direction, fetched.num_media, fetched.num_segments) == (
        "outbound-api",
        "0",
        "1",
    )
    assert isinstance(fetched.date_created, datetime)
    assert isinstance(fetched.date_sent, datetime)
    assert set(fetched.subresource_uris or {}) >= {"media"}


def test_a_long_sms_counts_its_segments_by_its_alphabet(sandbox: Sandbox):
    assert send(sandbox, body="a" * 161).num_segments == "2"
    assert send(sandbox, body="é" * 160).num_segments == "1"
    assert send(sandbox, body="你" * 71).num_segments == "2"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "12"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"from_": "no number at all!"}, 21212),
        ({"from_": "+14155550000"}, 21606),
        ({"from_": "whatsapp:+14155550000", "to": f"whatsapp:{ADA}"}, 63007),
        ({"to": f"whatsapp:{ADA}"}, 21910),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "ftp://example.com"}, 21609),
    ],
)
def test_a_wrong_message_is_refused_with_twilios_code(
    sandbox: Sandbox, fields: dict[str, str], code: int
):
    with pytest.raises(TwilioRestException) as refused:
        send(sandbox, **fields)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert sandbox.messages() == []


def test_1600_characters_are_accepted(sandbox: Sandbox):
    assert len(send(sandbox, body="é" * 1600).body) == 1600


def test_a_wrong_token_and_an_unknown_message_have_twilios_error_bodies(sandbox: Sandbox):
    with pytest.raises(TwilioRestException) as refused:
        sandbox.twilio(token="wrong").messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    with pytest.raises(TwilioRestException) as missing:
        sandbox.twilio().messages("SM" + "0" * 32).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)

    url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/SM1.json"
    body = requests.get(url, auth=(ACCOUNT, TOKEN), timeout=5).json()
    assert set(body) == {"code", "message", "more_info", "status"}
    assert requests.get(url, timeout=5).status_code == 401


def test_another_account_cannot_be_read_with_this_ones_token(sandbox: Sandbox):
    url = f"{sandbox.url}/2010-04-01/Accounts/AC{'2' * 32}/Messages.json"
    assert requests.get(url, auth=(ACCOUNT, TOKEN), timeout=5).status_code == 401


def test_a_list_comes_newest_first_in_pages_that_new_messages_do_not_shift(sandbox: Sandbox):
    sids = [send(sandbox, body=str(number)).sid for number in range(7)]
    client = sandbox.twilio()
    page = client.messages.page(page_size=3)
    assert [m.sid for m in page] == sids[:3:-1]
    send(sandbox, body="arrived between two pages")
    second = page.next_page()
    assert second is not None
    assert [m.sid for m in second] == [sids[3], sids[2], sids[1]]
    third = second.next_page()
    assert third is not None
    assert [m.sid for m in third] == [sids[0]]
    assert third.next_page() is None
    previous = second.previous_page()
    assert previous is not None
    assert len(client.messages.list(page_size=2)) == 8
    assert len(client.messages.list(limit=5, page_size=2)) == 5


def test_a_list_is_filtered_by_both_numbers(sandbox: Sandbox):
    wanted = send(sandbox).sid
    send(sandbox, to="+14155550102")
    received = sandbox.write("Hello", to=SMS)["sid"]
    client = sandbox.twilio()
    assert [m.sid for m in client.messages.list(to=ADA)] == [wanted]
    assert [m.sid for m in client.messages.list(to=SMS)] == [received]
    assert [m.sid for m in client.messages.list(from_=ADA, to=SMS)] == [received]
    assert client.messages.list(to=ADA, from_=WHATSAPP) == []


def test_a_list_is_filtered_by_date_with_inclusive_bounds(sandbox: Sandbox):
    sid = sandbox.write("Hello", to=SMS)["sid"]
    client = sandbox.twilio()
    at = client.messages(sid).fetch().date_sent
    assert isinstance(at, datetime)
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    assert [m.sid for m in client.messages.list(date_sent_after=at)] == [sid]
    assert [m.sid for m in client.messages.list(date_sent_before=at)] == [sid]
    assert client.messages.list(date_sent_after=at + second) == []
    assert client.messages.list(date_sent_before=at - second) == []
    assert len(client.messages.list(date_sent_after=at - hour, date_sent_before=at + hour)) == 1
    assert len(client.messages.list(date_sent=at)) == 1
    assert client.messages.list(date_sent=at - timedelta(days=1)) == []
    url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    by_day = f"{url}?To=%2B14155550199&DateSent>={datetime.now(UTC):%Y-%m-%d}"
    assert len(requests.get(by_day, auth=(ACCOUNT, TOKEN), timeout=5).json()["messages"]) == 1
    wrong = requests.get(f"{url}?DateSent=soon", auth=(ACCOUNT, TOKEN), timeout=5)
    assert wrong.status_code == 400


def test_a_message_can_be_redacted_and_deleted(sandbox: Sandbox):
    sid = send(sandbox).sid
    until(lambda: sandbox.message(sid)["status"] == "delivered")
    context = sandbox.twilio().messages(sid)
    assert context.update(body="").body == ""
    assert context.delete()
    with pytest.raises(TwilioRestException) as gone:
        context.fetch()
    assert gone.value.code == 20404
    assert sandbox.twilio().messages.list() == []


def test_media_of_both_directions_can_be_listed_fetched_and_deleted(
    sandbox: Sandbox, business: Business
):
    sent = send(sandbox, body="", media_url=["https://example.com/cake.jpg"])
    assert sent.sid.startswith("MM")
    assert sent.num_media == "1"
    item = {"content_type": "image/png", "base64": "iVBORw=="}
    received = sandbox.write("", to=SMS, media=[item])["sid"]

    context = sandbox.twilio().messages(received)
    (media,) = context.media.list()
    assert media.content_type == "image/png"
    url = business.heard[-1].form["MediaUrl0"]
    assert url.startswith("http://sandbox.test/sandbox/2010-04-01/")
    here = sandbox.url + url.removeprefix("http://sandbox.test/sandbox")
    assert requests.get(here, timeout=5).status_code == 401
    answer = requests.get(here, auth=(ACCOUNT, TOKEN), timeout=5)
    assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert context.media(str(media.sid)).delete()
    assert context.media.list() == []


def test_a_customer_who_wrote_stop_is_not_written_to_until_start(sandbox: Sandbox):
    sandbox.write("  stop ", to=SMS)
    with pytest.raises(TwilioRestException) as refused:
        send(sandbox)
    assert refused.value.code == 21610
    sandbox.write("START", to=SMS)
    assert send(sandbox).status == "queued"


def test_whatsapp_outside_the_window_is_accepted_and_then_fails(
    sandbox: Sandbox, business: Business
):
    address = {"to": f"whatsapp:{ADA}", "from_": WHATSAPP}
    callback = f"{business.url}/status"
    late = send(sandbox, **address, status_callback=callback)
    assert late.status == "queued"
    until(lambda: business.statuses(late.sid) == ["failed"])
    assert business.heard[-1].form["ErrorCode"] == "63016"
    assert sandbox.twilio().messages(late.sid).fetch().error_code == 63016

    approved = sandbox.twilio().content.v1.contents.list()[-1]
    template = send(sandbox, **address, body=None, content_sid=approved.sid)
    until(lambda: sandbox.message(template.sid)["status"] == "delivered")
    sandbox.write("Hello")
    inside = send(sandbox, **address)
    until(lambda: sandbox.message(inside.sid)["status"] == "delivered")


def test_a_messaging_service_sends_from_a_number_of_the_channel(sandbox: Sandbox):
    service = "MG" + "1" * 32
    sent = send(sandbox, from_=None, messaging_service_sid=service)
    assert (sent.from_, sent.messaging_service_sid) == (SMS, service)
