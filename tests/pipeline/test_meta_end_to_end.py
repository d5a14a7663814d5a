"""A WhatsApp number at Meta, from the customer's phone through the product and back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from frontdesk.sandbox.app import StatusDelays
from media import samples
from pipeline import files
from pipeline.desk import ADA, WHATSAPP_NUMBER, Answer, Desk, until
from sandbox.graph import ACCESS_TOKEN, APP_SECRET, META, NUMBER, PHONE_ID, VERSION, WABA

BEN = "+14155550102"
VERIFY_TOKEN = "verify-token-of-the-tests"
METADATA = "/api/v1/domains/default/metadata"


async def connect(desk: Desk, **more: str) -> None:
    """Gives the sandbox a number at Meta, and the domain the channel of it."""
    number = {
        "address": META,
        "phone_number_id": PHONE_ID,
        "account_sid": WABA,
        "access_token": ACCESS_TOKEN,
        "app_secret": APP_SECRET,
    }
    async with desk.http.post(f"{desk.sandbox_url}/numbers", json=number) as answer:
        assert answer.status == 201, await answer.text()
    metadata = {
        "meta_whatsapp_number": NUMBER,
        "meta_whatsapp_phone_number_id": PHONE_ID,
        "meta_whatsapp_business_account_id": WABA,
        "meta_access_token": ACCESS_TOKEN,
        "meta_app_secret": APP_SECRET,
        "meta_verify_token": VERIFY_TOKEN,
        "meta_graph_base_url": desk.sandbox_url,
        **more,
    }
    saved = await desk.call("PUT", METADATA, json=metadata)
    assert saved.status == 200, saved.text


@pytest.fixture
async def meta(desk: Desk) -> Desk:
    """A desk with a number at Meta beside its one at Twilio."""
    # Refused webhooks come again at once, as nobody waits here.
    desk.exchange.config = replace(desk.exchange.config, repeat_after=0.01)
    await connect(desk)
    return desk


async def channel_id(desk: Desk) -> UUID:
    found = await desk.db.fetchval("SELECT channel_id FROM channels WHERE carrier = 'meta'")
    assert found is not None
    return found


async def graph(desk: Desk, method: str, path: str, **more: Any) -> Any:
    """A call of another program with the same token."""
    headers = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
    url = f"{desk.sandbox_url}/{VERSION}/{path}"
    async with desk.http.request(method, url, headers=headers, **more) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def status(desk: Desk, wanted: str) -> None:
    """Waits until the last message of the customer's conversation has got so far."""

    async def there() -> bool:
        return (await desk.messages())[-1]["status"] == wanted

    await until(there)


# Conversations -----------------------------------------------------------------------------------


async def test_a_customer_is_answered_and_the_answer_is_delivered_and_read(meta: Desk) -> None:
    sid = await meta.write("Hello", to=META, profile_name="Ada L.")
    [reply] = await meta.replies(1)
    assert "Hello" in reply
    asked, answered = await meta.messages()
    assert (asked["carrier_id"], asked["content"]) == (sid, "Hello")
    await status(meta, "delivered")
    [sent] = await meta.sent()
    assert sent["business"] == META
    assert UUID(sent["callback_data"]) == answered["message_id"]
    async with meta.http.post(f"{meta.sandbox_url}/phone/read", json={"sids": [sent["sid"]]}):
        await status(meta, "read")


async def test_numbers_of_both_carriers_answer_each_for_itself(meta: Desk) -> None:
    await meta.write("At Meta", to=META)
    await meta.write("At Twilio", from_=BEN, to=f"whatsapp:{WHATSAPP_NUMBER}")
    await meta.replies(1)
    await meta.replies(1, BEN)
    assert [each["business"] for each in await meta.sent()] == [META]
    assert [each["business"] for each in await meta.sent(BEN)] == [f"whatsapp:{WHATSAPP_NUMBER}"]


async def test_a_message_that_comes_again_is_taken_once(meta: Desk) -> None:
    await meta.write("Hello", to=META)
    await meta.replies(1)
    [message] = [each for each in meta.exchange.all() if each.direction == "inbound"]
    message.webhook = "refused"
    before = len(message.deliveries)
    again = await meta.write("Once more", to=META)
    assert again != message.sid
    await meta.replies(2)
    assert len(message.deliveries) == before
    assert len(await meta.messages()) == 4


