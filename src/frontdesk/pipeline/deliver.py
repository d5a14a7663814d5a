"""Deliver: a conversation's messages to its carrier, in order, each of them once.

`sending` is committed before the carrier is called. A message that is found in `sending` may have
got through, so the carrier is asked before it is ever sent again.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from frontdesk.channels.service import ChannelService
from frontdesk.conversations.delivery import DeliveryService, Lane
from frontdesk.conversations.model import Delivery
from frontdesk.db.pool import Connection
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.ports import Carrier, Channel, Outbound, SendError, Sent, Status
from frontdesk.web import metrics

log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(hours=24)
SETTLE = timedelta(seconds=5)
"""How long after a call a carrier is given to list what the call made."""
LONGEST_PAUSE = 300.0
LONGEST_SLOT = 5.0
FRESH = 8.0
"""A worker that was frozen longer than this after committing `sending` must not call any more."""


@dataclass(frozen=True)
class Step:
    """A message that may go now, over which channel, and when that was committed."""

    delivery: Delivery
    channel: Channel
    committed: float


@dataclass(frozen=True)
class Deliver:
    deliveries: DeliveryService
    channels: ChannelService
    carriers: Mapping[str, Carrier]
    clock: Clock = field(default=utc_now)

    async def run(self, domain_id: UUID, conversation_id: UUID, job: int) -> None:
        """Empties the lane, or gives it back with a delay."""
        async with self._transaction(domain_id) as connection:
            lane = await self.deliveries.claim(connection, domain_id, conversation_id, job)
            if lane is None:
                return
            step = await self._next(connection, lane)
        while step is not None:
            if step.delivery.status is Status.SENDING:
                step = await self._reconcile(lane, step)
            else:
                step = await self._hand_over(lane, step)

    async def _hand_over(self, lane: Lane, step: Step) -> Step | None:
        began = time.perf_counter()
        try:
            sent = await self._send(step)
        except SendError as error:
            return await self._unsent(lane, step, error)
        metrics.messages_out.labels(step.channel.kind, "sent").inc()
        seconds = time.perf_counter() - began
        metrics.stage_seconds.labels("deliver").observe(seconds)
        log.info(
            "sent",
            trace_id=str(step.delivery.trace_id),
            message_id=str(step.delivery.message_id),
            carrier_id=sent.carrier_id,
            seconds=round(seconds, 4),
        )
        return await self._advance(lane, step, sent)

    async def _send(self, step: Step) -> Sent:
        delivery, carrier = step.delivery, self.carriers[step.channel.carrier]
        # After the commit: a channel's row that was held through a flush to disk would let the
        # channel send no faster than the disk flushes.
        wait = await self.channels.reserve(step.channel)
        if wait > LONGEST_SLOT:
            raise SendError("wait", "rate", "the channel's rate is used up", retry_after=wait)
        await asyncio.sleep(wait)
        if time.monotonic() - step.committed > FRESH + wait:
            raise SendError("ask", "late", "the worker was stopped before it could send")
        if delivery.attempts == 0 and delivery.received_at is not None:
            elapsed = (self.clock() - delivery.received_at).total_seconds()
            metrics.reply_seconds.observe(max(0.0, elapsed))
        try:
            return await carrier.send(_outbound(delivery), step.channel)
        except SendError:
            raise
        except Exception as error:
            log.error("carrier failed", carrier=carrier.name, exc_info=error)
            raise SendError("ask", "internal", f"sending failed: {error!r}"[:300]) from error

    async def _reconcile(self, lane: Lane, step: Step) -> Step | None:
        """Asks the carrier for a message that may have got through."""
        delivery, carrier = step.delivery, self.carriers[step.channel.carrier]
        known = await self.deliveries.carrier_ids(lane)
        try:
            found = await carrier.find(_outbound(delivery), step.channel, known)
        except SendError as error:
            return await self._unsent(
                lane, step, SendError("ask", error.code, error.text, retry_after=error.retry_after)
            )
        if found is not None:
            log.info("found at the carrier", message_id=str(delivery.message_id))
            return await self._advance(lane, step, found)
        age = self.clock() - delivery.attempted_at
        if age < SETTLE:
            async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
                await self.deliveries.again(connection, lane, SETTLE - age)
            return None
        log.info("not at the carrier; sent again", message_id=str(delivery.message_id))
        async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
            await self.deliveries.unsent(connection, delivery, None, None)
            return await self._next(connection, lane)

    async def _unsent(self, lane: Lane, step: Step, error: SendError) -> Step | None:
        """Does what the carrier's error asks for."""
        delivery, kind = step.delivery, step.channel.kind
        metrics.carrier_errors.labels(step.channel.carrier, error.code, error.remedy).inc()
        log.warning(
            "not sent",
            message_id=str(delivery.message_id),
            trace_id=str(delivery.trace_id),
            code=error.code,
            remedy=error.remedy,
            why=error.text,
        )
        if error.remedy == "stop_channel":
            error = await self._stop(step, error)
        transient = error.remedy in ("retry", "wait", "ask")
        async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
            if transient and self.clock() - delivery.created_at < GIVE_UP_AFTER:
                if error.remedy != "ask":
                    await self.deliveries.unsent(connection, delivery, error.code, error.text)
                await self.deliveries.again(connection, lane, _delay(delivery, error))
                return None
            if error.remedy == "stop_contact":
                await self.deliveries.opted_out(connection, delivery, error.code)
            metrics.messages_out.labels(kind, "failed").inc()
            metrics.dead_letters.labels("deliver").inc()
            await self.deliveries.failed(connection, delivery, error.code, error.text)
            return await self._next(connection, lane)

    async def _stop(self, step: Step, error: SendError) -> SendError:
        """Stops the channel, unless its credentials were changed since this message took them."""
        channel = await self.channels.get(step.channel.domain_id, step.channel.channel_id)
        if channel != step.channel:
            return SendError("retry", error.code, error.text)
        await self.channels.stop(
            channel.domain_id, channel.channel_id, f"{error.code}: {error.text}"
        )
        return error

    async def _advance(self, lane: Lane, done: Step, sent: Sent) -> Step | None:
        """Records what was sent and commits the next message as `sending`."""
        async with self._transaction(lane.domain_id) as connection:
            await self.deliveries.sent(connection, done.delivery, sent)
            return await self._next(connection, lane)

    def _transaction(self, domain_id: UUID) -> AbstractAsyncContextManager[Connection]:
        """Waits for the disk only if it marks a message as `sending`.

        What else is lost with the server's machine is found out again from the carrier.
        """
        return self.deliveries.db.tenant_tx(domain_id, durable=False)

    async def _next(self, connection: Connection, lane: Lane) -> Step | None:
        while True:
            delivery = await self.deliveries.next_message(connection, lane)
            if delivery is None:
                return None
            channel = await self.channels.known(connection, lane.domain_id, delivery.channel_id)
            refusal = self._refusal(delivery, channel)
            if refusal is not None and delivery.status is Status.QUEUED:
                metrics.messages_out.labels(channel.kind, refusal[0]).inc()
                metrics.dead_letters.labels("deliver").inc()
                await self.deliveries.failed(connection, delivery, *refusal)
                continue
            if delivery.status is Status.QUEUED:
                await self.deliveries.sending(connection, delivery)
            return Step(delivery, channel, time.monotonic())

    def _refusal(self, delivery: Delivery, channel: Channel) -> tuple[str, str] | None:
        """Why a message must not go, judged now: the code and a text for people."""
        notice = bool((delivery.structured or {}).get("opt_out_notice"))
        if delivery.opted_out and not notice:
            return "opted_out", "The customer has opted out of messages on this channel."
        if delivery.channel_state != "active":
            reason = delivery.channel_state_reason or "no reason was noted"
            return "channel_stopped", f"The channel is {delivery.channel_state}: {reason}"
        hours = self.carriers[channel.carrier].capabilities[channel.kind].window_hours
        if hours is not None:
            opened = delivery.last_inbound_at
            if opened is None or self.clock() - opened > timedelta(hours=hours):
                return (
                    "window_closed",
                    f"The customer last wrote more than {hours} hours ago; "
                    "only approved templates may be sent now.",
                )
        return None


def _outbound(delivery: Delivery) -> Outbound:
    return Outbound(
        delivery.message_id, delivery.address, delivery.content, since=delivery.sending_at
    )


def _delay(delivery: Delivery, error: SendError) -> timedelta:
    """What the carrier asked for, else twice as long each time."""
    backoff = min(LONGEST_PAUSE, 0.5 * 2.0 ** min(delivery.attempts, 20))
    if error.remedy == "ask":
        backoff = max(backoff, 2.0)
    return timedelta(seconds=min(error.retry_after or backoff, LONGEST_PAUSE))
