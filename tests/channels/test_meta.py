"""A domain's WhatsApp numbers at Meta: made, changed, moved and taken away, secrets kept."""

from typing import Any

import pytest

from channels.test_setup import METADATA, PATH, call
from channels.test_setup import channel as channel_id
from frontdesk.channels.meta_model import KEYS, NUMBER, PHONE_NUMBER_ID
from frontdesk.channels.model import MASK, OWN
from frontdesk.kernel.errors import NotFound
from pipeline.desk import ACCOUNT, AUTH_TOKEN, WHATSAPP_NUMBER, Desk, another_domain

NEW = "+15550783881"
OTHER = "+15550783882"
ID = "106540352242922"
TOKEN = "EAAG-token-of-the-account"
SECRET = "0f-secret-of-the-app"
OF_META = {
    NUMBER: NEW,
    PHONE_NUMBER_ID: ID,
    "meta_whatsapp_business_account_id": "102290129340398",
    "meta_access_token": TOKEN,
    "meta_app_secret": SECRET,
}
OWN_FIELDS = {
    "phone_number_id": "106540352242923",
    "business_account_id": "102290129340399",
    "access_token": "token-of-its-own",
    "app_secret": "secret-of-its-own",
}
FULL = {"kind": "wmsg", "carrier": "meta", "address": OTHER}


async def of_carrier(desk: Desk) -> dict[str, str]:
    """The domain's WhatsApp numbers by their carrier."""
    items = (await call(desk, "GET", PATH))["items"]
    return {each["carrier"]: each["address"] for each in items if each["channel"] == "wmsg"}


async def test_metadata_makes_a_channel_beside_twilios(web: Desk) -> None:
    saved = await call(
        web, "PUT", METADATA, json={**OF_META, "twilio_whatsapp_number": WHATSAPP_NUMBER}
    )
    assert await of_carrier(web) == {"twilio": WHATSAPP_NUMBER, "meta": NEW}
    found = await web.app.channels.find("wmsg", ID, by_carrier=True)
    assert (found.carrier, found.address, found.account, found.secret) == ("meta", NEW, ID, TOKEN)
    assert found.details["app_secret"] == SECRET
    assert found.details["business_account_id"] == "102290129340398"
    assert found.base_url == ""
    assert saved["meta_access_token"] == f"{MASK}ount"
    assert saved["meta_app_secret"] == f"{MASK}-app"
    assert saved["meta_verify_token"].startswith(MASK), "one is made"
    assert TOKEN not in str(await call(web, "GET", METADATA))


async def test_saving_what_is_shown_keeps_every_secret(web: Desk) -> None:
    await call(web, "PUT", METADATA, json=OF_META)
    before = await web.app.channels.find("wmsg", NEW, fresh=True)
    await call(web, "PUT", METADATA, json=await call(web, "GET", METADATA))
    assert await web.app.channels.find("wmsg", NEW, fresh=True) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({PHONE_NUMBER_ID: None}, PHONE_NUMBER_ID),
        ({PHONE_NUMBER_ID: "x"}, "digits"),
        ({NUMBER: "Shop"}, "no phone number"),
        ({"meta_access_token": 7}, "no text"),
        ({"meta_graph_base_url": "ftp://x"}, "https://"),
        ({"meta_graph_base_url": "https://10.0.0.1"}, "10.0.0.1"),
    ],
)
async def test_metadata_of_meta_that_cannot_work_is_refused(
    web: Desk, change: dict[str, Any], told: str
) -> None:
    answer = await web.call("PUT", METADATA, json={**OF_META, **change})
    assert answer.status in (400, 422), answer.text
    assert told in answer.detail
    assert TOKEN not in answer.text
    assert "meta" not in await of_carrier(web)


async def test_the_saved_token_does_not_follow_the_metadata_to_another_host(web: Desk) -> None:
    shown = await call(web, "PUT", METADATA, json={**OF_META, "twilio_auth_token": AUTH_TOKEN})
    moved = {**shown, "meta_graph_base_url": "http://127.0.0.1:9"}
    refused = await call(web, "PUT", METADATA, 422, json=moved)
    assert "meta_access_token" in refused["detail"]
    sent = {key: OF_META.get(key, value) for key, value in moved.items()}
    refused = await call(web, "PUT", METADATA, 422, json=sent)
    assert "meta_verify_token" in refused["detail"], "twilio's stays where it is"
    await call(web, "PUT", METADATA, json={**sent, "meta_verify_token": "v"})
    found = await web.app.channels.find("wmsg", NEW, fresh=True)
    assert (found.base_url, found.secret) == ("http://127.0.0.1:9", TOKEN)


