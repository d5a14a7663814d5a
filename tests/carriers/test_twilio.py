"""Twilio keeps the carriers' contract, for WhatsApp and for SMS."""

from base64 import b64encode
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from carriers.contract import Accepted, AskableContract, Fault
from carriers.twilio.wire import ACCOUNT, BUSINESS, CUSTOMER, TOKEN, channel
from frontdesk.carriers.twilio import Twilio
from frontdesk.ports import Channel, ChannelKind, Outbound, Sent, WebhookRequest
from frontdesk.sandbox.app import BusinessNumber, SandboxConfig, StatusDelays
from sandbox import servers

PUBLIC = "https://desk.example"
PATHS = {"wmsg": "whatsapp", "sms": "sms"}
FAULTS: dict[Fault, dict[str, Any]] = {
    "rate_limit": {"kind": "rate_limit", "retry_after": 7},
    "server_error": {"kind": "server_error", "status": 503},
    "lost_before": {"kind": "reset", "when": "before"},
    "lost_after": {"kind": "reset", "when": "after"},
    "opted_out": {"kind": "error_code", "code": 21610},
}


@dataclass(frozen=True)
class Sandbox:
    """The sandbox carrier as the contract's vendor."""

    http: aiohttp.ClientSession
    channel: Channel
    customer: str = CUSTOMER

    @property
    def prefix(self) -> str:
        return "whatsapp:" if self.channel.kind == "wmsg" else ""

    def signed(self, path: str, **form: str) -> WebhookRequest:
        url = f"{PUBLIC}/{PATHS[self.channel.kind]}{path}"
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        headers = {"x-twilio-signature": signature}
        return WebhookRequest("POST", (url,), headers, urlencode(form).encode())

    def message_webhook(self, text: str, carrier_id: str) -> WebhookRequest:
        addresses = {"From": self.prefix + CUSTOMER, "To": self.prefix + BUSINESS}
        return self.signed(
            "/webhook", **addresses, Body=text, MessageSid=carrier_id, SmsStatus="received"
        )

    def status_webhook(self, message: Outbound, sent: Sent) -> WebhookRequest:
        addresses = {"From": self.prefix + BUSINESS, "To": self.prefix + CUSTOMER}
        path = f"/status?message_id={message.message_id}"
        return self.signed(path, **addresses, MessageSid=sent.carrier_id, MessageStatus="delivered")

    async def fail_next(self, fault: Fault) -> None:
        await self._post("/faults", {"times": 1, **FAULTS[fault]})

    async def accepted(self) -> list[Accepted]:
        async with self.http.get(f"{self.channel.base_url}/messages") as answer:
            messages = (await answer.json())["messages"]
        return [
            Accepted(
                m["sid"],
                m["customer"],
                m["from"].removeprefix(self.prefix),
                m["body"],
                len(m["media"]),
            )
            for m in messages
            if m["direction"] == "out"
        ]

    async def write(self, text: str, media: Sequence[dict[str, str]] = ()) -> str:
        await self._post("/faults", {"kind": "no_webhook", "times": 1})
        addresses = {"from": CUSTOMER, "to": self.prefix + BUSINESS}
        message = {**addresses, "body": text, "media": list(media)}
        answer = await self._post("/phone/messages", message)
        return str(answer["sid"])

    @property
    def file_url(self) -> str:
        # Nothing listens there, either: what fetching it comes to is the sandbox's affair.
        return "http://127.0.0.1:1/menu.jpg"

    async def give(self, content: bytes, content_type: str) -> str:
        before = datetime.now(UTC) - timedelta(seconds=1)
        encoded = b64encode(content).decode()
        sid = await self.write("", [{"content_type": content_type, "base64": encoded}])
        missed = await Twilio(self.http, PUBLIC).inbound_since(self.channel, before)
        [url] = [one.content["media"][0]["url"] for one in missed if one.carrier_id == sid]
        return str(url)

    async def withdraw(self, url: str) -> None:
        headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)}
        async with self.http.delete(url, headers=headers) as answer:
            assert answer.ok, await answer.text()

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.http.post(self.channel.base_url + path, json=body) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()


@pytest.fixture
async def http() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def carrier(http: aiohttp.ClientSession) -> Twilio:
    return Twilio(http, PUBLIC)


@pytest.fixture
def address() -> Iterator[str]:
    config = SandboxConfig(
        public_url="http://sandbox.test",
        accounts={ACCOUNT: TOKEN},
        # Nothing listens there: statuses stay with the sandbox.
        webhooks="http://127.0.0.1:1",
        numbers=(BusinessNumber(f"whatsapp:{BUSINESS}"), BusinessNumber(BUSINESS)),
        delays=StatusDelays(sent=60, delivered=60),
    )
    with servers.sandbox(config) as sandbox:
        yield sandbox.url


class TestTwilio(AskableContract):
    @pytest.fixture(params=["wmsg", "sms"])
    def vendor(
        self, request: pytest.FixtureRequest, address: str, http: aiohttp.ClientSession
    ) -> Sandbox:
        kind: ChannelKind = request.param
        return Sandbox(http, channel(address, kind))

    async def test_a_missed_picture_is_listed_with_its_address(
        self, carrier: Twilio, vendor: Sandbox, http: aiohttp.ClientSession
    ):
        before = datetime.now(UTC) - timedelta(seconds=1)
        sid = await vendor.write("Look", [{"content_type": "image/png", "base64": "iVBORw=="}])
        [missed] = await carrier.inbound_since(vendor.channel, before)
        assert (missed.carrier_id, missed.kind, missed.text) == (sid, "image", "Look")
        [item] = missed.content["media"]
        assert item["content_type"] == "image/png"
        headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)}
        async with http.get(item["url"], headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, "image/png")