async def test_meta_is_shown_that_the_webhook_is_ours(meta: Desk) -> None:
    path = f"{WABA}/subscribed_apps"
    wanted = {"override_callback_uri": f"{meta.url}/meta/webhook", "verify_token": VERIFY_TOKEN}
    assert await graph(meta, "POST", path, json=wanted) == {"success": True}
    headers = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
    wrong = {**wanted, "verify_token": "wrong"}
    url = f"{meta.sandbox_url}/{VERSION}/{path}"
    async with meta.http.post(url, json=wrong, headers=headers) as answer:
        assert answer.status == 400
    await meta.write("Hello", to=META)
    assert len(await meta.replies(1)) == 1


async def test_a_wrong_app_secret_takes_in_nothing_until_it_is_mended(meta: Desk) -> None:
    await connect(meta, meta_app_secret="another-secret")
    refused = await meta.http.post(
        f"{meta.sandbox_url}/phone/messages",
        json={"from": ADA, "to": META, "body": "Hello", "wait": True},
    )
    assert (await refused.json())["webhook"] == "refused"
    assert await meta.count("messages") == 0
    await connect(meta)
    # Meta posts it again by itself.
    [reply] = await meta.replies(1)
    assert "Hello" in reply


async def test_what_is_not_text_is_understood_or_kept(meta: Desk) -> None:
    place = {"Latitude": "52.5", "Longitude": "13.4", "Label": "Us"}
    await meta.write("", to=META, fields=place)
    await meta.write(
        "", to=META, fields={"Meta": '{"type": "order", "order": {"catalog_id": "1"}}'}
    )
    await meta.write("", to=META, fields={"ListId": "row-2", "ListTitle": "Tuesday"})

    async def kinds() -> list[str] | None:
        asked = [each for each in await meta.messages() if each["sender"] == "user"]
        return [each["kind"] for each in asked] if len(asked) == 3 else None

    assert await until(kinds) == ["location", "unsupported", "list_reply"]


async def test_the_phone_of_an_installation_is_on_the_numbers_that_its_channels_have(
    open_desk: Callable[..., Awaitable[Desk]],
) -> None:
    desk = await open_desk(FRONTDESK_SANDBOX="1")
    phone = f"{desk.url}/sandbox"

    async def numbers() -> list[str]:
        async with desk.http.get(f"{phone}/phone/config") as answer:
            return [n["address"] for n in (await answer.json())["numbers"]]

    assert META not in await numbers()
    metadata = {
        "meta_whatsapp_number": NUMBER,
        "meta_whatsapp_phone_number_id": "7700770077",
        "meta_access_token": "a-token-made-up",
        "meta_app_secret": "a-secret-made-up",
        "meta_graph_base_url": phone,
    }
    assert (await desk.call("PUT", METADATA, json=metadata)).status == 200
    assert META in await numbers()
    raw = {"from": ADA, "to": META, "body": "Hello", "wait": True}
    async with desk.http.post(f"{phone}/phone/messages", json=raw) as answer:
        assert (await answer.json())["webhook"] == "accepted"
    await status(desk, "delivered")
    async with desk.http.get(f"{phone}/messages", params={"to": ADA}) as answer:
        [reply] = (await answer.json())["messages"]
    assert "Hello" in reply["body"]
    without = {**metadata, "meta_whatsapp_number": None, "meta_whatsapp_phone_number_id": None}
    assert (await desk.call("PUT", METADATA, json=without)).status == 200
    assert META not in await numbers()


# Faults ------------------------------------------------------------------------------------------


async def test_a_rate_limit_is_waited_out_and_an_error_of_the_server_tried_again(
    meta: Desk,
) -> None:
    await meta.fault("rate_limit", times=1, retry_after=0, number=META)
    await meta.write("Hello", to=META)
    assert len(await meta.replies(1)) == 1
    await meta.fault("error_code", code=131016, times=1, number=META)
    await meta.write("Again", to=META)
    assert len(await meta.replies(2)) == 2


