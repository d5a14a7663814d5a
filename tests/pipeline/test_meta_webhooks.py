"""Meta's door over real HTTP: many items in one request, each routed and verified by its number."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from carriers.meta import wire
from carriers.meta.wire import APP_SECRET, CUSTOMER, PHONE_ID, TOKEN, VERIFY_TOKEN, WABA
from frontdesk.pipeline.replay import Replay
from pipeline.desk import Answer, Desk, another_domain, message_form
from pipeline.test_webhooks import stored

OpenDesk = Callable[..., Awaitable[Desk]]
PATH = "/meta/webhook"
RIVAL_ID = "200000000000001"
RIVAL_SECRET = "secret-of-the-rivals-app"
OF_META = {
    "meta_whatsapp_number": wire.BUSINESS,
    "meta_whatsapp_phone_number_id": PHONE_ID,
    "meta_whatsapp_business_account_id": WABA,
    "meta_access_token": TOKEN,
    "meta_app_secret": APP_SECRET,
    "meta_verify_token": VERIFY_TOKEN,
    # Nothing listens there.
    "meta_graph_base_url": "http://127.0.0.1:9",
}


@pytest.fixture
async def meta(web: Desk) -> Desk:
    answer = await web.call("PUT", "/api/v1/domains/default/metadata", json=OF_META)
    assert answer.status == 200, answer.text
    return web


async def rival(desk: Desk) -> UUID:
    """Another domain with a number of its own, of another app."""
    domain_id, token = await another_domain(desk)
    body = OF_META | {
        "meta_whatsapp_number": "+15550783899",
        "meta_whatsapp_phone_number_id": RIVAL_ID,
        "meta_app_secret": RIVAL_SECRET,
        "meta_verify_token": "the-rivals",
    }
    answer = await desk.call("PUT", "/api/v1/domains/rival/metadata", token, json=body)
    assert answer.status == 200, answer.text
    return domain_id


async def tell(desk: Desk, body: bytes, secret: str | None = APP_SECRET, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json", **headers}
    if secret is not None:
        sent |= wire.signature(body, secret)
    return await desk.call("POST", PATH, None, data=BytesIO(body), headers=sent)


async def test_a_signed_message_is_stored_before_meta_is_answered(meta: Desk) -> None:
    answer = await tell(meta, wire.told(wire.message()))
    assert (answer.status, answer.json) == (200, {"success": True})
    [message] = await meta.messages(CUSTOMER)
    assert (message["content"], message["carrier_id"]) == ("Hello", wire.WAMID)
    row = await meta.db.fetchrow(
        "SELECT h.carrier, h.carrier_address, h.address FROM conversations v"
        " JOIN channels h USING (domain_id, channel_id)"
    )
    assert tuple(row or ()) == ("meta", PHONE_ID, wire.BUSINESS)


async def test_the_number_that_is_shown_routes_nothing(meta: Desk) -> None:
    """Its id does: what is displayed may be of another form, or another's."""
    metadata = {"display_phone_number": "19998887777", "phone_number_id": PHONE_ID}
    body = wire.webhook(wire.value(messages=[wire.message()]) | {"metadata": metadata})
    assert (await tell(meta, body)).status == 200
    metadata = {"display_phone_number": wire.BUSINESS, "phone_number_id": "999999999"}
    body = wire.webhook(wire.value(messages=[wire.message(id="w2")]) | {"metadata": metadata})
    assert (await tell(meta, body)).status == 404
    assert await meta.count("messages") == 1


@pytest.mark.parametrize("secret", [None, "another-secret", TOKEN, VERIFY_TOKEN])
async def test_without_a_right_signature_nothing_is_stored(meta: Desk, secret: str | None) -> None:
    answer = await tell(meta, wire.told(wire.message()), secret)
    assert answer.status == 403
    assert APP_SECRET not in answer.text
    assert await stored(meta) == 0


