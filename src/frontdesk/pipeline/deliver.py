"""Deliver: a conversation's messages to its carrier, in order, each of them once.

`sending` is committed before the carrier is called. A message that is found in `sending` may have
got through, so the carrier is asked before it is ever sent again.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from frontdesk.channels.service import ChannelService
from frontdesk.channels.templates_model import template_use
from frontdesk.conversations.delivery import DeliveryService
from frontdesk.conversations.model import TAKEN_OVER, Delivery, Lane
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.templates import TemplateUse
from frontdesk.media.outgoing import Outgoing, Unsendable
from frontdesk.ports import (
    Capabilities,
    Carrier,
    Channel,
    Enclosed,
    Outbound,
    SendError,
    Sent,
    Status,
    StoreError,
)
from frontdesk.web import metrics

log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(hours=24)
SETTLE = timedelta(seconds=5)
"""How long after a call a carrier is given to list what the call made."""
UNSURE = timedelta(minutes=5)
"""How long a status is awaited that tells whether a carrier that cannot be asked has a message."""
LONGEST_LOOK = timedelta(seconds=10)
MAY_BE_THERE = (
    "The connection broke while this was sent, and the carrier does not say whether it has it. "
    "It may be with the customer: send it again if they have not got it."
)
UNFORESEEN = "Frontdesk could not send this: an error that it did not expect is in its log."
LONGEST_PAUSE = 300.0
STORE_PAUSE = timedelta(seconds=5)
LONGEST_SLOT = 2.0
FRESH = 4.0
"""Seconds in which the carrier may be called, counted from before `sending` was committed, the
wait for a place in the channel's rate included. Less than SETTLE: whoever takes a frozen worker's
message over sends it again when the carrier does not list it by then."""


@dataclass(frozen=True)
class Step:
    """A message that may go now, over which channel, with which files, and until when:
    `time.monotonic()`."""

    lane: Lane
    delivery: Delivery
    channel: Channel
    files: Sequence[str]
    enclosed: Sequence[Enclosed]
    until: float


@dataclass(frozen=True)
class Files:
    """Where the carrier can fetch a message's files, or why it cannot have them."""

    urls: Sequence[str]
    enclosed: Sequence[Enclosed] = ()
    refused: str | None = None