async def test_an_answer_lost_after_acceptance_is_found_by_its_status_and_sent_once(
    meta: Desk,
) -> None:
    meta.exchange.config = replace(meta.exchange.config, delays=StatusDelays(sent=0, delivered=0))
    await meta.fault("reset", when="after", times=1, number=META)
    await meta.write("Hello", to=META)
    await status(meta, "delivered")
    await meta.settled()
    assert len(await meta.sent()) == 1


async def test_the_window_that_meta_closed_fails_the_answer_with_its_reason(meta: Desk) -> None:
    await meta.fault("error_code", code=131047, times=1, number=META)
    await meta.write("Hello", to=META)
    await status(meta, "failed")
    failed = (await meta.messages())[-1]
    assert failed["error_code"] == "131047"
    assert "24 hours" in failed["error"]


async def test_who_opted_out_at_meta_is_not_written_to_again(meta: Desk) -> None:
    await meta.fault("error_code", code=131050, times=1, number=META)
    await meta.write("Hello", to=META)
    await status(meta, "failed")

    async def stopped() -> bool:
        return await meta.count("opt_outs") == 1

    await until(stopped)
    await meta.fault("error_code", code=131050, times=1, number=META)
    await meta.write("And now?", to=META)
    await meta.settled()
    assert len(await meta.sent()) == 1


# Files -------------------------------------------------------------------------------------------


async def test_files_of_a_customer_come_in_whole_with_their_names(
    meta: Desk, tmp_path: Path
) -> None:
    for path in (samples.jpeg(tmp_path), samples.pdf(tmp_path)):
        await files.send(meta, path, to=META, body="Look" if path.suffix == ".pdf" else "")
    found = {each["content_type"]: each for each in await files.settled(meta, 2)}
    for content_type, name in (("image/jpeg", "*.jpg"), ("application/pdf", "*.pdf")):
        file = found[content_type]
        [path] = tmp_path.glob(name)
        assert file["status"] == "ready"
        assert await files.content(meta, file["url"]) == path.read_bytes()
    assert found["application/pdf"]["filename"] == next(tmp_path.glob("*.pdf")).name


async def test_a_file_that_broke_off_is_fetched_again(meta: Desk, tmp_path: Path) -> None:
    files.hasten(meta)
    await meta.fault("media_broken", times=1)
    await meta.fault("server_error", operation="any", times=1, status=500)
    await files.send(meta, samples.pdf(tmp_path), to=META)
    file = await files.one(meta)
    assert file["status"] == "ready"


async def test_the_access_token_goes_to_no_other_host(meta: Desk, tmp_path: Path) -> None:
    files.hasten(meta)
    heard: list[str] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.read(1000)).decode())
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as thief:
        port = thief.sockets[0].getsockname()[1]
        await meta.fault("media_redirect", url=f"http://127.0.0.1:{port}/steal")
        await files.send(meta, samples.pdf(tmp_path), to=META)
        file = await files.one(meta)
    assert file["status"] == "failed"
    assert heard == []


async def test_files_of_a_person_reach_the_phone(meta: Desk, tmp_path: Path) -> None:
    await meta.write("Hello", to=META)
    await meta.replies(1)
    paths = [samples.jpeg(tmp_path), samples.ogg_opus(tmp_path), samples.pdf(tmp_path)]
    answer = await files.respond(meta, "", *await files.uploaded(meta, *paths))
    assert answer.status == 200, answer.text
    phone = await files.got(meta, len(paths))
    assert [each.content for each in phone] == [path.read_bytes() for path in paths]
    assert [each.kind for each in phone] == ["image", "voice", "document"]


# Templates ---------------------------------------------------------------------------------------


async def synced(desk: Desk) -> list[dict[str, Any]]:
    answer = await desk.call("POST", "/api/v1/templates/sync", json={})
    assert answer.status == 200, answer.text
    listed = await desk.call("GET", "/api/v1/templates")
    ours = str(await channel_id(desk))
    return [each for each in listed.json["items"] if each["channel_id"] == ours]


