"""What Meta's Graph API is asked for a message, and what each of its answers comes to."""

import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import pytest

from carriers.meta.wire import (
    CUSTOMER,
    PHONE_ID,
    TOKEN,
    WAMID,
    Wire,
    answer,
    channel,
    listening,
)
from frontdesk.carriers.meta import Meta, errors
from frontdesk.carriers.meta.api import ANSWER_LIMIT
from frontdesk.carriers.meta.capabilities import CAPABILITIES
from frontdesk.kernel.templates import TemplateUse
from frontdesk.ports import Channel, Enclosed, Outbound, SendError, Sent, Status

NOW = datetime(2026, 8, 24, 5, 2, tzinfo=UTC)
OURS = UUID("0198f000-0000-7000-8000-000000000001")
TEXT = Outbound(OURS, CUSTOMER, "Your table is ready")
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "16505551234", "wa_id": "16505551234"}],
    "messages": [{"id": WAMID, "message_status": "accepted"}],
}
USER = "US.13491208655302741918"
PUBLIC = "https://desk.example/media/1/menu"


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    async with listening() as one:
        yield one


@pytest.fixture
async def meta() -> AsyncGenerator[Meta]:
    async with aiohttp.ClientSession() as http:
        yield Meta(http, clock=lambda: NOW)


async def sent(meta: Meta, wire: Wire, message: Outbound) -> dict[str, Any]:
    """What Meta was asked for."""
    wire.answers.append(answer(200, ACCEPTED))
    assert await meta.send(message, channel(wire.url)) == Sent(WAMID, Status.QUEUED)
    return orjson.loads(wire.calls[-1].body)


async def failed(meta: Meta, on: Channel, message: Outbound = TEXT) -> SendError:
    with pytest.raises(SendError) as caught:
        await meta.send(message, on)
    assert TOKEN not in f"{caught.value}{caught.value.text}"
    return caught.value


def refusal(code: int, status: int = 400, **fields: Any) -> bytes:
    error = {"message": f"(#{code}) Words", "type": "OAuthException", "code": code, **fields}
    return answer(status, {"error": error})


async def test_a_text_goes_to_the_number_with_our_id(meta: Meta, wire: Wire) -> None:
    assert await sent(meta, wire, TEXT) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "16505551234",
        "type": "text",
        "text": {"body": "Your table is ready", "preview_url": True},
        "biz_opaque_callback_data": str(OURS),
    }
    [call] = wire.calls
    assert (call.method, call.target) == ("POST", f"/v23.0/{PHONE_ID}/messages")
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.headers["content-type"] == "application/json"


async def test_a_customer_without_a_number_is_a_recipient(meta: Meta, wire: Wire) -> None:
    body = await sent(meta, wire, replace(TEXT, to=USER))
    assert body["recipient"] == USER
    assert "to" not in body


async def test_an_answer_quotes_what_it_answers(meta: Meta, wire: Wire) -> None:
    body = await sent(meta, wire, replace(TEXT, reply_to="wamid.1"))
    assert body["context"] == {"message_id": "wamid.1"}


@pytest.mark.parametrize(
    ("file", "text", "comes_to"),
    [
        (Enclosed("image", "a.jpg"), "Look", {"link": PUBLIC, "caption": "Look"}),
        (Enclosed("audio", "a.ogg"), "", {"link": PUBLIC}),
        (Enclosed("video"), "", {"link": PUBLIC}),
        (Enclosed("sticker", "a.webp"), "", {"link": PUBLIC}),
        (
            Enclosed("document", "Menü.pdf"),
            "May",
            {"link": PUBLIC, "caption": "May", "filename": "Menü.pdf"},
        ),
    ],
)
async def test_a_file_goes_as_what_it_is(
    meta: Meta, wire: Wire, file: Enclosed, text: str, comes_to: dict[str, str]
) -> None:
    body = await sent(meta, wire, replace(TEXT, text=text, media_urls=[PUBLIC], media=[file]))
    assert body["type"] == file.kind
    assert body[file.kind] == comes_to
    assert "text" not in body


