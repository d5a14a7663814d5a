"""Sends what is due: a batch is one transaction, from the judgement to the queued messages.

A row's message has its id before it is written, and the row is marked in the transaction that
queues it: whatever is killed when, a row has one message or none.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import structlog

from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.model import message_key
from frontdesk.channels.templates import TemplateService
from frontdesk.db.crossing import CROSSED
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.ids import new_id
from frontdesk.outreach import placing
from frontdesk.outreach._store import follow_ups, looking, outreach, places
from frontdesk.outreach._store.follow_ups import FollowUpRow
from frontdesk.outreach._store.looking import Due
from frontdesk.outreach._store.outreach import Mark, Plan
from frontdesk.outreach.composing import Content, left_out
from frontdesk.outreach.deciding import (
    MOST_AHEAD,
    Decided,
    Rules,
    allowed,
    follow_up_of,
    lead,
    pick,
)
from frontdesk.outreach.judging import NOBODY, Place
from frontdesk.outreach.model import Outreach, filled
from frontdesk.outreach.placing import Placed
from frontdesk.ports import Carrier
from frontdesk.web import metrics

log = structlog.get_logger()

T = TypeVar("T")

TRIES = 4
MOST_ATTEMPTS = 4
WORTHWHILE = 0.25
"""The share of what may wait for a channel that is to be free before more is added."""
GONE_AFTER = timedelta(seconds=60)
"""How long after its last sign of life a writer is given up."""
UNLIMITED = Decimal("Infinity")


class Short(Exception):
    """Somebody else spent the credit between the look and the charge."""


@dataclass
class Batch:
    """What one batch came to."""

    claimed: int = 0
    sent: int = 0
    writing: int = 0
    ended: int = 0
    """Skipped or failed."""
    postponed: int = 0
    paused: str | None = None
    """Why the campaign was stopped, if it was."""
    changed: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    """Messages by conversation."""

    @property
    def progressed(self) -> bool:
        return bool(self.sent or self.writing or self.ended or self.postponed)


@dataclass(frozen=True)
class Dispatcher:
    db: Database
    carriers: Mapping[str, Carrier]
    templates: TemplateService
    ledger: LedgerService
    clock: Clock = utc_now

    async def send_batch(self, domain_id: UUID, campaign_id: UUID | None, most: int) -> Batch:
        """Sends up to `most` of a campaign's rows that are due, or of those without a campaign."""
        try:
            batch = await retried(lambda: self._send(domain_id, campaign_id, most))
        except Short:
            return Batch()  # others send more than there is credit for; the next look finds none
        for conversation_id, message_ids in batch.changed.items():
            self.db.changes.tell(domain_id, conversation_id, *message_ids)
        metrics.outreach.labels("sent").inc(batch.sent)
        metrics.outreach.labels("writing").inc(batch.writing)
        metrics.outreach.labels("ended").inc(batch.ended)
        metrics.outreach.labels("postponed").inc(batch.postponed)
        if batch.paused:
            log.warning("campaign paused", campaign=str(campaign_id), reason=batch.paused)
        return batch

    async def look(self) -> list[Due]:
        """What is due, of all domains."""
        now = self.clock()
        async with self.db.system_tx(durable=False) as connection:
            return await looking.look(connection, now, now - GONE_AFTER)

    async def writing_of(self, domain_id: UUID, campaign_id: UUID) -> int:
        """How many of a campaign's messages are with assistants."""
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            return await outreach.writing_of(connection, domain_id, campaign_id)

    async def put_off(self, domain_id: UUID, campaign_id: UUID | None, reason: str) -> None:
        """After a batch of one failed for no known reason: counts it, and tries others first."""
        async with self.db.tenant_tx(domain_id) as connection:
            await outreach.put_off(
                connection, domain_id, campaign_id, self.clock(), MOST_ATTEMPTS, reason[:500]
            )

    # One transaction --------------------------------------------------------------------------

    async def _send(self, domain_id: UUID, campaign_id: UUID | None, most: int) -> Batch:
        now = self.clock()
        # What is lost of it with the machine is done again: the rows wait still. The carrier is
        # called after a commit that waits for the disk, which holds this one's, too.
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            plan, begin = Plan(), None
            if campaign_id is not None:
                found = await outreach.campaign(connection, domain_id, campaign_id)
                if found is None:
                    return Batch()
                plan = found
                most, begin = allowed(plan, now, most)
            rules = await self.rules(connection, domain_id, plan, now)
            most = await self._within_lead(connection, rules, most)
            if most <= 0:
                return Batch()
            rows = await outreach.due(connection, domain_id, campaign_id, now, most)
            decided = await self._decide(connection, rules, rows)
            batch = await self._carry_out(connection, rules, decided)
            batch.claimed = len(rows)
            if campaign_id is not None:
                await self._pace(connection, domain_id, campaign_id, rules, batch, begin)
            if decided.charges and not await self.ledger.charge(
                connection, domain_id, decided.charges
            ):
                raise Short
        return batch

    async def rules(
        self, connection: Connection, domain_id: UUID, plan: Plan, now: datetime
    ) -> Rules:
        """What holds in a domain now."""
        prices = await self.ledger.prices_of(connection, domain_id)
        affordable = None
        if prices is not None:
            affordable = await self.ledger.affordable(connection, domain_id)
        return Rules(
            domain_id,
            now,
            plan,
            await places.channels(connection, domain_id),
            self.carriers,
            self.templates,
            prices,
            UNLIMITED if affordable is None else affordable,
        )

    async def _within_lead(self, connection: Connection, rules: Rules, most: int) -> int:
        """How many of a campaign's rows its channel takes before it has too many waiting.

        None before there is room for a good number: a batch of four costs nearly what one of two
        hundred does.
        """
        plan = rules.plan
        channel = pick(rules.channels, plan.channel, plan.channel_id) if plan.channel else None
        if channel is None:
            return most
        room = await self._room(connection, rules, channel.channel_id)
        return min(most, room) if room >= min(most, lead(channel) * WORTHWHILE) else 0

    async def _room(self, connection: Connection, rules: Rules, channel_id: UUID) -> int:
        if channel_id not in rules.room:
            channel = next(each for each in rules.channels if each.channel_id == channel_id)
            waiting = await places.backlog(connection, rules.domain_id, channel_id, MOST_AHEAD)
            rules.room[channel_id] = lead(channel) - waiting
        return rules.room[channel_id]

    async def _decide(
        self, connection: Connection, rules: Rules, rows: Sequence[Outreach]
    ) -> Decided:
        people = await self.people(connection, rules, rows)
        for channel in {each.channel_id: each for each in map(rules.channel, rows) if each}:
            await self._room(connection, rules, channel)
        if rules.prices is not None:
            keys = [
                message_key(row.message_id)
                for row in rows
                if row.campaign_id is None and row.message_id is not None
            ]
            rules.paid |= await self.ledger.paid(connection, rules.domain_id, keys)
        decided = Decided()
        for row in rows:
            await decided.decide(connection, rules, row, people[row.outreach_id])
            if decided.pause:
                break
        return decided

    async def people(
        self, connection: Connection, rules: Rules, rows: Iterable[Outreach]
    ) -> dict[UUID, Place]:
        """Who each row means, by its id."""
        wanted = [(row, channel) for row in rows if (channel := rules.channel(row)) is not None]
        found = await places.found(
            connection,
            rules.domain_id,
            [(channel.channel_id, placing.spellings(row.address)) for row, channel in wanted],
        )
        known = {row.outreach_id: place for (row, _), place in zip(wanted, found, strict=True)}
        return {row.outreach_id: known.get(row.outreach_id, NOBODY) for row in rows}

    async def _carry_out(self, connection: Connection, rules: Rules, decided: Decided) -> Batch:
        batch = Batch(paused=decided.pause)
        domain_id, now = rules.domain_id, rules.now
        placed = await placing.put(connection, domain_id, decided.openings)
        contents = {opening.key: opening.content for opening in decided.openings}
        sent = [sent_mark(decided.rows[key], place, contents[key]) for key, place in placed.items()]
        await outreach.mark(connection, domain_id, [*decided.marks, *sent], now)
        await self.follow(connection, rules, [decided.rows[key] for key in placed], placed)
        for each in placed.values():
            batch.changed.setdefault(each.conversation_id, []).extend(each.message_ids)
        # What /start was paid for and is not sent after all.
        prepaid = [
            message_key(message_id)
            for mark in decided.marks
            if mark.status in ("skipped", "failed")
            and (message_id := decided.refused.get(mark.outreach_id)) is not None
        ]
        if prepaid:
            await self.ledger.refund(connection, domain_id, prepaid, "not sent")
        batch.sent = len(placed)
        statuses = [mark.status for mark in decided.marks]
        batch.writing = statuses.count("writing")
        batch.postponed = statuses.count("waiting")
        batch.ended = len(statuses) - batch.writing - batch.postponed
        return batch

    async def follow(
        self,
        connection: Connection,
        rules: Rules,
        rows: Iterable[Outreach],
        placed: Mapping[UUID, Placed],
    ) -> None:
        """Makes the follow-ups of what was sent."""
        made: list[FollowUpRow] = []
        for row in rows:
            plan = follow_up_of(row, rules.plan)
            if plan is None:
                continue
            made.append(
                FollowUpRow(
                    rules.domain_id,
                    new_id(),
                    placed[row.outreach_id].conversation_id,
                    row.outreach_id,
                    rules.now,
                    rules.now + timedelta(hours=plan.after_hours),
                    plan.template_id,
                    filled(row, plan.variables),
                    plan.content,
                    "waiting",
                    None,
                    new_id(),
                    row.person_id,
                    rules.now,
                )
            )
        await follow_ups.insert(connection, made)

    async def _pace(
        self,
        connection: Connection,
        domain_id: UUID,
        campaign_id: UUID,
        rules: Rules,
        batch: Batch,
        begin: datetime | None,
    ) -> None:
        if batch.paused:
            await outreach.pause(connection, domain_id, campaign_id, batch.paused[:500])
        if begin is not None and rules.plan.rate and batch.sent + batch.writing:
            used = timedelta(seconds=(batch.sent + batch.writing) / rules.plan.rate)
            await outreach.paced(connection, domain_id, campaign_id, begin + used)


async def retried(run: Callable[[], Awaitable[T]]) -> T:
    """Runs a transaction again that somebody else crossed."""
    for attempt in range(TRIES):
        try:
            return await run()
        except (Short, *CROSSED):
            if attempt == TRIES - 1:
                raise
            # Batches that collided must not come back together.
            pause = 0.01 * 2**attempt
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  nothing to guess
    raise AssertionError("unreachable")


def sent_mark(row: Outreach, placed: Placed, content: Content) -> Mark:
    return Mark(
        row.outreach_id,
        "sent",
        row.due_at,
        reason=left_out(content, len(row.media_ids)),
        contact_id=placed.contact_id,
        conversation_id=placed.conversation_id,
        message_id=placed.message_ids[0],
    )
