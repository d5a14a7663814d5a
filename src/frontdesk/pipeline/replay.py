"""Replay: what was put aside goes through its stage once more.

A letter is taken before it is replayed. If the replay fails, what failed is a new letter with the
reason of today, so nothing is lost and the same letter is not replayed twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from frontdesk.channels.service import ChannelService
from frontdesk.conversations.model import Arrival
from frontdesk.conversations.service import ConversationService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.pipeline.ingest import arrival, reread
from frontdesk.ports import Carrier, Channel, Inbound, Refused, WebhookRequest


@dataclass(frozen=True)
class Replay:
    conversations: ConversationService
    channels: ChannelService
    carriers: Mapping[str, Carrier]
    clock: Clock = field(default=utc_now)

    async def letter(self, domain_id: UUID, letter_id: UUID) -> str:
        """Replays one letter; returns what happened. Raises FrontdeskError when it failed."""
        letter = await self.conversations.take_letter(domain_id, letter_id)
        try:
            match letter["stage"]:
                case "ingest":
                    return await self._ingest(domain_id, letter)
                case "turn":
                    await self.conversations.answer_again(domain_id, _message(letter))
                    return "it waits for its answer"
                case "media":
                    await self.conversations.fetch_again(domain_id, _message(letter))
                    return "its files are fetched again"
                case _:
                    await self.conversations.resend(domain_id, _message(letter))
                    return "it waits to be sent"
        except Exception as error:
            reason = error.detail if isinstance(error, FrontdeskError) else repr(error)
            await self._put_back(domain_id, letter, reason)
            raise

    async def _ingest(self, domain_id: UUID, letter: asyncpg.Record) -> str:
        channel = await self.channels.get(domain_id, letter["channel_id"])
        if "report" in letter["payload"]:
            await self.conversations.record([], [reread(channel, letter["payload"]["report"])])
            return "its status is known"
        arrivals = self._arrivals(channel, letter["payload"])
        if await self.conversations.record(arrivals, []):
            return "taken in"
        return "it was here already"

    def _arrivals(self, channel: Channel, payload: Mapping[str, Any]) -> list[Arrival]:
        carrier = self.carriers[channel.carrier]
        body = str(payload.get("body", "")).encode("latin-1", "replace")
        try:
            events = _listed(body, payload, channel) or carrier.parse(
                channel.kind, WebhookRequest("POST", (), {}, body)
            )
        except (Refused, ValueError, RecursionError) as error:
            raise Unprocessable(f"the stored body cannot be read: {error}") from error
        return [
            arrival(event, channel, carrier.capabilities[event.channel_kind], body, self.clock())
            for event in events
            if isinstance(event, Inbound) and event.carrier_id == payload.get("carrier_id")
        ]

    async def _put_back(self, domain_id: UUID, letter: asyncpg.Record, reason: str) -> None:
        await self.conversations.dead_letter(
            domain_id,
            letter["stage"],
            f"replayed in vain: {reason}"[:500],
            channel_id=letter["channel_id"],
            conversation_id=letter["conversation_id"],
            message_id=letter["message_id"],
            payload=letter["payload"],
        )


def _listed(body: bytes, payload: Mapping[str, Any], channel: Channel) -> list[Inbound] | None:
    """A message that catch-up found in the carrier's listing: its receipt is JSON of our own."""
    if not body.startswith(b'{"caught_up"'):
        return None
    kept: dict[str, Any] = orjson.loads(body)
    content = {
        key: value for key, value in kept.items() if key not in ("caught_up", "from", "body")
    }
    text = str(kept["body"])
    media = bool(content.get("media"))
    return [
        Inbound(
            channel_kind=channel.kind,
            channel_address=channel.address,
            contact_address=str(kept["from"]),
            carrier_id=str(payload["carrier_id"]),
            kind="text" if text or not media else "unsupported",
            text=text,
            content=content,
        )
    ]


def _message(letter: asyncpg.Record) -> UUID:
    if letter["message_id"] is None:
        raise Unprocessable("the letter names no message")
    return letter["message_id"]
