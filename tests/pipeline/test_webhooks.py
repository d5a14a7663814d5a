"""The carriers' door over real HTTP: what it takes in, and what it refuses, each with a reason."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from pipeline.desk import (
    ACCOUNT,
    ADA,
    AUTH_TOKEN,
    SMS_NUMBER,
    WHATSAPP_NUMBER,
    Desk,
    message_form,
    status_form,
)

OpenDesk = Callable[..., Awaitable[Desk]]
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
TABLES = ("receipts", "messages", "conversations", "contacts")


async def stored(desk: Desk) -> int:
    return sum([await desk.count(table) for table in TABLES])


async def test_a_signed_message_is_stored_and_answered_with_empty_twiml(web: Desk) -> None:
    answer = await web.post("/whatsapp/webhook", message_form("Hello"))
    assert (answer.status, answer.text) == (200, TWIML)
    assert answer.headers["content-type"].startswith("text/xml")
    [message] = await web.messages()
    assert message["content"] == "Hello"
    assert message["status"] == "received"
    [channel] = await web.db.fetch("SELECT address FROM channels WHERE kind = 'wmsg'")
    assert channel["address"] == WHATSAPP_NUMBER


async def test_the_answer_comes_after_the_commit(web: Desk) -> None:
    blocker = web.db.transaction()
    await blocker.start()
    await web.db.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
    call = asyncio.create_task(web.post("/whatsapp/webhook", message_form()))
    done, _ = await asyncio.wait({call}, timeout=0.3)
    assert not done, "answered although nothing could be stored yet"
    await blocker.rollback()
    assert (await call).status == 200
    assert await web.count("messages") == 1


async def test_sms_and_whatsapp_have_addresses_of_their_own(web: Desk) -> None:
    sms = message_form(from_=ADA, to=SMS_NUMBER)
    assert (await web.post("/sms/webhook", sms)).status == 200
    whatsapp = message_form(sid="SM" + "2" * 32)
    assert (await web.post("/whatsapp/webhook", whatsapp)).status == 200
    rows = await web.db.fetch(
        "SELECT h.kind, v.address FROM conversations v"
        " JOIN channels h USING (domain_id, channel_id) ORDER BY h.kind"
    )
    assert [tuple(row) for row in rows] == [("sms", ADA), ("wmsg", ADA)]
    assert await web.count("contacts") == 1, "one customer on two channels"


@pytest.mark.parametrize("token", [None, "another-token"])
async def test_without_a_right_signature_nothing_is_stored(web: Desk, token: str | None) -> None:
    answer = await web.post("/whatsapp/webhook", message_form(), token=token)
    assert answer.status == 403
    assert "X-Twilio-Signature" in answer.detail
    assert AUTH_TOKEN not in answer.text
    assert await stored(web) == 0


async def test_a_signature_does_not_fit_another_body(web: Desk) -> None:
    answer = await web.post(
        "/whatsapp/webhook", message_form("Send money"), signed_form=message_form("Hello")
    )
    assert answer.status == 403
    assert await stored(web) == 0


async def test_a_signature_does_not_fit_another_address(web: Desk) -> None:
    answer = await web.post(
        "/whatsapp/webhook", message_form(), signed_url=f"{web.url}/whatsapp/status"
    )
    assert answer.status == 403


async def test_the_port_may_be_signed_or_not(open_desk: OpenDesk) -> None:
    desk = await open_desk(worker=False, FRONTDESK_PUBLIC_URL="https://desk.example")
    for number, url in enumerate(
        ("https://desk.example/whatsapp/webhook", "https://desk.example:443/whatsapp/webhook")
    ):
        form = message_form(sid=f"SM{number:032}")
        answer = await desk.post("/whatsapp/webhook", form, signed_url=url)
        assert answer.status == 200, url


async def test_behind_a_proxy_the_public_address_is_the_signed_one(open_desk: OpenDesk) -> None:
    desk = await open_desk(worker=False, FRONTDESK_PUBLIC_URL="https://desk.example/base")
    answer = await desk.post(
        "/whatsapp/webhook?a=b",
        message_form(),
        signed_url="https://desk.example/base/whatsapp/webhook?a=b",
        headers={"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"},
    )
    assert answer.status == 200


async def test_a_token_that_changed_a_moment_ago_counts_at_once(web: Desk) -> None:
    assert (await web.post("/whatsapp/webhook", message_form())).status == 200
    # Another node saves it: this one's cache does not know.
    other = web.app.domains
    async with web.app.database.system_tx() as connection:
        await other.set_technical(
            connection,
            web.domain.domain_id,
            {"twilio_account_sid": ACCOUNT, "twilio_auth_token": "the-new-token"},
        )
    form = message_form(sid="SM" + "2" * 32)
    assert (await web.post("/whatsapp/webhook", form, token="the-new-token")).status == 200


async def test_unknown_numbers_are_404(web: Desk) -> None:
    answer = await web.post("/whatsapp/webhook", message_form(to="whatsapp:+19998887777"))
    assert answer.status == 404
    assert "+19998887777" in answer.detail
    assert await stored(web) == 0


async def test_a_whatsapp_number_is_no_sms_number(web: Desk) -> None:
    form = message_form(from_=ADA, to=WHATSAPP_NUMBER)
    assert (await web.post("/sms/webhook", form)).status == 404


@pytest.mark.parametrize("missing", ["From", "To"])
async def test_a_body_without_from_or_to_is_400(web: Desk, missing: str) -> None:
    form = {name: value for name, value in message_form().items() if name != missing}
    answer = await web.post("/whatsapp/webhook", form)
    assert answer.status == 400
    assert answer.detail


async def test_an_empty_body_is_400(web: Desk) -> None:
    assert (await web.post("/whatsapp/webhook", b"")).status == 400


async def test_the_same_message_again_is_200_and_stored_once(web: Desk) -> None:
    for _ in range(3):
        assert (await web.post("/whatsapp/webhook", message_form())).status == 200
    assert await web.count("messages") == 1
    assert (await web.conversation())["inbound_count"] == 1


async def test_the_same_message_many_times_at_once_is_stored_once(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(desk.post("/whatsapp/webhook", message_form()) for _ in range(20))
    )
    assert {answer.status for answer in answers} == {200}
    assert await desk.count("messages") >= 1
    await desk.settled()
    senders = [message["sender"] for message in await desk.messages()]
    assert senders == ["user", "assistant"]


async def test_first_messages_at_once_make_one_conversation(web: Desk) -> None:
    forms = [message_form(str(number), sid=f"SM{number:032}") for number in range(20)]
    answers = await asyncio.gather(*(web.post("/whatsapp/webhook", form) for form in forms))
    assert {answer.status for answer in answers} == {200}
    assert await web.count("contacts") == 1
    row = await web.conversation()
    assert (row["last_seq"], row["inbound_seq"], row["inbound_count"]) == (20, 20, 20)
    assert [message["seq"] for message in await web.messages()] == list(range(1, 21))


# On a laptop ----------------------------------------------------------------------------------

CURL = "From=whatsapp:%2B1234567890&To=whatsapp:%2B14155238886&Body=Hello"
CURL_AS_DOCUMENTED = "From=whatsapp:+1234567890&To=whatsapp:+14155238886&Body=Hello"


async def test_the_curl_of_the_documentation_works_to_the_letter(open_desk: OpenDesk) -> None:
    desk = await open_desk(FRONTDESK_ALLOW_UNSIGNED="1")
    answer = await desk.post("/whatsapp/webhook", CURL_AS_DOCUMENTED.encode(), token=None)
    assert (answer.status, answer.text) == (200, TWIML)


async def test_the_curl_of_the_documentation_works_where_it_is_allowed(
    open_desk: OpenDesk,
) -> None:
    desk = await open_desk(FRONTDESK_ALLOW_UNSIGNED="1")
    for _ in range(2):
        answer = await desk.post("/whatsapp/webhook", CURL.encode(), token=None)
        assert (answer.status, answer.text) == (200, TWIML)
    await desk.settled()
    received = [m for m in await desk.messages("+1234567890") if m["sender"] == "user"]
    assert len(received) == 2, "without a MessageSid each is a message of its own"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"X-Real-IP": "203.0.113.9"},
        {"X-Twilio-Signature": "made-up"},
    ],
)
async def test_unsigned_is_never_allowed_through_a_proxy(
    open_desk: OpenDesk, headers: dict[str, str]
) -> None:
    desk = await open_desk(worker=False, FRONTDESK_ALLOW_UNSIGNED="1")
    answer = await desk.post("/whatsapp/webhook", CURL.encode(), token=None, headers=headers)
    assert answer.status == 403
    assert await stored(desk) == 0


async def test_unsigned_is_not_allowed_unless_said(web: Desk) -> None:
    assert (await web.post("/whatsapp/webhook", CURL.encode(), token=None)).status == 403


# What should not be sent ----------------------------------------------------------------------


async def test_a_body_over_the_limit_is_413(web: Desk) -> None:
    answer = await web.post("/whatsapp/webhook", message_form("x" * 1_100_000))
    assert answer.status == 413
    assert "1048576" in answer.detail


async def test_a_body_over_the_limit_in_chunks_is_413(web: Desk) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 65_536 + b"&"

    async with web.http.post(f"{web.url}/whatsapp/webhook", data=chunks()) as answer:
        assert answer.status == 413


async def test_a_long_text_is_kept_within_a_limit_that_is_noted(web: Desk) -> None:
    assert (await web.post("/whatsapp/webhook", message_form("x" * 900_000))).status == 200
    [message] = await web.messages()
    assert len(message["content"]) == 65_536
    assert message["structured"]["truncated"] == {"Body": 900_000}


async def test_nul_bytes_are_left_out(web: Desk) -> None:
    form = message_form("He\x00llo", ProfileName="A\x00da", ButtonText="\x00")
    assert (await web.post("/whatsapp/webhook", form)).status == 200
    [message] = await web.messages()
    assert message["content"] == "Hello"


async def test_a_webhook_that_comes_after_the_carriers_list_tells_who_wrote(web: Desk) -> None:
    name = "SELECT display_name FROM contacts"
    for form, known in (
        (message_form(), None),
        (message_form(ProfileName="Ada"), "Ada"),
        (message_form(ProfileName="Somebody else"), "Ada"),
    ):
        assert (await web.post("/whatsapp/webhook", form)).status == 200
        assert await web.db.fetchval(name) == known
    assert await web.count("messages") == 1


async def test_broken_utf8_is_stored_readably(open_desk: OpenDesk) -> None:
    desk = await open_desk(worker=False, FRONTDESK_ALLOW_UNSIGNED="1")
    for body in (b"\xff\xfe\xfa", b"%FF%FE", b"%ED%A0%80", b"a%00b", b"%E2%82"):
        form = CURL.encode() + body
        assert (await desk.post("/whatsapp/webhook", form, token=None)).status == 200
    contents = [message["content"] for message in await desk.messages("+1234567890")]
    assert all(text.startswith("Hello") for text in contents)
    assert "Hello\ufffd\ufffd" in contents


async def test_thousands_of_media_fields_are_refused(web: Desk) -> None:
    many = {f"MediaUrl{number}": "https://x.example" for number in range(5_000)}
    answer = await web.post("/whatsapp/webhook", message_form(**many, NumMedia="5000"))
    assert answer.status == 400
    assert "fields" in answer.detail


@pytest.mark.parametrize("count", ["-1", "1e9", "99999999999999999999", "x", "", "0x10", "1.5"])
async def test_a_count_of_media_that_is_no_number_breaks_nothing(web: Desk, count: str) -> None:
    answer = await web.post("/whatsapp/webhook", message_form(NumMedia=count))
    assert answer.status == 200


async def test_deep_json_in_a_field_is_kept_as_text(web: Desk) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    form = message_form(InteractiveData=deep, ChannelMetadata=deep, FlowData=deep)
    assert (await web.post("/whatsapp/webhook", form)).status == 200
    assert await web.count("messages") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("From", "whatsapp:"),
        ("From", "whatsapp:+"),
        ("From", "'; DROP TABLE messages; --"),
        ("From", "whatsapp:+" + "1" * 400),
        ("To", "whatsapp:+1\x004155238886"),
        ("MessageSid", "S" * 5_000),
        ("From", "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace")),
    ],
)
async def test_odd_fields_are_refused_with_a_reason(web: Desk, field: str, value: str) -> None:
    form = message_form()
    form[field] = value
    answer = await web.post("/whatsapp/webhook", form)
    assert answer.status in (200, 400, 404)
    if answer.status != 200:
        assert answer.detail
        assert await stored(web) == 0


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]
)
async def test_other_content_types_are_refused_with_a_reason(web: Desk, content_type: str) -> None:
    async with web.http.post(
        f"{web.url}/whatsapp/webhook",
        data=b'{"From": "whatsapp:+1"}',
        headers={"Content-Type": content_type},
    ) as answer:
        assert answer.status == 400
        assert (await answer.json())["detail"]


async def test_a_sender_that_hangs_up_leaves_nothing_behind(web: Desk) -> None:
    port = int(web.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /whatsapp/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nFrom=whatsapp"
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await web.post("/whatsapp/webhook", message_form())).status == 200
    assert await web.count("receipts") == 1


async def test_a_get_of_a_webhook_is_no_message(web: Desk) -> None:
    answer = await web.call("GET", "/whatsapp/webhook")
    assert answer.status in (404, 405)
    assert answer.detail


# Statuses -------------------------------------------------------------------------------------


async def test_a_status_of_a_message_that_is_not_known_is_parked(web: Desk) -> None:
    answer = await web.post("/whatsapp/status", status_form("delivered", "SM" + "9" * 32))
    assert answer.status == 200
    assert await web.count("parked_statuses") == 1


async def test_a_status_must_be_signed_too(web: Desk) -> None:
    form = status_form("delivered", "SM" + "9" * 32)
    assert (await web.post("/whatsapp/status", form, token="wrong")).status == 403
    assert await web.count("parked_statuses") == 0


async def test_a_made_up_message_id_changes_nothing_of_another_domain(desk: Desk) -> None:
    await desk.write("Hello")
    await desk.replies(1)
    victim = (await desk.messages())[1]
    await desk.db.execute("UPDATE messages SET status = 'sent', status_rank = 3 WHERE seq = 2")
    rival = await desk.app.domains.create("rival", "Rival", None)
    await desk.app.channels.save_metadata(
        rival.domain_id,
        {
            "twilio_whatsapp_number": "+14155550999",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": "rivals-token",
        },
    )
    path = f"/whatsapp/status?message_id={victim['message_id']}"
    form = status_form("failed", victim["carrier_id"], from_="whatsapp:+14155550999")
    answer = await desk.post(path, form, token="rivals-token")
    assert answer.status == 200
    assert (await desk.messages())[1]["status"] == "sent"


async def test_the_health_of_the_door_is_shown(web: Desk) -> None:
    answer = await web.call("GET", "/whatsapp/health", token=None)
    assert answer.status == 200
    assert answer.json == {
        "status": "healthy",
        "twilio_configured": True,
        "environment_vars": {
            "TWILIO_ACCOUNT_SID": True,
            "TWILIO_AUTH_TOKEN": True,
            "TWILIO_WHATSAPP_NUMBER": True,
            "GOOGLE_CLOUD_PROJECT": False,
        },
        "database": "ok",
        "queue": {"backlog": 0, "oldest_seconds": 0.0},
        "media_store": "ok",
        "version": answer.json["version"],
    }


async def test_refusals_are_counted(web: Desk) -> None:
    await web.post("/whatsapp/webhook", message_form(), token="wrong")
    answer = await web.call("GET", "/metrics", token=None)
    assert 'frontdesk_webhooks_total{carrier="twilio",outcome="403"}' in answer.text


async def test_form_values_of_any_shape_verify_as_twilios_own_code_signs_them(web: Desk) -> None:
    form = message_form(
        "50% of 1+1 = 2 & more\n\u00e9\U0001f600", ProfileName=" Ada  L ", Empty="", Sp_ace="a b"
    )
    assert (await web.post("/whatsapp/webhook", form)).status == 200
    assert (await web.messages())[0]["content"] == form["Body"]
    form["MessageSid"] = "SM" + "3" * 32
    sent = urlencode(form).encode()
    answer = await web.post("/whatsapp/webhook", sent, signed_form=form)
    assert answer.status == 200


async def test_the_database_being_away_is_503_and_asks_to_come_again(web: Desk) -> None:
    await web.app.database.pool.close()
    answer = await web.post("/whatsapp/webhook", message_form())
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert (await web.call("GET", "/whatsapp/health", token=None)).status == 503
    assert (await web.call("GET", "/api/v1/domains")).status == 503
