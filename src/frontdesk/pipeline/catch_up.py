"""Catch-up: what customers wrote while nobody was listening.

Carriers do not repeat most webhooks. So each channel asks its carrier, after a start and then
from time to time, for the inbound messages since the moment up to which it has them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
import structlog

from frontdesk.channels.model import ChannelRow
from frontdesk.channels.service import ChannelService
from frontdesk.conversations.service import ConversationService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import FrontdeskError
from frontdesk.pipeline.ingest import Ingestor, arrival
from frontdesk.ports import Carrier, Channel, Inbound, SendError

log = structlog.get_logger()

OVERLAP = timedelta(minutes=2)
"""Asked for again each time: clocks differ, and a listing may lag behind its webhooks."""
LONGEST = timedelta(days=30)
CHUNK = 200


@dataclass(frozen=True)
class CatchUp:
    channels: ChannelService
    conversations: ConversationService
    carriers: Mapping[str, Carrier]
    ingestor: Ingestor
    clock: Clock = field(default=utc_now)

    async def run(self) -> int:
        """Takes in what is missing on every active channel; returns how many messages."""
        found = 0
        for row in await self.channels.all_active():
            if row.kind not in self.carriers[row.carrier].capabilities:
                continue
            try:
                found += await self._channel(row)
            except SendError as error:
                log.warning("not caught up", channel=row.address, code=error.code, why=error.text)
            except FrontdeskError as error:
                # One domain whose secrets do not open must not keep the others waiting.
                log.error("not caught up", channel=row.address, why=error.detail)
        return found

    async def _channel(self, row: ChannelRow) -> int:
        channel = await self.channels.get(row.domain_id, row.channel_id)
        if not channel.secret:
            return 0
        began = self.clock()
        since = max((row.caught_up_to or began) - OVERLAP, began - LONGEST)
        listed = await self.carriers[row.carrier].inbound_since(channel, since)
        missing = await self._missing(channel, listed)
        for start in range(0, len(missing), CHUNK):
            await self._take_in(channel, missing[start : start + CHUNK], began)
        await self.channels.set_caught_up(channel, began)
        if missing:
            log.info("caught up", channel=row.address, messages=len(missing))
        return len(missing)

    async def _missing(self, channel: Channel, listed: list[Inbound]) -> list[Inbound]:
        ids = [event.carrier_id for event in listed]
        known = await self.conversations.known(channel.domain_id, channel.channel_id, ids)
        return [event for event in listed if event.carrier_id not in known]

    async def _take_in(self, channel: Channel, events: list[Inbound], now: datetime) -> None:
        capabilities = self.carriers[channel.carrier].capabilities[channel.kind]
        arrivals = [arrival(event, channel, capabilities, _body(event), now) for event in events]
        await self.ingestor.submit(arrivals, [])


def _body(event: Inbound) -> bytes:
    """The receipt of a message that came from a listing, not a webhook."""
    return orjson.dumps(
        {"caught_up": True, "from": event.contact_address, "body": event.text, **event.content},
        default=str,
    )
