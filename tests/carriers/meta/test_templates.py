"""Meta's templates: how they are read, handed in, and taken away."""

from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import orjson
import pytest

from carriers.meta.wire import PHONE_ID, WABA, Wire, answer, channel, listening
from frontdesk.carriers.meta import Meta, components
from frontdesk.kernel.templates import CarrierTemplate
from frontdesk.ports import SendError

ROOT = f"/v23.0/{WABA}/message_templates"


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    async with listening() as one:
        yield one


@pytest.fixture
async def meta() -> AsyncGenerator[Meta]:
    async with aiohttp.ClientSession() as http:
        yield Meta(http)


def row(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "594425479261596",
        "name": "order_update",
        "language": "es",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": list(parts) or [{"type": "BODY", "text": "Hola"}],
    } | fields


def read(*parts: dict[str, Any], **fields: Any) -> CarrierTemplate:
    found = components.read(row(*parts, **fields))
    assert found is not None
    return found


def draft(**fields: Any) -> CarrierTemplate:
    known: dict[str, Any] = {
        "carrier_id": "",
        "name": "order_update",
        "language": "es",
        "category": "utility",
        "status": "draft",
        "body": "Hola {{1}}, tu pedido {{2}}.",
        "variables": [{"name": "1", "sample": "Ana"}, {"name": "2", "sample": "A7"}],
    }
    return CarrierTemplate(**{**known, **fields})


def test_a_template_is_read_with_a_name_for_each_variable() -> None:
    found = read(
        {
            "type": "HEADER",
            "format": "TEXT",
            "text": "Para {{1}}",
            "example": {"header_text": ["Ana"]},
        },
        {
            "type": "BODY",
            "text": "Pedido {{1}} el {{2}}",
            "example": {"body_text": [["A7", "lunes"]]},
        },
        {"type": "FOOTER", "text": "Gracias"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Vale"},
                {
                    "type": "URL",
                    "text": "Ver",
                    "url": "https://shop.example/{{1}}",
                    "example": ["https://shop.example/7"],
                },
                {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+34911234567"},
            ],
        },
    )
    assert (found.carrier_id, found.status, found.category) == (
        "594425479261596",
        "approved",
        "utility",
    )
    assert found.header == {"kind": "text", "text": "Para {{Header_1}}"}
    assert (found.body, found.footer) == ("Pedido {{1}} el {{2}}", "Gracias")
    assert found.buttons == [
        {"kind": "reply", "text": "Vale"},
        {"kind": "url", "text": "Ver", "url": "https://shop.example/{{Button1_1}}"},
        {"kind": "phone", "text": "Llamar", "phone": "+34911234567"},
    ]
    assert {each["name"]: each["sample"] for each in found.variables} == {
        "Header_1": "Ana",
        "1": "A7",
        "2": "lunes",
        "Button1_1": "7",
    }


def test_named_variables_keep_their_names() -> None:
    example = {"body_text_named_params": [{"param_name": "name", "example": "Ana"}]}
    found = read(
        {"type": "BODY", "text": "Hola {{name}}", "example": example}, parameter_format="NAMED"
    )
    assert found.variables == [{"name": "name", "sample": "Ana"}]


def test_a_header_of_a_file_shows_its_sample() -> None:
    example = {"header_handle": ["https://scontent.whatsapp.net/v/a.jpg"]}
    found = read({"type": "HEADER", "format": "IMAGE", "example": example})
    assert found.header == {"kind": "image", "url": "https://scontent.whatsapp.net/v/a.jpg"}


@pytest.mark.parametrize(
    ("said", "reason", "status", "told"),
    [
        ("PENDING", "NONE", "pending", None),
        ("REJECTED", "TAG_CONTENT_MISMATCH", "rejected", "does not fit its category"),
        ("REJECTED", "SOMETHING_NEW", "rejected", "SOMETHING_NEW"),
        ("PAUSED", None, "paused", None),
        ("DISABLED", None, "disabled", None),
        ("HAUNTED", None, "disabled", "HAUNTED"),
    ],
)
def test_how_it_is_comes_with_a_reason(
    said: str, reason: str | None, status: str, told: str | None
) -> None:
    found = read(status=said, rejected_reason=reason)
    assert found.status == status
    assert (told or "") in (found.status_reason or "")
    assert (found.status_reason is None) == (told is None)


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "CAROUSEL", "cards": []},
        {"type": "HEADER", "format": "LOCATION"},
        {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}]},
    ],
)
def test_what_cannot_be_sent_from_here_is_shown_as_disabled(odd: dict[str, Any]) -> None:
    found = read({"type": "BODY", "text": "Hola"}, odd)
    assert found.status == "disabled"
    assert "cannot be sent from here" in (found.status_reason or "")


@pytest.mark.parametrize("odd", [{}, {"id": "x", "name": "y"}, {"id": "1"}, {"id": 1, "name": "y"}])
def test_what_is_no_template_is_passed_over(odd: dict[str, Any]) -> None:
    assert components.read(odd) is None