async def test_a_channels_own_token_does_not_follow_either(web: Desk) -> None:
    await call(web, "POST", PATH, 201, json={**FULL, "credentials": OWN_FIELDS})
    refused = await call(
        web, "PUT", METADATA, 422, json={"meta_graph_base_url": "http://127.0.0.1:9"}
    )
    assert OWN in refused["detail"]


async def test_a_number_has_credentials_of_its_own_or_the_domains(web: Desk) -> None:
    await call(web, "PUT", METADATA, json=OF_META)
    made = await call(web, "POST", PATH, 201, json={**FULL, "credentials": OWN_FIELDS})
    assert (made["carrier"], made["carrier_address"]) == ("meta", OWN_FIELDS["phone_number_id"])
    found = await web.app.channels.find("wmsg", OTHER)
    assert (found.account, found.secret) == (OWN_FIELDS["phone_number_id"], "token-of-its-own")
    third = {"phone_number_id": "106540352242924"}
    body = {**FULL, "address": "+15550783883", "credentials": third}
    await call(web, "POST", PATH, 201, json=body)
    found = await web.app.channels.find("wmsg", "+15550783883")
    assert (found.account, found.secret) == (third["phone_number_id"], TOKEN)
    assert found.details["app_secret"] == SECRET
    stored = await web.db.fetch("SELECT a::text AS text FROM audit_log a")
    assert not any("of-its-own" in row["text"] or TOKEN in row["text"] for row in stored)


async def test_saving_the_metadata_keeps_an_id_that_the_number_has_of_its_own(web: Desk) -> None:
    await call(web, "PUT", METADATA, json=OF_META)
    found = await web.app.channels.find("wmsg", NEW)
    own = {"phone_number_id": "106540352242999"}
    await call(web, "PATCH", f"{PATH}/{found.channel_id}", json={"credentials": own})
    await call(web, "PUT", METADATA, json=await call(web, "GET", METADATA))
    again = await web.app.channels.find("wmsg", own["phone_number_id"], by_carrier=True)
    assert (again.address, again.account) == (NEW, own["phone_number_id"])


async def test_a_new_token_is_all_that_has_to_be_sent(web: Desk) -> None:
    made = await call(web, "POST", PATH, 201, json={**FULL, "credentials": OWN_FIELDS})
    path = f"{PATH}/{made['channel_id']}"
    before = await web.app.channels.find("wmsg", OTHER)
    new = {"access_token": "a-new-token", "phone_number_id": "106540352242999"}
    changed = await call(web, "PATCH", path, json={"credentials": new})
    assert changed["carrier_address"] == "106540352242999"
    found = await web.app.channels.find("wmsg", "106540352242999", by_carrier=True)
    assert (found.secret, found.details) == ("a-new-token", before.details)
    with pytest.raises(NotFound):
        await web.app.channels.find("wmsg", OWN_FIELDS["phone_number_id"], by_carrier=True)


@pytest.mark.parametrize(
    ("credentials", "told"),
    [
        (None, "phone_number_id"),
        ({"access_token": "t"}, "phone_number_id"),
        ({**OWN_FIELDS, "phone_number_id": "nine"}, "digits"),
        ({**OWN_FIELDS, "app_secret": f"{MASK}oken"}, "plain"),
        ({**OWN_FIELDS, "app_secret": 7}, "no text"),
        ({**OWN_FIELDS, "account_sid": "AC"}, "none of meta"),
    ],
)
async def test_a_channel_of_metas_that_cannot_be_is_refused_with_why(
    web: Desk, credentials: Any, told: str
) -> None:
    body = {**FULL, "credentials": credentials}
    refused = await call(web, "POST", PATH, 422, json=body)
    assert told in refused["detail"]
    assert "token-of-its-own" not in str(refused)
    assert "meta" not in await of_carrier(web)


async def test_twilio_does_not_take_what_is_metas(web: Desk) -> None:
    body = {"kind": "sms", "carrier": "twilio", "address": NEW, "credentials": OWN_FIELDS}
    assert "none of twilio" in (await call(web, "POST", PATH, 422, json=body))["detail"]
    body = {"kind": "sms", "carrier": "meta", "address": NEW, "credentials": OWN_FIELDS}
    assert "meta: wmsg" in (await call(web, "POST", PATH, 422, json=body))["detail"]


