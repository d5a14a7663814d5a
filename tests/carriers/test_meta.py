"""Meta keeps the carriers' contract."""

from base64 import b64encode
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from carriers.contract import Accepted, CarrierContract, Fault, outbound
from carriers.meta import wire
from carriers.meta.wire import APP_SECRET, BUSINESS, CUSTOMER, PHONE_ID, TOKEN, WABA
from frontdesk.carriers.meta import Meta
from frontdesk.kernel.templates import CarrierTemplate, TemplateUse
from frontdesk.ports import Channel, Outbound, Sent, WebhookRequest
from frontdesk.sandbox.app import BusinessNumber, GraphAccount, SandboxConfig, StatusDelays
from sandbox import servers

PREFIX = "whatsapp:"
FAULTS: dict[Fault, dict[str, Any]] = {
    "rate_limit": {"kind": "rate_limit", "retry_after": 7},
    "server_error": {"kind": "server_error", "status": 503},
    "lost_before": {"kind": "reset", "when": "before"},
    "lost_after": {"kind": "reset", "when": "after"},
    "opted_out": {"kind": "error_code", "code": 131050, "at_once": True},
}


@dataclass(frozen=True)
class Sandbox:
    """The sandbox carrier as the contract's vendor."""

    http: aiohttp.ClientSession
    channel: Channel
    customer: str = CUSTOMER

    def message_webhook(self, text: str, carrier_id: str) -> WebhookRequest:
        said = wire.message(content={"body": text}, id=carrier_id)
        return wire.signed(wire.told(said))

    def status_webhook(self, message: Outbound, sent: Sent) -> WebhookRequest:
        ours = str(message.message_id)
        said = wire.status(id=sent.carrier_id, biz_opaque_callback_data=ours)
        return wire.signed(wire.webhook(wire.value(statuses=[said])))

    async def fail_next(self, fault: Fault) -> None:
        await self._post("/faults", {"times": 1, **FAULTS[fault]})

    async def accepted(self) -> list[Accepted]:
        return [
            Accepted(
                each["sid"],
                each["customer"].removeprefix(PREFIX),
                each["from"].removeprefix(PREFIX),
                each["body"],
                len(each["media"]),
            )
            for each in await self._messages()
            if each["direction"] == "out"
        ]

    async def write(self, text: str, media: list[dict[str, str]] | None = None) -> str:
        await self._post("/faults", {"kind": "no_webhook", "times": 1})
        addresses = {"from": CUSTOMER, "to": PREFIX + BUSINESS}
        answer = await self._post(
            "/phone/messages", {**addresses, "body": text, "media": media or []}
        )
        return str(answer["sid"])

    @property
    def file_url(self) -> str:
        # Nothing listens there, either: what fetching it comes to is the sandbox's affair.
        return "http://127.0.0.1:1/menu.jpg"

    async def give(self, content: bytes, content_type: str) -> str:
        encoded = b64encode(content).decode()
        sid = await self.write("", [{"content_type": content_type, "base64": encoded}])
        [file] = [each["media"][0] for each in await self._messages() if each["sid"] == sid]
        return str(file["url"]).rpartition("/")[2]

    async def withdraw(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        address = f"{self.channel.base_url}/v23.0/{url}"
        async with self.http.delete(address, headers=headers) as answer:
            assert answer.ok, await answer.text()

    async def _messages(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.channel.base_url}/messages") as answer:
            return (await answer.json())["messages"]

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.http.post(self.channel.base_url + path, json=body) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()


@pytest.fixture
async def http() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def carrier(http: aiohttp.ClientSession) -> Meta:
    return Meta(http)


@pytest.fixture
def address() -> Iterator[str]:
    number = BusinessNumber(PREFIX + BUSINESS, "Shop", WABA, phone_number_id=PHONE_ID)
    config = SandboxConfig(
        public_url="http://sandbox.test",
        accounts={},
        graph_accounts=(GraphAccount(WABA, TOKEN, APP_SECRET),),
        # Nothing listens there: statuses stay with the sandbox.
        webhooks="http://127.0.0.1:1",
        numbers=(number,),
        delays=StatusDelays(sent=60, delivered=60),
        strangers_may_be_written_to=True,
    )
    with servers.sandbox(config) as sandbox:
        yield sandbox.url


class TestMeta(CarrierContract):
    @pytest.fixture
    def vendor(self, address: str, http: aiohttp.ClientSession) -> Sandbox:
        return Sandbox(http, wire.channel(address))

    async def test_it_keeps_no_list_to_catch_up_from(self, carrier: Meta, vendor: Sandbox):
        await vendor.write("Hello")
        assert await carrier.inbound_since(vendor.channel, datetime(2020, 1, 1, tzinfo=UTC)) == []

    async def test_the_number_and_its_account_are_checked(self, carrier: Meta, vendor: Sandbox):
        await carrier.check(vendor.channel)

    async def test_a_template_is_handed_in_listed_and_deleted(self, carrier: Meta, vendor: Sandbox):
        before = await carrier.templates(vendor.channel)
        draft = CarrierTemplate(
            carrier_id="",
            name="table_ready",
            language="en",
            category="utility",
            status="draft",
            header={"kind": "text", "text": "Table for {{1}}"},
            body="Dear {{1}}, your table is ready at {{2}}.",
            footer="Reply STOP to end",
            buttons=[{"kind": "reply", "text": "Thanks"}],
            variables=[{"name": "1", "sample": "Ana"}, {"name": "2", "sample": "noon"}],
        )
        carrier_id, status = await carrier.submit_template(draft, vendor.channel)
        assert status == "pending"
        listed = {each.carrier_id: each for each in await carrier.templates(vendor.channel)}
        assert listed.keys() - {each.carrier_id for each in before} == {carrier_id}
        found = listed[carrier_id]
        assert found.header == {"kind": "text", "text": "Table for {{Header_1}}"}
        assert (found.body, found.footer) == (draft.body, draft.footer)
        assert found.buttons == draft.buttons
        assert found.variables == [
            {"name": "Header_1", "sample": "Ana"},
            {"name": "1", "sample": "Ana"},
            {"name": "2", "sample": "noon"},
        ]
        for _ in range(2):
            await carrier.delete_template(carrier_id, vendor.channel)
        assert await carrier.templates(vendor.channel) == before

    async def test_a_template_goes_out_as_the_customer_reads_it(
        self, carrier: Meta, vendor: Sandbox
    ):
        [offer] = [
            each
            for each in await carrier.templates(vendor.channel)
            if each.name == "spring_offer" and each.language == "en"
        ]
        values = {each["name"]: f"<{each['name']}>" for each in offer.variables}
        header = offer.header or {}
        use = TemplateUse(
            offer.carrier_id,
            offer.name,
            "en",
            offer.category,
            values,
            header_media_url=header.get("url"),
            header_kind=header.get("kind"),
        )
        sent = await carrier.send(replace(outbound(vendor), template=use), vendor.channel)
        [taken] = await vendor.accepted()
        assert taken.carrier_id == sent.carrier_id
        assert all(value in taken.text for name, value in values.items() if name.isdigit())

    async def test_what_is_sent_has_our_id_for_its_statuses(self, carrier: Meta, vendor: Sandbox):
        sent = await carrier.send(outbound(vendor), vendor.channel)
        assert sent.carrier_id.startswith("wamid.")