async def test_a_batch_is_taken_in_whole_and_once(meta: Desk) -> None:
    messages = [wire.message(content={"body": f"{n}"}, id=f"wamid.{n}") for n in range(200)]
    for _ in range(2):
        assert (await tell(meta, wire.told(*messages))).status == 200
    assert [m["content"] for m in await meta.messages(CUSTOMER)] == [str(n) for n in range(200)]
    receipts = await meta.db.fetch("SELECT body FROM receipts")
    assert max(len(row["body"]) for row in receipts) < 1_000, "each keeps its own part alone"


async def test_items_of_numbers_that_nobody_has_cost_the_others_nothing(meta: Desk) -> None:
    body = wire.webhook(
        wire.value(phone_number_id="999999999", messages=[wire.message(id="wamid.1")]),
        wire.value(messages=[wire.message(id="wamid.2")]),
        wire.value(phone_number_id="888888888", statuses=[wire.status()]),
    )
    assert (await tell(meta, body)).status == 200
    assert [m["carrier_id"] for m in await meta.messages(CUSTOMER)] == ["wamid.2"]


async def test_where_nothing_is_known_it_is_404(meta: Desk) -> None:
    body = wire.webhook(
        wire.value(phone_number_id="999999999", messages=[wire.message(), wire.message(id="b")])
    )
    assert (await tell(meta, body)).status == 404
    strangers = [
        wire.value(phone_number_id=f"99999{n:04}", messages=[wire.message()]) for n in range(500)
    ]
    assert (await tell(meta, wire.webhook(*strangers))).status == 404
    assert await stored(meta) == 0


async def test_one_domains_app_does_not_speak_for_anothers_number(meta: Desk) -> None:
    domain_id = await rival(meta)
    body = wire.webhook(
        wire.value(messages=[wire.message(content={"body": "Forged"}, id="wamid.1")]),
        wire.value(phone_number_id=RIVAL_ID, messages=[wire.message(id="wamid.2")]),
    )
    assert (await tell(meta, body, RIVAL_SECRET)).status == 200
    rows = await meta.db.fetch("SELECT domain_id, carrier_id FROM messages")
    assert [tuple(row) for row in rows] == [(domain_id, "wamid.2")]
    both_wrong = await tell(meta, body, "neither")
    assert both_wrong.status == 403
    assert await meta.count("messages") == 1


async def test_a_status_finds_our_message_by_the_id_that_comes_back(meta: Desk) -> None:
    assert (await tell(meta, wire.told(wire.message()))).status == 200
    conversation = await meta.conversation(CUSTOMER)
    answer = await meta.call(
        "POST",
        f"/chat/{conversation['conversation_id']}/manual-response",
        json={"content": "Welcome", "send_immediately": False},
    )
    message_id = answer.json["message_id"]
    # As a worker left it that was killed while Meta was being called.
    await meta.db.execute(
        "UPDATE messages SET status = 'sending', status_rank = 2 WHERE message_id = $1",
        UUID(message_id),
    )
    said = wire.status(id="wamid.9", status="delivered", biz_opaque_callback_data=message_id)
    assert (await tell(meta, wire.webhook(wire.value(statuses=[said])))).status == 200
    row = await meta.db.fetchrow(
        "SELECT status, carrier_id FROM messages WHERE message_id = $1", UUID(message_id)
    )
    assert tuple(row or ()) == ("delivered", "wamid.9")


async def test_what_meta_tells_besides_is_answered_and_not_stored(meta: Desk) -> None:
    body = wire.webhook({"event": "APPROVED"}, field="message_template_status_update")
    assert (await tell(meta, body)).status == 200
    assert await stored(meta) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"Body=Hello", b'{"object": "page"}'])
async def test_what_is_no_webhook_of_metas_is_400(meta: Desk, body: bytes) -> None:
    assert (await tell(meta, body)).status == 400


async def test_a_body_of_three_megabytes_is_read_and_a_larger_one_is_not(meta: Desk) -> None:
    padding = {"note": "x" * 2_900_000}
    body = wire.webhook(wire.value(messages=[wire.message()], padding=padding))
    assert (await tell(meta, body)).status == 200
    large = wire.webhook(wire.value(messages=[wire.message()], padding={"note": "x" * 3_200_000}))
    assert (await tell(meta, large)).status == 413
    form = {**message_form(), "Padding": "x" * 1_100_000}
    assert (await meta.post("/whatsapp/webhook", form)).status == 413, "Twilio's stay small"