async def test_an_id_of_metas_belongs_to_one_channel(web: Desk) -> None:
    await call(web, "PUT", METADATA, json=OF_META)
    _, rival = await another_domain(web)
    for body in (
        {**FULL, "credentials": {**OWN_FIELDS, "phone_number_id": ID}},
        {**FULL, "address": NEW, "credentials": OWN_FIELDS},
    ):
        await call(web, "POST", PATH, 409, rival, json=body)
    rivals = "/api/v1/domains/rival/metadata"
    await call(web, "PUT", rivals, 409, rival, json={**OF_META, NUMBER: OTHER})
    await call(web, "PUT", rivals, 409, rival, json={**OF_META, PHONE_NUMBER_ID: "123456"})
    assert (await web.app.channels.find("wmsg", ID, by_carrier=True)).domain_id == (
        web.domain.domain_id
    )


async def test_a_number_that_moves_from_twilio_keeps_its_conversations(web: Desk) -> None:
    await call(web, "PUT", METADATA, json={"twilio_whatsapp_number": WHATSAPP_NUMBER})
    before = await channel_id(web)
    await web.write("Hello")
    moved = {**OF_META, NUMBER: WHATSAPP_NUMBER}
    await call(web, "PUT", METADATA, json=moved)
    assert await of_carrier(web) == {"meta": WHATSAPP_NUMBER}
    assert await channel_id(web) == before
    back = {"twilio_whatsapp_number": WHATSAPP_NUMBER, "twilio_account_sid": ACCOUNT}
    await call(web, "PUT", METADATA, json={**back, "twilio_auth_token": AUTH_TOKEN})
    assert await of_carrier(web) == {"twilio": WHATSAPP_NUMBER}
    await web.write("Hello again")
    assert await web.count("conversations") == 1


async def test_one_number_is_not_at_two_carriers(web: Desk) -> None:
    both = {**OF_META, "twilio_whatsapp_number": NEW}
    refused = await call(web, "PUT", METADATA, 409, json=both)
    assert NEW in refused["detail"]


async def test_what_is_removed_takes_its_keys_along_and_the_last_takes_all(web: Desk) -> None:
    await call(web, "PUT", METADATA, json={**OF_META, "note": "hello"})
    made = await call(web, "POST", PATH, 201, json={**FULL, "credentials": OWN_FIELDS})
    await call(web, "DELETE", f"{PATH}/{await channel_id(web, NEW)}", 204)
    left = await call(web, "GET", METADATA)
    assert NUMBER not in left
    assert PHONE_NUMBER_ID not in left
    assert "meta_app_secret" in left, "the other number may need it"
    await call(web, "DELETE", f"{PATH}/{made['channel_id']}", 204)
    assert await call(web, "GET", METADATA) == {"note": "hello"}


async def test_the_page_tells_what_to_paste_at_meta(web: Desk) -> None:
    await call(web, "PUT", METADATA, json=OF_META)
    setup = await call(web, "GET", f"{PATH}/{await channel_id(web, NEW)}/setup")
    assert setup["webhook_url"] == setup["status_url"] == f"{web.url}/meta/webhook"
    found = await web.app.channels.find("wmsg", NEW)
    assert setup["verify_token"] == found.details["verify_token"]
    assert len(setup["verify_token"]) >= 32
    setup = await call(web, "GET", f"{PATH}/{await channel_id(web)}/setup")
    assert setup["verify_token"] is None


@pytest.mark.parametrize(
    ("missing", "told"),
    [("meta_access_token", "access token"), ("meta_app_secret", "app secret")],
)
async def test_what_is_not_filled_in_is_told(web: Desk, missing: str, told: str) -> None:
    await call(web, "PUT", METADATA, json={**OF_META, missing: None})
    setup = await call(web, "GET", f"{PATH}/{await channel_id(web, NEW)}/setup")
    assert setup["credentials_ok"] is False
    assert told in setup["problem"]


async def test_the_environment_names_the_host_alone(open_desk: Any) -> None:
    desk: Desk = await open_desk(worker=False, META_GRAPH_BASE_URL="http://127.0.0.1:9/graph")
    await call(desk, "PUT", METADATA, json=OF_META)
    found = await desk.app.channels.find("wmsg", NEW)
    assert (found.base_url, found.secret) == ("http://127.0.0.1:9/graph", TOKEN)
    assert set(KEYS) == {
        "phone_number_id",
        "business_account_id",
        "access_token",
        "app_secret",
        "verify_token",
    }