async def start(desk: Desk, template_id: str, variables: dict[str, str]) -> Answer:
    return await desk.call(
        "POST",
        "/start",
        json={
            "phone_number": BEN,
            "channel": "wmsg",
            "channel_id": str(await channel_id(desk)),
            "domain_name": "default",
            "type": "reminder",
            "template": template_id,
            "variables": variables,
        },
    )


async def test_templates_are_synchronised_with_what_meta_has(meta: Desk) -> None:
    found = {each["name"]: each for each in await synced(meta)}
    assert {name: each["status"] for name, each in found.items()} == {
        "appointment_reminder": "approved",
        "order_update": "approved",
        "spring_offer": "approved",
    }
    assert found["spring_offer"]["category"] == "marketing"
    assert found["spring_offer"]["header"]["kind"] == "image"
    assert found["appointment_reminder"]["variables"] == [
        {"name": "1", "sample": "Ana"},
        {"name": "2", "sample": "Tuesday at 10:00"},
    ]


async def test_a_template_reaches_a_stranger_outside_the_window(meta: Desk) -> None:
    found = {each["name"]: each for each in await synced(meta)}
    values = {"1": "Ben", "2": "Friday"}
    answer = await start(meta, found["appointment_reminder"]["template_id"], values)
    assert answer.status == 202, answer.text
    [text] = await meta.replies(1, BEN)
    assert text.startswith("Hello Ben, this is a reminder of your appointment on Friday.")
    [sent] = await meta.sent(BEN)
    assert (sent["business"], sent["status"]) == (META, "delivered")
    assert [each["text"] for each in sent["template"]["buttons"]] == [
        "I will be there",
        "Another day",
    ]
    pressed = {
        "ButtonText": "Another day",
        "ButtonPayload": "Another day",
        "OriginalRepliedMessageSid": sent["sid"],
    }
    await meta.write("Another day", from_=BEN, to=META, fields=pressed)
    await meta.replies(2, BEN)
    kinds = [each["kind"] for each in await meta.messages(BEN) if each["sender"] == "user"]
    assert kinds == ["button"]


async def test_a_template_made_here_is_handed_in_approved_and_deleted(meta: Desk) -> None:
    meta.exchange.config = replace(meta.exchange.config, approval_seconds=0.3)
    meta.exchange.contents.config = meta.exchange.config
    made = await meta.call(
        "POST",
        "/api/v1/templates",
        json={
            "channel_id": str(await channel_id(meta)),
            "name": "made_here",
            "language": "en_US",
            "category": "utility",
            "header": {"kind": "text", "text": "News"},
            "body": "Hi {{1}}, it is {{2}}.",
            "footer": "Corner Bakery",
            "buttons": [{"kind": "url", "text": "See", "url": "https://shop.example/{{3}}"}],
            "variables": [
                {"name": "1", "sample": "Ana"},
                {"name": "2", "sample": "ready"},
                {"name": "3", "sample": "a-1"},
            ],
        },
    )
    assert made.status == 201, made.text
    assert made.json["status"] == "pending"
    template_id = made.json["template_id"]

    async def approved() -> bool:
        return any(
            each["status"] == "approved"
            for each in await synced(meta)
            if each["name"] == "made_here"
        )

    await until(approved)
    listed = await graph(meta, "GET", f"{WABA}/message_templates", params={"name": "made_here"})
    assert [each["status"] for each in listed["data"]] == ["APPROVED"]
    gone = await meta.call("DELETE", f"/api/v1/templates/{template_id}")
    assert gone.status == 204, gone.text
    left = await graph(meta, "GET", f"{WABA}/message_templates", params={"name": "made_here"})
    assert left["data"] == []


async def test_news_of_templates_are_taken_without_harm(meta: Desk) -> None:
    await synced(meta)
    [sid] = [each["carrier_id"] for each in await synced(meta) if each["name"] == "order_update"]
    body = {"sid": sid, "status": "paused"}
    async with meta.http.post(f"{meta.sandbox_url}/templates", json=body) as answer:
        assert answer.status == 200

    async def told() -> int:
        return sum(n for key, n in meta.exchange.calls.items() if key == "status webhook 200")

    await until(told)
    assert {each["status"] for each in await synced(meta)} == {"approved", "paused"}