def test_each_component_counts_its_variables_from_one() -> None:
    body = components.write(
        draft(
            header={"kind": "text", "text": "Hola {{1}}"},
            body="Pedido {{2}} el {{3}}, {{2}}.",
            variables=[{"name": name, "sample": f"s{name}"} for name in "123"],
            buttons=[{"kind": "url", "text": "Ver", "url": "https://shop.example/{{2}}"}],
        )
    )
    assert body["parameter_format"] == "POSITIONAL"
    header, text, buttons = body["components"]
    assert (header["text"], header["example"]) == ("Hola {{1}}", {"header_text": ["s1"]})
    assert text["text"] == "Pedido {{1}} el {{2}}, {{1}}."
    assert text["example"] == {"body_text": [["s2", "s3"]]}
    assert buttons["buttons"] == [
        {
            "type": "URL",
            "text": "Ver",
            "url": "https://shop.example/{{1}}",
            "example": ["https://shop.example/s2"],
        }
    ]


def test_names_that_meta_takes_are_handed_in_as_names() -> None:
    body = components.write(
        draft(body="Hola {{name}}", variables=[{"name": "name", "sample": "Ana"}])
    )
    assert body["parameter_format"] == "NAMED"
    [text] = body["components"]
    assert text["example"] == {"body_text_named_params": [{"param_name": "name", "example": "Ana"}]}
    assert (body["name"], body["language"], body["category"]) == ("order_update", "es", "UTILITY")


async def test_all_pages_are_read_from_the_channels_own_host(meta: Meta, wire: Wire) -> None:
    elsewhere = "https://evil.example/v23.0/next"
    paging = {"cursors": {"before": "a", "after": "b=="}, "next": elsewhere}
    wire.answers.append(answer(200, {"data": [row(), 7], "paging": paging}))
    last = {"cursors": {"before": "b", "after": "c"}}
    wire.answers.append(answer(200, {"data": [row(id="2", name="other")], "paging": last}))
    found = await meta.templates(channel(wire.url))
    assert [each.name for each in found] == ["order_update", "other"]
    first, second = (urlsplit(call.target) for call in wire.calls)
    assert first.path == second.path == ROOT
    assert parse_qs(second.query)["after"] == ["b=="]
    assert parse_qs(first.query)["limit"] == ["100"]


async def test_a_cursor_that_leads_to_itself_ends(meta: Meta, wire: Wire) -> None:
    page = {"data": [row()], "paging": {"cursors": {"after": "b"}, "next": "https://x"}}
    wire.answers += [answer(200, page)] * 3
    await meta.templates(channel(wire.url))
    assert len(wire.calls) == 2


async def test_a_template_is_handed_in(meta: Meta, wire: Wire) -> None:
    wire.answers.append(answer(200, {"id": "77", "status": "PENDING", "category": "UTILITY"}))
    assert await meta.submit_template(draft(), channel(wire.url)) == ("77", "pending")
    [call] = wire.calls
    assert (call.method, call.target) == ("POST", ROOT)
    assert orjson.loads(call.body)["name"] == "order_update"


async def test_what_meta_says_of_a_bad_one_is_told(meta: Meta, wire: Wire) -> None:
    error = {"code": 100, "message": "Invalid parameter", "error_user_msg": "Too many variables"}
    wire.answers.append(answer(400, {"error": error}))
    with pytest.raises(SendError) as caught:
        await meta.submit_template(draft(), channel(wire.url))
    assert caught.value.remedy == "give_up"
    assert "Too many variables" in caught.value.text


async def test_a_header_of_a_file_is_made_at_meta(meta: Meta) -> None:
    header = {"kind": "image", "url": "https://desk.example/a.jpg"}
    with pytest.raises(SendError) as caught:
        await meta.submit_template(draft(header=header), channel())
    assert "WhatsApp Manager" in caught.value.text


async def test_one_language_of_a_name_is_deleted(meta: Meta, wire: Wire) -> None:
    wire.answers.append(answer(200, {"id": "77", "name": "order_update"}))
    wire.answers.append(answer(200, {"success": True}))
    await meta.delete_template("77", channel(wire.url))
    call = wire.calls[1]
    assert call.method == "DELETE"
    assert parse_qs(urlsplit(call.target).query) == {"hsm_id": ["77"], "name": ["order_update"]}


async def test_one_that_is_gone_is_no_error(meta: Meta, wire: Wire) -> None:
    error = {"code": 100, "error_subcode": 33, "message": "does not exist"}
    wire.answers.append(answer(400, {"error": error}))
    await meta.delete_template("77", channel(wire.url))
    wire.answers.append(answer(400, {"error": {"code": 100, "message": "name is missing"}}))
    with pytest.raises(SendError):
        await meta.delete_template("77", channel(wire.url))


async def test_without_an_account_the_channel_is_told_so(meta: Meta) -> None:
    with pytest.raises(SendError) as caught:
        await meta.templates(channel(business_account_id=""))
    assert "business account ID" in caught.value.text


# The number behind the channel


async def test_the_number_is_asked_for_by_its_id(meta: Meta, wire: Wire) -> None:
    shown = {"id": PHONE_ID, "display_phone_number": "+1 555-078-3881", "verified_name": "Shop"}
    wire.answers.append(answer(200, shown))
    await meta.check(channel(wire.url))
    assert wire.calls[0].target.startswith(f"/v23.0/{PHONE_ID}?fields=")


async def test_the_id_of_another_number_is_found_out(meta: Meta, wire: Wire) -> None:
    wire.answers.append(answer(200, {"display_phone_number": "+1 555-078-0000"}))
    with pytest.raises(SendError) as caught:
        await meta.check(channel(wire.url))
    assert caught.value.remedy == "stop_channel"
    assert "+15550780000" in caught.value.text
