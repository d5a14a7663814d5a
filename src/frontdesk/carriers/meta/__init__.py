"""Meta: WhatsApp by the Cloud API, without a vendor between.

https://developers.facebook.com/documentation/business-messaging/whatsapp/overview

The parts, in the order in which every carrier is told:
    signature     verify a webhook, and answer the challenge before the first
    webhook       what it says: messages and statuses, with samples of them
    contents      what a customer's message has besides its text
    messages      send
    templates     list, hand in, delete; components says how they are written
    media         fetch a file that a customer sent
    account       whether the credentials are good
    capabilities  what its channel takes, as data
    api           one call, and what its failing means
    errors        the table of Meta's codes

Meta keeps no list of messages. It repeats a webhook that failed for up to seven days, so there is
nothing to catch up; and what became of a message whose sending was cut off only its status tells,
which names our id.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from frontdesk.carriers.meta import account, media, messages, signature, templates, webhook
from frontdesk.carriers.meta.api import TIMEOUT, Api
from frontdesk.carriers.meta.capabilities import CAPABILITIES
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
    SendError,
    Sent,
    WebhookRequest,
)


@dataclass(frozen=True)
class Meta:
    http: aiohttp.ClientSession
    clock: Clock = utc_now
    timeout: aiohttp.ClientTimeout = TIMEOUT
    media_limits: media.TimeLimits = media.LIMITS
    name: str = "meta"
    acknowledgement: tuple[str, bytes] = ("application/json", b'{"success":true}')

    @property
    def capabilities(self) -> Mapping[ChannelKind, Capabilities]:
        return CAPABILITIES

    def parse(self, kind: ChannelKind, request: WebhookRequest) -> list[Event]:
        return webhook.parse(request.body)

    def challenge(self, request: WebhookRequest) -> Challenge | None:
        return signature.challenge(request)

    def verify(self, request: WebhookRequest, channel: Channel) -> None:
        signature.verify(request, channel.details.get("app_secret", ""))

    async def send(self, message: Outbound, channel: Channel) -> Sent:
        return await messages.send(self._api, message, channel)

    async def find(self, message: Outbound, channel: Channel, known: set[str]) -> Sent | None:
        raise SendError("ask", "unknown", "Meta keeps no list of messages; its status is awaited")

    async def inbound_since(self, channel: Channel, since: datetime) -> list[Inbound]:
        return []

    def fetch(self, url: str, channel: Channel) -> AbstractAsyncContextManager[Download]:
        return media.fetch(self._api, url, channel, self.media_limits)

    async def check(self, channel: Channel) -> None:
        await account.check(self._api, channel)

    async def templates(self, channel: Channel) -> list[CarrierTemplate]:
        return await templates.listed(self._api, channel)

    async def submit_template(
        self, template: CarrierTemplate, channel: Channel
    ) -> tuple[str, TemplateStatus]:
        return await templates.submit(self._api, template, channel)

    async def delete_template(self, carrier_id: str, channel: Channel) -> None:
        await templates.delete(self._api, carrier_id, channel)

    @property
    def _api(self) -> Api:
        return Api(self.http, self.clock, self.timeout)