@pytest.mark.parametrize(
    ("url", "kind"),
    [("menu.jpg?sig=1", "image"), ("a.ogg", "audio"), ("b.mp4", "video"), ("0199", "document")],
)
async def test_a_file_of_which_nothing_is_known_goes_by_its_address(
    meta: Meta, wire: Wire, url: str, kind: str
) -> None:
    file = replace(TEXT, text="", media_urls=[f"https://desk.example/{url}"])
    assert (await sent(meta, wire, file))["type"] == kind


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.7", "[::1]"])
async def test_meta_is_not_told_to_fetch_from_this_machine(meta: Meta, host: str) -> None:
    url = f"http://{host}:1956/media/1"
    error = await failed(meta, channel(), replace(TEXT, text="", media_urls=[url]))
    assert (error.remedy, error.code) == ("give_up", "local-media")
    assert "FRONTDESK_PUBLIC_URL" in error.text


@pytest.mark.parametrize(
    "message",
    [
        replace(TEXT, text=""),
        replace(TEXT, media_urls=[PUBLIC, PUBLIC]),
        replace(TEXT, media_urls=[PUBLIC], media=[Enclosed("audio")]),
    ],
)
async def test_what_whatsapp_cannot_show_is_given_up(meta: Meta, message: Outbound) -> None:
    assert (await failed(meta, channel(), message)).remedy == "give_up"


# Templates


def from_template(**variables: str) -> Outbound:
    use = TemplateUse("594425479261596", "order_update", "pt_BR", "utility", variables)
    return replace(TEXT, template=use)


async def test_a_template_goes_with_its_values_in_their_places(meta: Meta, wire: Wire) -> None:
    values = {"10": "j", "2": "b", "1": "a", "Header_1": "H", "Button1_1": "x/7"}
    body = await sent(meta, wire, replace(from_template(**values), reply_to="wamid.1"))
    assert body["type"] == "template"
    assert body["template"] == {
        "name": "order_update",
        "language": {"code": "pt_BR"},
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "H"}]},
            {"type": "body", "parameters": [{"type": "text", "text": each} for each in "abj"]},
            {
                "type": "button",
                "sub_type": "url",
                "index": "1",
                "parameters": [{"type": "text", "text": "x/7"}],
            },
        ],
    }
    assert "context" not in body
    assert "text" not in body


async def test_values_with_names_go_under_them(meta: Meta, wire: Wire) -> None:
    body = await sent(meta, wire, from_template(first_name="Ana", Header_shop="Bakery"))
    assert body["template"]["components"] == [
        {
            "type": "header",
            "parameters": [{"type": "text", "text": "Bakery", "parameter_name": "shop"}],
        },
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Ana", "parameter_name": "first_name"}],
        },
    ]


async def test_a_template_without_values_has_no_components(meta: Meta, wire: Wire) -> None:
    assert "components" not in (await sent(meta, wire, from_template()))["template"]


@pytest.mark.parametrize(
    ("kind", "goes_as"), [("video", "video"), ("document", "document"), (None, "image")]
)
async def test_the_file_of_a_header_goes_by_its_address(
    meta: Meta, wire: Wire, kind: str | None, goes_as: str
) -> None:
    message = from_template()
    assert message.template is not None
    use = replace(message.template, header_media_url=PUBLIC, header_kind=kind)
    body = await sent(meta, wire, replace(message, template=use))
    [header] = body["template"]["components"]
    assert header["parameters"] == [{"type": goes_as, goes_as: {"link": PUBLIC}}]


