"""What each of Meta's webhooks comes to, odd ones included."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carriers.meta.wire import (
    BUSINESS,
    CONTACT,
    CUSTOMER,
    PHONE_ID,
    WAMID,
    message,
    status,
    told,
    value,
    webhook,
)
from frontdesk.carriers.meta.webhook import MOST_EVENTS, parse
from frontdesk.ports import Event, Inbound, Refused, Status, StatusUpdate

USER = "US.13491208655302741918"
OURS = UUID("0198f000-0000-7000-8000-000000000001")


def inbound(body: bytes) -> Inbound:
    [event] = parse(body)
    assert isinstance(event, Inbound)
    return event


def update(**fields: Any) -> StatusUpdate:
    [event] = parse(webhook(value(statuses=[status(**fields)])))
    assert isinstance(event, StatusUpdate)
    return event


def test_a_text_says_who_wrote_what_to_which_number() -> None:
    found = inbound(told(message()))
    assert (found.kind, found.text) == ("text", "Hello")
    assert (found.carrier_address, found.channel_address) == (PHONE_ID, BUSINESS)
    assert (found.contact_address, found.profile_name) == (CUSTOMER, "Ana")
    assert found.carrier_id == WAMID
    assert found.sent_at == datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC)
    assert found.receipt == b"", "the request itself is its receipt"


@pytest.mark.parametrize("shown", ["15550783881", "+1 555-078-3881", "(1) 555 078-3881"])
def test_the_number_is_read_however_meta_writes_it(shown: str) -> None:
    metadata = {"display_phone_number": shown, "phone_number_id": PHONE_ID}
    body = webhook(value(messages=[message()]) | {"metadata": metadata})
    assert inbound(body).channel_address == BUSINESS


def test_a_customer_without_a_number_is_known_by_the_user_id() -> None:
    sent = message(from_user_id=USER)
    del sent["from"]
    contact = {"profile": {"name": "Ana", "username": "@ana"}, "user_id": USER}
    found = inbound(told(sent, contacts=[contact]))
    assert (found.contact_address, found.external_user_id) == (USER, USER)
    assert found.profile_name == "Ana"


def test_a_customer_with_both_is_known_by_the_number() -> None:
    found = inbound(told(message(from_user_id=USER), contacts=[{**CONTACT, "user_id": USER}]))
    assert (found.contact_address, found.external_user_id) == (CUSTOMER, USER)


def test_each_message_of_a_batch_has_its_own_sender_number_and_receipt() -> None:
    bob = {"profile": {"name": "Bob"}, "wa_id": "4915112345678"}
    body = webhook(
        value(
            contacts=[CONTACT, bob],
            messages=[message(id="wamid.1"), {**message(id="wamid.2"), "from": bob["wa_id"]}],
        ),
        value(phone_number_id="200000000000001", messages=[message(id="wamid.3")]),
        value(statuses=[status(id="wamid.4")]),
    )
    events = parse(body)
    assert [event.carrier_id for event in events] == ["wamid.1", "wamid.2", "wamid.3", "wamid.4"]
    assert [event.carrier_address for event in events[1:3]] == [PHONE_ID, "200000000000001"]
    ana, second = events[:2]
    assert isinstance(ana, Inbound)
    assert isinstance(second, Inbound)
    assert (ana.profile_name, second.profile_name) == ("Ana", "Bob")
    assert b"wamid.1" not in second.receipt
    again = inbound(second.receipt)
    assert (again.carrier_id, again.contact_address, again.profile_name) == (
        "wamid.2",
        "+4915112345678",
        "Bob",
    )


MEDIA = {"id": "1003383421387256", "mime_type": "image/jpeg", "sha256": "x"}


@pytest.mark.parametrize(
    ("kind", "content", "kept"),
    [
        ("image", {**MEDIA, "caption": "Look"}, "image"),
        ("audio", {**MEDIA, "mime_type": "audio/ogg; codecs=opus", "voice": True}, "audio"),
        ("video", {**MEDIA, "mime_type": "video/mp4"}, "video"),
        ("sticker", {**MEDIA, "mime_type": "image/webp", "animated": False}, "sticker"),
    ],
)
def test_a_file_is_kept_by_its_id(kind: str, content: dict[str, Any], kept: str) -> None:
    found = inbound(told(message(kind, content)))
    assert (found.kind, found.text) == (kept, content.get("caption", ""))
    assert found.content["media"] == [
        {"url": "1003383421387256", "content_type": content["mime_type"]}
    ]


def test_a_document_keeps_its_name() -> None:
    content = {**MEDIA, "mime_type": "application/pdf", "filename": "Menü/Mai.pdf"}
    [item] = inbound(told(message("document", content))).content["media"]
    assert item["filename"] == "Menü/Mai.pdf"
    assert item["url"] == "1003383421387256/Men%C3%BC%2FMai.pdf"


@pytest.mark.parametrize("media_id", ["", "../me", "https://evil.example/x", 7, None])
def test_a_file_whose_id_is_none_is_not_fetched(media_id: object) -> None:
    found = inbound(told(message("image", {**MEDIA, "id": media_id})))
    assert found.kind == "unsupported"
    assert "media" not in found.content


def test_a_button_and_a_choice_from_a_list_are_what_the_customer_tapped() -> None:
    button = inbound(told(message("button", {"text": "Yes", "payload": "yes-1"})))
    assert (button.kind, button.text) == ("button", "Yes")
    assert button.content["button"] == {"text": "Yes", "payload": "yes-1"}
    reply = {"type": "button_reply", "button_reply": {"id": "b1", "title": "No"}}
    tapped = inbound(told(message("interactive", reply)))
    assert (tapped.kind, tapped.text) == ("button", "No")
    assert tapped.content["button"] == {"text": "No", "payload": "b1"}
    row = {"id": "r1", "title": "Today", "description": "8 pm"}
    chosen = inbound(told(message("interactive", {"type": "list_reply", "list_reply": row})))
    assert (chosen.kind, chosen.text, chosen.content["list_reply"]) == ("list_reply", "Today", row)


@pytest.mark.parametrize(
    ("answer", "kept"), [('{"size": "L"}', {"size": "L"}), ("{broken", "{broken"), ("", "")]
)
def test_what_a_customer_filled_in_is_kept_also_when_it_is_broken(answer: str, kept: Any) -> None:
    reply = {"name": "flow", "body": "Sent", "response_json": answer}
    found = inbound(told(message("interactive", {"type": "nfm_reply", "nfm_reply": reply})))
    assert (found.kind, found.text) == ("text", "Sent")
    assert found.content["interactive"] == {"name": "flow", "response": kept}


def test_a_place_and_a_card_are_kept() -> None:
    place = {"latitude": 37.48, "longitude": -122.14, "name": "Office", "address": "1 Way"}
    found = inbound(told(message("location", place)))
    assert found.kind == "location"
    assert found.content["location"] == {
        "latitude": 37.48,
        "longitude": -122.14,
        "label": "Office",
        "address": "1 Way",
    }
    card = {"name": {"formatted_name": "Bob B."}, "phones": [{"phone": "+1 555"}]}
    found = inbound(told(message("contacts", [card])))
    assert (found.kind, found.text, found.content["contacts"]) == ("contacts", "Bob B.", [card])


@pytest.mark.parametrize("emoji", [{"emoji": "👍"}, {"emoji": ""}, {}])
def test_a_reaction_names_its_message_and_an_empty_one_takes_it_back(emoji: Any) -> None:
    found = inbound(told(message("reaction", {"message_id": "wamid.1", **emoji})))
    assert (found.kind, found.reply_to) == ("reaction", "wamid.1")
    assert found.content["reaction"] == {"emoji": emoji.get("emoji", "")}


def test_what_a_message_answers_and_where_it_comes_from_is_kept() -> None:
    context = {"from": "15550783881", "id": "wamid.9", "frequently_forwarded": True}
    referral = {"source_url": "https://fb.me/x", "headline": "Offer", "ctwa_clid": "c", "no": 1}
    found = inbound(told(message(context=context, referral=referral)))
    assert found.reply_to == "wamid.9"
    assert found.content == {
        "reply_to_sender": BUSINESS,
        "forwarded": True,
        "frequently_forwarded": True,
        "referral": {"source_url": "https://fb.me/x", "headline": "Offer", "ctwa_clid": "c"},
    }


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("order", {"order": {"catalog_id": "1", "product_items": []}}),
        ("system", {"system": {"type": "user_changed_number", "wa_id": "16505550000"}}),
        ("edit", {"edit": {"original_message_id": "wamid.1", "message": {"text": {}}}}),
        ("revoke", {"revoke": {"original_message_id": "wamid.1"}}),
        ("unsupported", {"errors": [{"code": 131051, "title": "Message type unknown"}]}),
        ("hologram", {"hologram": {"a\0b": ["\0"]}}),
        ("text", {"text": "no object"}),
        ("image", {"image": None}),
        ("", {}),
    ],
)
def test_a_type_that_is_not_known_is_kept_as_it_came(kind: str, fields: dict[str, Any]) -> None:
    sent = {"from": "16505551234", "id": WAMID, "type": kind, **fields}
    found = inbound(told(sent))
    assert (found.kind, found.text) == ("unsupported", "")
    assert found.content["carrier_type"] == kind
    assert "\\u0000" not in orjson.dumps(found.content).decode()
    assert found.content["carrier_content"].keys() == fields.keys()


def test_what_is_written_to_a_group_is_not_answered_as_if_it_were_written_to_us() -> None:
    found = inbound(told(message(group_id="Y2FwaV9ncm91cDox")))
    assert (found.kind, found.content["carrier_type"]) == ("unsupported", "group")


@pytest.mark.parametrize("moment", ["yesterday", "", "-1", "9" * 30, None, [], "253402300800"])
def test_a_bad_time_costs_no_message(moment: object) -> None:
    assert inbound(told(message(timestamp=moment))).sent_at is None


def test_nothing_that_is_stored_has_a_nul_or_is_endless() -> None:
    found = inbound(
        told(message(content={"body": "a\0b" + "x" * 100_000}), contacts=[{"wa_id": "16505551234"}])
    )
    assert "\0" not in found.text
    assert len(found.text) == 65_536
    assert found.content["truncated"] == {"body": 100_003}
    large = inbound(told(message("order", {"note": "y" * 50_000})))
    assert "left_out" in large.content["carrier_content"]


def test_a_message_without_an_id_is_the_same_one_when_it_is_repeated() -> None:
    sent = message()
    del sent["id"]
    first, second = inbound(told(sent)), inbound(told(sent))
    assert first.carrier_id == second.carrier_id
    assert inbound(told({**sent, "timestamp": "1749416384"})).carrier_id != first.carrier_id


# Statuses


@pytest.mark.parametrize(
    ("said", "comes_to"),
    [
        ("accepted", Status.QUEUED),
        ("sent", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("read", Status.READ),
        ("played", Status.PLAYED),
        ("failed", Status.FAILED),
        ("deleted", Status.QUEUED),
        ("warning", Status.QUEUED),
    ],
)
def test_a_status_names_our_message(said: str, comes_to: Status) -> None:
    found = update(status=said, biz_opaque_callback_data=str(OURS))
    assert (found.status, found.carrier_status) == (comes_to, said)
    assert (found.carrier_id, found.message_id) == (WAMID, OURS)
    assert (found.carrier_address, found.at) == (
        PHONE_ID,
        datetime(2025, 6, 8, 20, 59, 43, tzinfo=UTC),
    )


@pytest.mark.parametrize("data", ["", "not ours", 7, None, "x" * 600])
def test_a_status_with_another_programs_data_is_known_by_metas_id(data: object) -> None:
    assert update(biz_opaque_callback_data=data).message_id is None


@pytest.mark.parametrize(
    ("code", "remedy", "words"),
    [
        (131047, "give_up", "24 hours"),
        (131050, "stop_contact", "opted out"),
        (131026, "give_up", "WhatsApp does not deliver"),
        (999999, "give_up", "what Meta said"),
    ],
)
def test_a_failure_has_a_reason_for_people(code: int, remedy: str, words: str) -> None:
    error = {"code": code, "title": "T", "error_data": {"details": "what Meta said"}}
    found = update(status="failed", errors=[error])
    assert (found.error_code, found.remedy) == (str(code), remedy)
    assert found.error is not None
    assert words in found.error


# What is no message


@pytest.mark.parametrize(
    "body",
    [
        webhook({"event": "APPROVED"}, field="message_template_status_update"),
        webhook({"message_echoes": [message()]}, field="smb_message_echoes"),
        webhook(value()),
        webhook(value(errors=[{"code": 131000, "title": "Something went wrong"}])),
        orjson.dumps({"object": "whatsapp_business_account", "entry": {}}),
        orjson.dumps({"object": "whatsapp_business_account", "entry": [{}, 7, {"changes": [1]}]}),
    ],
)
def test_what_tells_of_no_message_is_passed_over(body: bytes) -> None:
    assert parse(body) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"null", b'{"object": "page", "entry": []}', b"Body=Hello", b"\xff\xfe"],
)
def test_what_is_no_webhook_of_whatsapp_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, check=lambda error: error.status == 400):
        parse(body)


def test_a_bad_item_costs_no_other() -> None:
    nobody = {"id": "wamid.1", "type": "text", "text": {"body": "?"}}
    body = webhook(value(messages=[nobody, 7, message(id="wamid.2")], statuses=[{}, status()]))
    assert [event.carrier_id for event in parse(body)] == ["wamid.2", WAMID]


def test_a_request_of_bad_items_alone_is_refused() -> None:
    with pytest.raises(Refused):
        parse(told({"type": "text"}))


def test_a_request_of_endless_items_is_refused() -> None:
    with pytest.raises(Refused, match=str(MOST_EVENTS)):
        parse(webhook(value(statuses=[{}] * (MOST_EVENTS + 1))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.sampled_from(["", "\0", "é"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["from", "id", "timestamp", "type", "text", "image", "interactive", "context", "reaction",
     "location", "contacts", "errors", "referral", "button", "order", "group_id"]
)  # fmt: skip


@given(fields=st.dictionaries(NAMES, JSON), kind=NAMES)
@settings(max_examples=300)
def test_whatever_a_message_holds_it_is_an_event_or_passed_over(
    fields: dict[str, Any], kind: str
) -> None:
    sent = orjson.dumps({**message(), "type": kind, **fields}, default=str)
    body = told(orjson.loads(sent), message(id="wamid.good"))
    events: list[Event] = parse(body)
    assert events[-1].carrier_id == "wamid.good"
    for event in events:
        assert isinstance(event, Inbound)
        assert "\0" not in event.text
        orjson.dumps(event.content)


@given(fields=st.dictionaries(st.sampled_from([*status(), "errors"]), JSON))
def test_whatever_a_status_holds_it_is_an_event_or_passed_over(fields: dict[str, Any]) -> None:
    sent = orjson.loads(orjson.dumps({**status(), **fields}))
    events = parse(webhook(value(statuses=[sent, status(id="wamid.good")])))
    assert events[-1].carrier_id == "wamid.good"


def test_what_many_messages_share_is_bounded_in_what_is_kept_of_each() -> None:
    shared = {"display_phone_number": BUSINESS, "phone_number_id": PHONE_ID, "more": "x" * 50_000}
    messages = [message(id=f"wamid.{number}") for number in range(50)]
    body = webhook(value(messages=messages) | {"metadata": shared})
    kept = [event.receipt for event in parse(body) if isinstance(event, Inbound)]
    assert len(kept) == 50
    assert max(map(len, kept)) < 2_000
    [again] = parse(kept[7])
    assert isinstance(again, Inbound)
    assert (again.carrier_id, again.profile_name) == ("wamid.7", "Ana")
