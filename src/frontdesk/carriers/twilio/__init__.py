"""Twilio: WhatsApp and SMS.

https://www.twilio.com/docs/messaging
https://www.twilio.com/docs/whatsapp

The parts, in the order in which every carrier is told:
    signature     verify a webhook
    webhook       what it says: messages and statuses, with samples of them
    messages      send, find, list
    templates     list, hand in, delete; contents says how they are written
    media         fetch a file that a customer sent
    account       whether the credentials are good
    capabilities  what its channels take, as data
    api           one call, and what its failing means
    errors        the table of Twilio's codes
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from frontdesk.carriers.twilio import account, media, messages, signature, templates, webhook
from frontdesk.carriers.twilio.api import TIMEOUT, Api
from frontdesk.carriers.twilio.capabilities import CAPABILITIES
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.templates import CarrierTemplate, TemplateStatus
from frontdesk.ports import (
    Capabilities,
    Challenge,
    Channel,
    ChannelKind,
    Download,
    Event,
    Inbound,
    Outbound,
    Sent,
    WebhookRequest,
)

EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True)
class Twilio:
    http: aiohttp.ClientSession
    public_url: str
    """How Twilio reaches this server, for status callbacks."""
    clock: Clock = utc_now
    timeout: aiohttp.ClientTimeout = TIMEOUT
    media_limits: media.TimeLimits = media.LIMITS
    name: str = "twilio"
    acknowledgement: tuple[str, bytes] = ("text/xml", EMPTY_TWIML)

    @property
    def capabilities(self) -> Mapping[ChannelKind, Capabilities]:
        return CAPABILITIES

    def parse(self, kind: ChannelKind, request: WebhookRequest) -> list[Event]:
        return webhook.parse(kind, request)

    def challenge(self, request: WebhookRequest) -> Challenge | None:
        return None

    def verify(self, request: WebhookRequest, channel: Channel) -> None:
        signature.verify(request, channel.secret)

    async def send(self, message: Outbound, channel: Channel) -> Sent:
        return await messages.send(self._api, message, channel, self.public_url)

    async def find(self, message: Outbound, channel: Channel, known: set[str]) -> Sent | None:
        return await messages.find(self._api, message, channel, known)

    async def inbound_since(self, channel: Channel, since: datetime) -> list[Inbound]:
        return await messages.inbound_since(self._api, channel, since)

    def fetch(self, url: str, channel: Channel) -> AbstractAsyncContextManager[Download]:
        return media.fetch(self._api, url, channel, self.media_limits)

    async def check(self, channel: Channel) -> None:
        await account.check(self._api, channel)

    async def templates(self, channel: Channel) -> list[CarrierTemplate]:
        return await templates.listed(self._content_api, channel)

    async def submit_template(
        self, template: CarrierTemplate, channel: Channel
    ) -> tuple[str, TemplateStatus]:
        return await templates.submit(self._content_api, template, channel)

    async def delete_template(self, carrier_id: str, channel: Channel) -> None:
        await templates.delete(self._content_api, carrier_id, channel)

    @property
    def _api(self) -> Api:
        return Api(self.http, self.clock, self.timeout)

    @property
    def _content_api(self) -> Api:
        return Api(self.http, self.clock, self.timeout, templates.CONTENT_BASE)