@dataclass(frozen=True)
class Deliver:
    deliveries: DeliveryService
    channels: ChannelService
    carriers: Mapping[str, Carrier]
    outgoing: Outgoing
    clock: Clock = field(default=utc_now)

    async def run(self, domain_id: UUID, conversation_id: UUID, job: int) -> None:
        """Takes the lane and empties it, or gives it back with a delay."""
        await self._empty(await self.deliveries.claim(domain_id, conversation_id, job))

    async def empty(self, lane: Lane) -> None:
        """Empties a lane that came with a turn."""
        await self._empty(await self.deliveries.next_message(lane))

    async def _empty(self, found: tuple[Lane, Delivery | None] | None) -> None:
        step = await self._step(found)
        while step is not None:
            if step.delivery.status is Status.SENDING:
                step = await self._reconcile(step)
            else:
                step = await self._hand_over(step)

    async def _next(self, lane: Lane) -> Step | None:
        return await self._step(await self.deliveries.next_message(lane))

    async def _step(self, found: tuple[Lane, Delivery | None] | None) -> Step | None:
        """Judges what was found until there is a message that may go, and commits that it goes."""
        while found is not None:
            lane, delivery = found
            if delivery is None:
                if await self.deliveries.release(lane):
                    return None
            else:
                channel = await self.channels.known(lane.domain_id, delivery.channel_id)
                files = await self._files(lane, delivery, channel)
                # Before the commit: a worker may be frozen while it waits for it.
                until = time.monotonic() + FRESH
                if files is None:
                    return None
                if await self._may_go(lane, delivery, channel, files):
                    return Step(lane, delivery, channel, files.urls, files.enclosed, until)
            found = await self.deliveries.next_message(lane)
        return None

    async def _files(self, lane: Lane, delivery: Delivery, channel: Channel) -> Files | None:
        """The message's files, ready for the carrier. None: the lane was given back to wait."""
        media_ids = _media_ids(delivery)
        if not media_ids or delivery.status is Status.SENDING:
            return Files([str(media_id) for media_id in media_ids])
        limits = self._capabilities(channel).media
        try:
            files = await self.outgoing.files(lane.domain_id, media_ids, limits)
            return Files([url for url, _ in files], [enclosed for _, enclosed in files])
        except Unsendable as error:
            return Files([], refused=error.text)
        except StoreError as error:
            log.warning("store of files", error=error.text, message_id=str(delivery.message_id))
            if error.missing:
                return Files([], refused="the store of files no longer has the file")
            if self.clock() - delivery.created_at >= GIVE_UP_AFTER:
                text = f"the store of files was away for too long: {error.text}"
                return Files([], refused=text)
            async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
                await self.deliveries.again(connection, lane, STORE_PAUSE)
            return None

    async def _may_go(self, lane: Lane, delivery: Delivery, channel: Channel, files: Files) -> bool:
        if delivery.status is Status.SENDING:
            return True
        refusal = self._refusal(delivery, channel)
        if refusal is None and files.refused is not None:
            refusal = ("media", files.refused)
        if refusal is None:
            going = await self.deliveries.sending(lane, delivery, channel.kind)
            if isinstance(going, bool):
                return going
            refusal = going
        metrics.messages_out.labels(channel.kind, refusal[0]).inc()
        metrics.dead_letters.labels("deliver").inc()
        async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
            await self.deliveries.failed(connection, delivery, *refusal)
        self.deliveries.tell(delivery)
        return False

    async def _hand_over(self, step: Step) -> Step | None:
        began = time.perf_counter()
        try:
            sent = await self._send(step)
        except SendError as error:
            return await self._unsent(step, error)
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
        return await self._sent(step, sent)

    async def _send(self, step: Step) -> Sent:
        delivery, carrier = step.delivery, self.carriers[step.channel.carrier]
        # After the commit: a channel's row that was held through a flush to disk would let the
        # channel send no faster than the disk flushes.
        try:
            wait = await self.channels.reserve(step.channel, LONGEST_SLOT)
        except Exception as error:
            # The carrier was not called: there is nothing to ask it about.
            log.error("no place in the rate", exc_info=error)
            raise SendError("retry", "internal", UNFORESEEN) from error
        if wait is None:
            raise SendError(
                "wait", "rate", "the channel's rate is used up", retry_after=LONGEST_SLOT
            )
        await asyncio.sleep(wait)
        if delivery.attempts == 0 and delivery.received_at is not None:
            elapsed = (self.clock() - delivery.received_at).total_seconds()
            metrics.reply_seconds.observe(max(0.0, elapsed))
        try:
            return await carrier.send(self._outbound(step), step.channel)
        except SendError as error:
            if error.code == "late" and not self._capabilities(step.channel).askable:
                # Nothing was written, and it is put back only while the lane is ours.
                raise SendError("retry", "late", error.text) from error
            raise
        except Exception as error:
            log.error("carrier failed", carrier=carrier.name, exc_info=error)
            raise SendError("ask", "internal", UNFORESEEN) from error

    async def _reconcile(self, step: Step) -> Step | None:
        """Asks the carrier for a message that may have got through."""
        if not self._capabilities(step.channel).askable:
            return await self._await_status(step)
        lane = step.lane
        delivery, carrier = step.delivery, self.carriers[step.channel.carrier]
        known = await self.deliveries.carrier_ids(lane)
        try:
            found = await carrier.find(self._outbound(step), step.channel, known)
        except SendError as error:
            return await self._unsent(
                step, SendError("ask", error.code, error.text, retry_after=error.retry_after)
            )
        if found is not None:
            log.info("found at the carrier", message_id=str(delivery.message_id))
            return await self._sent(step, found)
        age = self.clock() - delivery.attempted_at
        if age < SETTLE:
            async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
                await self.deliveries.again(connection, lane, SETTLE - age)
            return None
        log.info("not at the carrier; sent again", message_id=str(delivery.message_id))
        async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
            if await self.deliveries.unsent(connection, lane, delivery, None, None):
                await self.deliveries.refund(connection, delivery, TAKEN_OVER)
        self.deliveries.tell(delivery)
        return await self._next(lane)

    async def _await_status(self, step: Step) -> Step | None:
        """Waits for a status that names the message, where the carrier can be asked for nothing.

        Without one it is not sent again, for it may be with the customer: people decide.
        """
        age = self.clock() - step.delivery.attempted_at
        if age >= UNSURE:
            return await self._unsent(step, SendError("give_up", "unsure", MAY_BE_THERE))
        delay = min(max(age, SETTLE), LONGEST_LOOK, UNSURE - age)
        async with self.deliveries.db.tenant_tx(step.lane.domain_id) as connection:
            await self.deliveries.again(connection, step.lane, delay)
        return None

    async def _unsent(self, step: Step, error: SendError) -> Step | None:
        """Does what the carrier's error asks for."""
        lane, delivery, kind = step.lane, step.delivery, step.channel.kind
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
        young = self.clock() - delivery.created_at < GIVE_UP_AFTER
        later = young and error.remedy in ("retry", "wait", "ask")
        canceled = False
        async with self.deliveries.db.tenant_tx(lane.domain_id) as connection:
            if later and error.remedy != "ask":
                canceled = await self.deliveries.unsent(
                    connection, lane, delivery, error.code, error.text
                )
            if later:
                await self.deliveries.again(connection, lane, _delay(delivery, error))
            if error.remedy == "stop_contact":
                await self.deliveries.opted_out(connection, delivery, error.code)
            if not later:
                metrics.messages_out.labels(kind, "failed").inc()
                metrics.dead_letters.labels("deliver").inc()
                await self.deliveries.failed(connection, delivery, error.code, error.text)
            if canceled:
                await self.deliveries.refund(connection, delivery, TAKEN_OVER)
        self.deliveries.tell(delivery)
        if error.remedy == "stop_contact":
            self.deliveries.db.changes.tell_settings(lane.domain_id, "opt_outs")
        return None if later else await self._next(lane)

    async def _stop(self, step: Step, error: SendError) -> SendError:
        """Stops the channel, unless its credentials were changed since this message took them."""
        channel = await self.channels.get(step.channel.domain_id, step.channel.channel_id)
        if channel != step.channel:
            return SendError("retry", error.code, error.text)
        await self.channels.stop(
            channel.domain_id, channel.channel_id, f"{error.code}: {error.text}"
        )
        return error

    async def _sent(self, step: Step, sent: Sent) -> Step | None:
        """Records what was sent; the lane's next message, if there is one."""
        if await self.deliveries.sent(step.lane, step.delivery, sent):
            return None
        return await self._next(step.lane)

    def _capabilities(self, channel: Channel) -> Capabilities:
        return self.carriers[channel.carrier].capabilities[channel.kind]

    def _outbound(self, step: Step) -> Outbound:
        delivery, capabilities = step.delivery, self._capabilities(step.channel)
        return Outbound(
            delivery.message_id,
            delivery.address,
            delivery.content,
            media_urls=step.files,
            media=step.enclosed,
            since=delivery.sending_at,
            reply_to=delivery.reply_to if capabilities.replies else None,
            template=_template(delivery, capabilities),
            until=step.until,
        )

    def _refusal(self, delivery: Delivery, channel: Channel) -> tuple[str, str] | None:
        """Why a message must not go, judged now: the code and a text for people."""
        if delivery.opted_out and not delivery.is_opt_out_notice:
            return "opted_out", "The customer has opted out of messages on this channel."
        if delivery.blocked:
            return "blocked", "The contact is blocked."
        if delivery.channel_state != "active":
            reason = delivery.channel_state_reason or "no reason was noted"
            return "channel_stopped", f"The channel is {delivery.channel_state}: {reason}"
        capabilities = self._capabilities(channel)
        hours = capabilities.window_hours
        if hours is not None and _template(delivery, capabilities) is None:
            opened = delivery.last_inbound_at
            if opened is None or self.clock() - opened > timedelta(hours=hours):
                return (
                    "window_closed",
                    f"The customer last wrote more than {hours} hours ago; "
                    "only approved templates may be sent now.",
                )
        return None


def _template(delivery: Delivery, capabilities: Capabilities) -> TemplateUse | None:
    """The template to send in place of the text, where the channel has such."""
    return template_use(delivery.structured) if capabilities.templates else None


def _media_ids(delivery: Delivery) -> list[UUID]:
    return [UUID(item["media_id"]) for item in (delivery.structured or {}).get("media", ())]


def _delay(delivery: Delivery, error: SendError) -> timedelta:
    """What the carrier asked for, else twice as long each time."""
    backoff = min(LONGEST_PAUSE, 0.5 * 2.0 ** min(delivery.attempts, 20))
    if error.remedy == "ask":
        backoff = max(backoff, 2.0)
    return timedelta(seconds=min(error.retry_after or backoff, LONGEST_PAUSE))
