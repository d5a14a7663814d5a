"""Twilio's contents as templates, and messages that are made from them."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.twilio.wire import CUSTOMER, TOKEN, Wire, answer, channel, listening, message, page
from frontdesk.carriers.twilio import Twilio, contents
from frontdesk.kernel.templates import CarrierTemplate, TemplateUse
from frontdesk.ports import Outbound, SendError

NOW = datetime(2023, 8, 24, 5, 2, tzinfo=UTC)
SID = "HX" + "1" * 32
USE = TemplateUse(SID, "order_update", "en", "utility", {"1": "Ana O'Neil", "2": "“noon”"})
MADE = Outbound(
    UUID("0198f000-0000-7000-8000-000000000001"),
    CUSTOMER,
    "Order\nHello Ana O'Neil, it is “noon”.\nBakery",
    template=USE,
)
ASKED = replace(MADE, since=NOW - timedelta(seconds=20))


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    async with listening() as one:
        yield one


@pytest.fixture
async def twilio() -> AsyncGenerator[Twilio]:
    async with aiohttp.ClientSession() as http:
        yield Twilio(http, "https://desk.example/", clock=lambda: NOW)


def content(types: object, **fields: Any) -> dict[str, Any]:
    approval = {
        "name": "order_update",
        "category": "UTILITY",
        "status": "approved",
        "rejection_reason": "",
        "content_type": "",
    }
    return {
        "sid": SID,
        "friendly_name": "ours",
        "language": "es",
        "variables": {"1": "Ana"},
        "types": types,
        "approval_requests": {**approval, **fields.pop("approval", {})},
        **fields,
    }


def shown(types: object, **fields: Any) -> CarrierTemplate:
    found = contents.read(content(types, **fields))
    assert found is not None
    return found


async def test_a_message_from_a_template_names_it_and_its_values(twilio: Twilio, wire: Wire):
    wire.answers.append(answer(201, message()))
    await twilio.send(MADE, channel(wire.url))
    form = dict(wire.calls[0].form)
    assert form["ContentSid"] == SID
    assert json.loads(form["ContentVariables"]) == USE.variables
    assert "Body" not in form
    assert "StatusCallback" in form


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Order\nHello Ana O'Neil, it is “noon”.\nBakery", True),
        ("Hello Ana O'Neil, it is “noon”.", True),
        ("  Hello Ana O'Neil,  it is “noon”. ", True),
        ("", True),
        ("Hello Ben, it is “noon”.", False),
    ],
)
async def test_a_message_that_may_have_got_through_is_known_as_twilio_rendered_it(
    twilio: Twilio, wire: Wire, body: str, found: bool
):
    row = message(body=body, sid="MM" + "1" * 32, num_media="1")
    wire.answers.append(page(row))
    sent = await twilio.find(ASKED, channel(wire.url), set())
    assert (sent is not None) is found
    wire.answers.append(page(row))
    assert await twilio.find(ASKED, channel(wire.url), {"MM" + "1" * 32}) is None


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(63016, "give_up"), (21655, "give_up"), (21656, "give_up"), (63041, "give_up")],
)
async def test_what_is_wrong_with_a_template_is_said_for_people(
    twilio: Twilio, wire: Wire, code: int, remedy: str
):
    wire.answers.append(answer(400, {"code": code, "message": "…"}))
    with pytest.raises(SendError) as refused:
        await twilio.send(MADE, channel(wire.url))
    assert (refused.value.remedy, refused.value.code) == (remedy, str(code))
    assert "template" in refused.value.text


async def test_all_pages_are_read_from_the_channels_own_host(twilio: Twilio, wire: Wire):
    elsewhere = "https://content.twilio.com/v1/ContentAndApprovals?Page=1&PageToken=x"
    wire.answers += [
        answer(200, {"contents": [content({})], "meta": {"next_page_url": elsewhere}}),
        answer(200, {"contents": [None, {}, 1], "meta": {"next_page_url": None}}),
    ]
    found = await twilio.templates(channel(wire.url))
    assert [each.carrier_id for each in found] == [SID]
    assert [call.target for call in wire.calls] == [
        "/v1/ContentAndApprovals?PageSize=100",
        "/v1/ContentAndApprovals?Page=1&PageToken=x",
    ]


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (answer(200, {"contents": None}), "retry"),
        (answer(200, b"{"), "retry"),
        (answer(503, b"<html>"), "retry"),
        (answer(429, b""), "wait"),
        (answer(401, {"code": 20003}), "stop_channel"),
    ],
)
async def test_a_list_that_cannot_be_had_is_an_error(
    twilio: Twilio, wire: Wire, given: bytes, remedy: str
):
    wire.answers.append(given)
    with pytest.raises(SendError) as failed:
        await twilio.templates(channel(wire.url))
    assert failed.value.remedy == remedy
    assert TOKEN not in str(failed.value)


def test_each_type_of_content_is_a_template():
    replies = {"body": "Hola {{1}}", "actions": [{"type": "QUICK_REPLY", "title": "Sí", "id": "y"}]}
    assert shown({"twilio/quick-reply": replies, "twilio/text": {"body": "plain"}}) == (
        CarrierTemplate(
            carrier_id=SID,
            name="order_update",
            language="es",
            category="utility",
            status="approved",
            body="Hola {{1}}",
            buttons=[{"kind": "reply", "text": "Sí"}],
            variables=[{"name": "1", "sample": "Ana"}],
        )
    )
    actions = [
        {"type": "URL", "title": "Ver", "url": "https://shop.example/{{2}}"},
        {"type": "PHONE_NUMBER", "title": "Llamar", "phone": "+34600000000"},
    ]
    call = shown({"twilio/call-to-action": {"body": "Hola {{1}}", "actions": actions}})
    assert [each["kind"] for each in call.buttons] == ["url", "phone"]
    assert [each["name"] for each in call.variables] == ["1", "2"]
    media = shown({"twilio/media": {"body": "Hola", "media": ["https://x.example/a.mp4"]}})
    assert media.header == {"kind": "video", "url": "https://x.example/a.mp4"}
    card = shown({"twilio/card": {"title": "Hola", "subtitle": "Pie", "media": None}})
    assert (card.body, card.footer, card.header) == ("Hola", "Pie", None)
    whole = shown({"whatsapp/card": {"body": "Hola", "footer": "Pie", "header_text": "Pedido"}})
    assert (whole.header, whole.footer) == ({"kind": "text", "text": "Pedido"}, "Pie")


def test_the_type_that_whatsapp_approved_is_the_one_that_counts():
    types = {"twilio/quick-reply": {"body": "rich"}, "twilio/text": {"body": "plain"}}
    assert shown(types, approval={"content_type": "twilio/text"}).body == "plain"


@pytest.mark.parametrize(
    "types",
    [
        {"twilio/carousel": {"body": "?", "cards": []}},
        {"twilio/card": {"title": "Code", "actions": [{"type": "COPY_CODE", "code": "1"}]}},
        {},
        None,
    ],
)
def test_what_cannot_be_sent_from_here_is_listed_as_disabled_with_a_reason(types: object):
    found = shown(types)
    assert (found.status, found.body) == ("disabled", "")
    assert found.status_reason


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("unsubmitted", "draft"),
        ("received", "pending"),
        ("PENDING", "pending"),
        ("approved", "approved"),
        ("rejected", "rejected"),
        ("paused", "paused"),
        ("disabled", "disabled"),
        ("something_new", "disabled"),
    ],
)
def test_each_status_of_whatsapp_is_one_of_ours(said: str, status: str):
    approval = {"status": said, "rejection_reason": "why"}
    found = shown({"twilio/text": {"body": "Hi"}}, approval=approval)
    assert (found.status, found.status_reason) == (status, "why")


def test_one_that_was_not_handed_in_is_a_draft_under_its_own_name():
    found = shown({"twilio/text": {"body": "Hi"}}, approval_requests={"status": "unsubmitted"})
    assert (found.status, found.name, found.category) == ("draft", "ours", "utility")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["sid", "types", "twilio/text", "whatsapp/card", "body", "actions", "type",
                         "title", "media", "approval_requests", "status", "variables", "url"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON, JSON)
def test_whatever_is_listed_is_a_template_or_nothing(
    types: object, approval: object, other: object
):
    contents.read(other)
    found = contents.read({"sid": SID, "types": types, "approval_requests": approval})
    assert found is not None
    assert "\0" not in str(orjson.dumps([found.name, found.body, found.footer]))


CARD = CarrierTemplate(
    carrier_id="",
    name="order_update",
    language="es",
    category="marketing",
    status="draft",
    body="Hola {{1}}",
    buttons=[],
    variables=[{"name": "1", "sample": "Ana"}],
)
IMAGE = {"kind": "image", "url": "https://x.example/a.jpg"}
REPLY = {"kind": "reply", "text": "Sí"}
PHONE = {"kind": "phone", "text": "Llamar", "phone": "+34600000000"}


@pytest.mark.parametrize(
    ("template", "named"),
    [
        (CARD, "twilio/text"),
        (replace(CARD, header=IMAGE), "twilio/media"),
        (replace(CARD, buttons=[REPLY]), "twilio/quick-reply"),
        (replace(CARD, buttons=[PHONE]), "twilio/call-to-action"),
        (replace(CARD, buttons=[PHONE, REPLY]), "whatsapp/card"),
        (replace(CARD, buttons=[REPLY], header=IMAGE), "whatsapp/card"),
        (replace(CARD, footer="Pie"), "whatsapp/card"),
        (replace(CARD, header={"kind": "text", "text": "Pedido"}), "whatsapp/card"),
    ],
)
def test_a_template_is_written_in_the_plainest_type_and_read_as_it_was(
    template: CarrierTemplate, named: str
):
    written = contents.write(template)
    assert list(written["types"]) == [named]
    approval = {"name": template.name, "category": "MARKETING", "status": "unsubmitted"}
    read = contents.read({**written, "sid": SID, "approval_requests": approval})
    assert read == replace(template, carrier_id=SID)


async def test_a_template_is_made_and_handed_in(twilio: Twilio, wire: Wire):
    wire.answers += [answer(201, {"sid": SID}), answer(201, {"status": "received"})]
    assert await twilio.submit_template(CARD, channel(wire.url)) == (SID, "pending")
    made, handed_in = wire.calls
    assert made.headers["content-type"] == "application/json"
    assert orjson.loads(made.body)["variables"] == {"1": "Ana"}
    assert handed_in.target == f"/v1/Content/{SID}/ApprovalRequests/whatsapp"
    assert orjson.loads(handed_in.body) == {"name": "order_update", "category": "MARKETING"}


async def test_what_is_not_taken_for_approval_is_deleted_again(twilio: Twilio, wire: Wire):
    refused = answer(400, {"code": 20001, "message": "name is taken"})
    wire.answers += [answer(201, {"sid": SID}), refused, answer(204, b"")]
    with pytest.raises(SendError) as caught:
        await twilio.submit_template(CARD, channel(wire.url))
    assert "name is taken" in caught.value.text
    assert [call.method for call in wire.calls] == ["POST", "POST", "DELETE"]


async def test_deleting_what_is_gone_is_no_error(twilio: Twilio, wire: Wire):
    wire.answers += [answer(204, b""), answer(404, {"code": 20404}), answer(500, b"")]
    for _ in range(2):
        await twilio.delete_template(SID, channel(wire.url))
    with pytest.raises(SendError):
        await twilio.delete_template(SID, channel(wire.url))