# What the answers come to


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (refusal(131047), "give_up"),
        (refusal(131050), "stop_contact"),
        (refusal(130429, 429), "wait"),
        (refusal(80007), "wait"),
        (refusal(190, 401), "stop_channel"),
        (refusal(10, 403), "stop_channel"),
        (refusal(294, 403), "stop_channel"),
        (refusal(368), "stop_channel"),
        (refusal(100), "give_up"),
        (refusal(100, error_subcode=33), "stop_channel"),
        (refusal(132001, 404), "give_up"),
        (refusal(131016, 503), "retry"),
        (refusal(131000, 500), "ask"),
        (refusal(2, 503), "ask"),
        (refusal(987654), "give_up"),
        (answer(200, {"error": {"code": 190, "message": "x"}}), "stop_channel"),
        (answer(500, b"<html>"), "ask"),
        (answer(200, b"<html>"), "ask"),
        (answer(200, {"messages": []}), "ask"),
        (answer(200, {"messages": [{"id": 7}]}), "ask"),
        (answer(200, {"messages": [{"id": "w" * 1_000}]}), "ask"),
        (answer(200, b"[" + b" " * ANSWER_LIMIT + b"]"), "ask"),
        (answer(429, b""), "wait"),
        (answer(401, b""), "stop_channel"),
        (answer(403, b""), "stop_channel"),
        (answer(302, b"", Location="https://evil.example/"), "stop_channel"),
        (b"", "ask"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "ask"),
    ],
)
async def test_each_way_of_failing_has_its_remedy(
    meta: Meta, wire: Wire, given: bytes, remedy: str
) -> None:
    wire.answers.append(given)
    error = await failed(meta, channel(wire.url))
    assert error.remedy == remedy, error
    assert error.text


async def test_metas_own_words_are_told_where_the_table_has_none(meta: Meta, wire: Wire) -> None:
    wire.answers.append(refusal(987654, error_data={"details": "The moon is full"}))
    assert "The moon is full" in (await failed(meta, channel(wire.url))).text


async def test_one_customer_is_left_in_peace_for_as_long_as_meta_asks(
    meta: Meta, wire: Wire
) -> None:
    wire.answers.append(refusal(131056))
    assert (await failed(meta, channel(wire.url))).retry_after == errors.PAIR_SECONDS
    in_a_minute = (NOW + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    error = orjson.loads(orjson.dumps({"error": {"code": 131056}}))
    wire.answers.append(answer(429, error, Retry_After=in_a_minute))
    assert (await failed(meta, channel(wire.url))).retry_after == 60.0


async def test_silence_is_unclear(wire: Wire) -> None:
    wire.answers.append(None)
    async with aiohttp.ClientSession() as http:
        meta = Meta(http, timeout=aiohttp.ClientTimeout(total=0.2))
        assert (await failed(meta, channel(wire.url))).remedy == "ask"


async def test_a_worker_that_was_frozen_sends_nothing(meta: Meta, wire: Wire) -> None:
    late = replace(TEXT, until=time.monotonic() - 1)
    error = await failed(meta, channel(wire.url), late)
    assert (error.remedy, error.code) == ("ask", "late")
    assert wire.calls == []


@pytest.mark.parametrize(
    "on",
    [
        replace(channel("http://127.0.0.1:1"), account=""),
        replace(channel("http://127.0.0.1:1"), secret=""),
        replace(channel("http://127.0.0.1:1"), secret="a\r\nb"),
        channel("nonsense"),
    ],
)
async def test_a_channel_that_cannot_work_is_stopped(meta: Meta, on: Channel) -> None:
    assert (await failed(meta, on)).remedy == "stop_channel"


def test_every_code_has_a_text_for_people() -> None:
    assert all(code.isdigit() for code in errors.ERRORS)
    assert all(20 <= len(known.text) <= 160 for known in errors.ERRORS.values())


def test_the_limits_are_metas() -> None:
    known = CAPABILITIES["wmsg"]
    assert (known.text_limit, known.window_hours, known.askable) == (4096, 24, False)
    sizes = {kind: limit.max_bytes // 2**20 for kind, limit in known.media.items()}
    assert sizes == {"image": 5, "audio": 16, "video": 16, "document": 100, "sticker": 0}
    assert "audio/ogg" not in known.media["audio"].content_types