async def test_a_secret_that_changed_a_moment_ago_counts_at_once(meta: Desk) -> None:
    assert (await tell(meta, wire.told(wire.message()))).status == 200
    domains = meta.app.domains
    async with meta.app.database.system_tx() as connection:
        await domains.set_technical(
            connection, meta.domain.domain_id, {**OF_META, "meta_app_secret": "new-secret"}
        )
    body = wire.told(wire.message(id="wamid.2"))
    assert (await tell(meta, body, "new-secret")).status == 200


# The question before the first call


async def ask(desk: Desk, **fields: str) -> Answer:
    query = {f"hub.{name}": value for name, value in fields.items()}
    return await desk.call("GET", PATH, None, params=query)


async def test_meta_is_told_that_the_address_is_ours(meta: Desk) -> None:
    answer = await ask(meta, mode="subscribe", verify_token=VERIFY_TOKEN, challenge="1158201444")
    assert (answer.status, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "subscribe", "verify_token": "wrong", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "", "challenge": "1"},
        {"mode": "unsubscribe", "verify_token": VERIFY_TOKEN, "challenge": "1"},
        {},
    ],
)
async def test_whoever_does_not_know_the_token_is_403(meta: Desk, fields: dict[str, str]) -> None:
    answer = await ask(meta, **fields)
    assert answer.status == 403
    assert VERIFY_TOKEN not in answer.text


async def test_each_domain_has_a_token_of_its_own_until_its_number_is_gone(meta: Desk) -> None:
    await rival(meta)
    asked: dict[str, Any] = {"mode": "subscribe", "verify_token": "the-rivals", "challenge": "7"}
    assert (await ask(meta, **asked)).text == "7"
    found = await meta.app.channels.find("wmsg", RIVAL_ID, by_carrier=True)
    await meta.app.channels.remove(found.domain_id, found.channel_id)
    assert (await ask(meta, **asked)).status == 403


async def test_twilio_asks_nothing_at_its_address(meta: Desk) -> None:
    answer = await meta.call("GET", "/whatsapp/webhook", None)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert (await meta.call("DELETE", PATH, None)).status == 405


async def test_one_item_that_cannot_be_stored_costs_the_others_nothing(meta: Desk) -> None:
    """Neither messages nor statuses: what fails is put aside, and can be replayed."""
    await meta.db.execute("ALTER TABLE messages ADD CONSTRAINT odd CHECK (content <> 'boom')")
    await meta.db.execute(
        "ALTER TABLE parked_statuses ADD CONSTRAINT odd CHECK (carrier_id <> 'wamid.odd')"
    )
    body = wire.webhook(
        wire.value(
            messages=[
                wire.message(content={"body": text}, id=f"wamid.{text}")
                for text in ("one", "boom", "two")
            ],
            statuses=[wire.status(id="wamid.known"), wire.status(id="wamid.odd")],
        )
    )
    assert (await tell(meta, body)).status == 200
    assert [m["content"] for m in await meta.messages(CUSTOMER)] == ["one", "two"]
    parked = await meta.db.fetch("SELECT carrier_id FROM parked_statuses")
    assert [row["carrier_id"] for row in parked] == ["wamid.known"]
    letters = await meta.app.conversations.dead_letters(meta.domain.domain_id, 10)
    assert [letter["stage"] for letter in letters] == ["ingest", "ingest"]
    await meta.db.execute("ALTER TABLE messages DROP CONSTRAINT odd")
    await meta.db.execute("ALTER TABLE parked_statuses DROP CONSTRAINT odd")
    app = meta.app
    replay = Replay(app.conversations, app.channels, app.carriers)
    for letter in letters:
        await replay.letter(meta.domain.domain_id, letter["letter_id"])
    assert await meta.count("parked_statuses") == 2
    assert sorted(m["content"] for m in await meta.messages(CUSTOMER)) == ["boom", "one", "two"]
