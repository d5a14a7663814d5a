"""Use cases of campaigns: made, changed, checked, started, paused, canceled, deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from frontdesk.billing.ledger import LedgerService
from frontdesk.channels.templates import TemplateService
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.media import service as media
from frontdesk.outreach._store import campaigns as rows
from frontdesk.outreach._store import places
from frontdesk.outreach.campaign import (
    CHANGEABLE,
    DELETABLE,
    ENDED,
    PAUSABLE,
    READ_ANEW,
    Campaign,
    CampaignStatus,
    Plan,
    check_channel,
    check_name,
    check_ready,
    check_start,
    check_status,
    check_values,
)
from frontdesk.outreach.columns import check_mapping
from frontdesk.outreach.imports import own_types
from frontdesk.outreach.model import CALL_TYPES
from frontdesk.outreach.telling import Telling
from frontdesk.ports import ObjectStore, StoreError

log = structlog.get_logger()

BATCH = 10_000


@dataclass(frozen=True)
class CampaignService:
    domains: DomainService
    ledger: LedgerService
    templates: TemplateService
    store: ObjectStore
    telling: Telling
    clock: Clock = utc_now

    @property
    def db(self) -> Database:
        return self.domains.db

    # Reading ----------------------------------------------------------------------------------

    async def domain_of(self, domain_ids: Sequence[UUID], campaign_id: UUID) -> UUID:
        """Which of the caller's domains has it. Raises NotFound."""
        for domain_id in domain_ids:
            async with self.db.tenant_tx(domain_id) as connection:
                if await rows.one(connection, domain_id, campaign_id) is not None:
                    return domain_id
        raise _unknown(campaign_id)

    async def get(self, domain_id: UUID, campaign_id: UUID) -> Campaign:
        async with self.db.tenant_tx(domain_id) as connection:
            found = await rows.one(connection, domain_id, campaign_id)
        if found is None:
            raise _unknown(campaign_id)
        return found

    async def page(
        self,
        domain_id: UUID,
        status: CampaignStatus | None,
        before: tuple[datetime, UUID] | None,
        most: int,
    ) -> list[Campaign]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await rows.page(connection, domain_id, status, before, most)

    # Making and changing ----------------------------------------------------------------------

    async def call_types(self, domain_id: UUID) -> tuple[str, ...]:
        """The types of outreach in the domain. Before a transaction: it takes one of its own."""
        return (*CALL_TYPES, *own_types((await self.domains.get(domain_id)).settings))

    async def create(
        self, domain_id: UUID, plan: Plan, start_at: datetime | None, by: Caller | None
    ) -> Campaign:
        """A campaign to a segment. It waits to be started; `start_at` is when it will be."""
        check_start(start_at, self.clock())
        types = await self.call_types(domain_id)
        async with self.db.tenant_tx(domain_id) as connection:
            campaign_id = await self.insert(
                connection,
                domain_id,
                plan,
                types,
                person_id=by.person_id if by else None,
                source="segment",
            )
            await rows.change(connection, domain_id, campaign_id, {"start_at": start_at})
            await self.domains.record(connection, domain_id, by, "campaign.create", plan.name)
        if start_at is not None:
            return await self.start(domain_id, campaign_id, start_at, by)
        return await self._told(domain_id, campaign_id)

    async def with_template(self, domain_id: UUID, plan: Plan, wanted: str | None) -> Plan:
        """The plan with a template that is given as its id, its name, or name:language."""
        if wanted is None:
            return plan
        async with self.db.tenant_tx(domain_id) as connection:
            values = {"channel": check_channel(plan.channel), "channel_id": plan.channel_id}
            channel_id = await self._channel(connection, domain_id, values)
            if channel_id is None:
                raise Conflict(f"the domain has no {plan.channel} channel: set one up first")
            found = await self.templates.named(connection, domain_id, channel_id, wanted)
        return replace(plan, template_id=found.template_id)

    async def insert(
        self,
        connection: Connection,
        domain_id: UUID,
        plan: Plan,
        types: Sequence[str],
        **more: Any,
    ) -> UUID:
        """Adds the campaign, in the caller's transaction; `more` are columns of their own."""
        campaign_id = new_id()
        values: dict[str, Any] = {
            "status": "ready",
            "name": check_name(plan.name),
            "channel": check_channel(plan.channel),
            "channel_id": plan.channel_id,
            "call_type": plan.call_type,
            "instruction": plan.instruction,
            "template_id": plan.template_id,
            "variables": dict(plan.variables or {}),
            "assistant_id": plan.assistant_id,
            "segment_id": plan.segment_id,
            "rate": plan.rate,
            "quiet_hours": plan.quiet_hours,
            "follow_up": plan.follow_up,
            **more,
        }
        await self.check(connection, domain_id, values, types)
        await rows.insert(connection, domain_id, campaign_id, values)
        return campaign_id

    async def change(
        self, domain_id: UUID, campaign_id: UUID, given: Mapping[str, Any], by: Caller | None
    ) -> Campaign:
        """Changes what is given. What is in the rows already makes them anew from the file."""
        types = await self.call_types(domain_id)
        async with self.db.tenant_tx(domain_id) as connection:
            known = await self._lock(connection, domain_id, campaign_id)
            check_status(known, CHANGEABLE, "changed")
            values = dict(given)
            if values.get("mapping") is not None:
                values["mapping"] = check_mapping(values["mapping"], known.columns)
            if "name" in values:
                values["name"] = check_name(values["name"])
            if "channel" in values:
                values["channel"] = check_channel(values["channel"])
            check_start(values.get("start_at"), self.clock())
            merged = {
                name: getattr(known, name)
                for name in ("channel", "channel_id", "template_id", "segment_id")
            }
            await self.check(connection, domain_id, {**merged, **values}, types)
            again = any(
                name in values and values[name] != getattr(known, name) for name in READ_ANEW
            )
            self._check_again(known, values, again=again)
            if again and known.source == "csv" and known.file_key is None:
                raise Conflict(
                    "the campaign's file is not kept any longer, so its rows cannot be read in "
                    "another way; upload it again"
                )
            await rows.change(connection, domain_id, campaign_id, values)
            if again and known.has_rows:
                await rows.read_anew(connection, domain_id, campaign_id)
            await self.domains.record(connection, domain_id, by, "campaign.change", known.name)
        return await self._told(domain_id, campaign_id)

    def _check_again(self, known: Campaign, values: Mapping[str, Any], *, again: bool) -> None:
        if known.status == "scheduled" and values.get("start_at", known.start_at) is None:
            raise Conflict("the campaign is scheduled; start it, pause it, or give it another time")
        begun = known.started_at is not None
        moved = "segment_id" in values and values["segment_id"] != known.segment_id
        if begun and (again or moved):
            raise Conflict(
                "the campaign has started, and its audience stays: mapping, channel, type and "
                "segment_id cannot be changed any more"
            )

    async def check(
        self,
        connection: Connection,
        domain_id: UUID,
        values: Mapping[str, Any],
        types: Sequence[str],
    ) -> None:
        """Raises Unprocessable, NotFound or Conflict for what does not fit this domain."""
        check_values(values, types)
        assistant_id, segment_id = values.get("assistant_id"), values.get("segment_id")
        if assistant_id and not await places.has_assistant(connection, domain_id, assistant_id):
            raise Unprocessable(f"assistant {assistant_id!r} does not exist")
        if segment_id and not await places.has_segment(connection, domain_id, segment_id):
            raise NotFound(f"segment {segment_id} does not exist")
        channel_id = await self._channel(connection, domain_id, values)
        follow_up = values.get("follow_up") or {}
        for template_id in (values.get("template_id"), follow_up.get("template_id")):
            if template_id is not None:
                found = await self.templates.get(connection, domain_id, UUID(str(template_id)))
                if channel_id is not None:
                    self.templates.usable(found, channel_id)

    async def _channel(
        self, connection: Connection, domain_id: UUID, values: Mapping[str, Any]
    ) -> UUID | None:
        """The channel that is meant; None when the domain has none of that kind yet."""
        known = await places.channels(connection, domain_id)
        if values.get("channel_id") is None:
            kind = values.get("channel")
            return next((each.channel_id for each in known if each.kind == kind), None)
        for each in known:
            if each.channel_id == values["channel_id"]:
                if each.kind != values.get("channel"):
                    raise Unprocessable(
                        f"channel_id {each.channel_id} is a channel of {each.kind}, "
                        f"and channel is {values.get('channel')}"
                    )
                return each.channel_id
        raise NotFound(f"channel {values['channel_id']} does not exist")

    # Running ----------------------------------------------------------------------------------

    async def start(
        self, domain_id: UUID, campaign_id: UUID, start_at: datetime | None, by: Caller | None
    ) -> Campaign:
        """Starts now, or at a moment. One that is still imported starts when that is done."""
        check_start(start_at, self.clock())
        async with self.db.tenant_tx(domain_id) as connection:
            known = await self._lock(connection, domain_id, campaign_id)
            check_status(known, ("importing", "ready", "scheduled"), "started")
            check_ready(known)
            await self.check_credit(connection, domain_id, known)
            await self._go(connection, known, start_at)
            await self.domains.record(connection, domain_id, by, "campaign.start", known.name)
        return await self._told(domain_id, campaign_id)

    async def resume(self, domain_id: UUID, campaign_id: UUID, by: Caller | None) -> Campaign:
        async with self.db.tenant_tx(domain_id) as connection:
            known = await self._lock(connection, domain_id, campaign_id)
            check_status(known, ("paused",), "resumed")
            check_ready(known)
            await self.check_credit(connection, domain_id, known)
            ahead = known.start_at if known.start_at and known.start_at > self.clock() else None
            await self._go(connection, known, ahead)
            await self.domains.record(connection, domain_id, by, "campaign.resume", known.name)
        return await self._told(domain_id, campaign_id)

    async def pause(self, domain_id: UUID, campaign_id: UUID, by: Caller | None) -> Campaign:
        """What is with a carrier already goes on."""
        async with self.db.tenant_tx(domain_id) as connection:
            known = await self._lock(connection, domain_id, campaign_id)
            check_status(known, PAUSABLE, "paused")
            await rows.set_status(
                connection, domain_id, campaign_id, "paused", known.start_at, by_hand=True
            )
            await self.domains.record(connection, domain_id, by, "campaign.pause", known.name)
        return await self._told(domain_id, campaign_id)

    async def cancel(self, domain_id: UUID, campaign_id: UUID, by: Caller | None) -> Campaign:
        """Whoever waits is written to no more."""
        async with self.db.tenant_tx(domain_id) as connection:
            known = await self._lock(connection, domain_id, campaign_id)
            if known.status in ENDED:
                raise Conflict(f"the campaign is {known.status} already")
            await rows.set_status(
                connection, domain_id, campaign_id, "canceled", None, by_hand=True
            )
            await self.domains.record(connection, domain_id, by, "campaign.cancel", known.name)
        await self._cancel_rows(domain_id, campaign_id)
        return await self._told(domain_id, campaign_id)

    async def delete(self, domain_id: UUID, campaign_id: UUID, by: Caller | None) -> None:
        """Takes it away with its file and the rows that no message came of."""
        async with self.db.tenant_tx(domain_id) as connection:
            known = await self._lock(connection, domain_id, campaign_id)
            check_status(known, DELETABLE, "deleted")
            await rows.set_status(
                connection, domain_id, campaign_id, "canceled", None, by_hand=True
            )
        more = True
        while more:
            async with self.db.tenant_tx(domain_id) as connection:
                more = await rows.delete_unsent(connection, domain_id, campaign_id, BATCH)
        async with self.db.tenant_tx(domain_id) as connection:
            if known.file_key is not None:
                await media.discard(connection, domain_id, [known.file_key])
            await rows.delete(connection, domain_id, campaign_id)
            await self.domains.record(connection, domain_id, by, "campaign.delete", known.name)
        self.telling.tell(domain_id, campaign_id, now=True)
        if known.file_key is not None:
            try:
                await self.store.delete([known.file_key])
            except StoreError as error:
                # It is noted, and goes when the store is back.
                log.warning("not deleted yet", error=error.text, key=known.file_key)

    async def tend(self) -> None:
        """Upkeep of all domains: starts what is due, ends what is done."""
        async with self.db.system_tx() as connection:
            changed = await rows.start_due(connection)
            changed += await rows.end_done(connection)
            canceled = await rows.canceled_with_rows(connection, 10)
        for domain_id, campaign_id in changed:
            self.telling.tell(domain_id, campaign_id, now=True)
        for domain_id, campaign_id in canceled:
            await self._cancel_rows(domain_id, campaign_id)

    async def _go(self, connection: Connection, known: Campaign, start_at: datetime | None) -> None:
        status: CampaignStatus = "running" if known.has_rows else "importing"
        if known.status == "importing":
            status = "importing"
        elif start_at is not None:
            status = "scheduled"
        await rows.set_status(
            connection, known.domain_id, known.campaign_id, status, start_at, by_hand=False
        )

    async def check_credit(
        self, connection: Connection, domain_id: UUID, of: Campaign | Plan
    ) -> None:
        """Raises PaymentRequired when the balance does not cover one message."""
        prices = await self.ledger.prices_of(connection, domain_id)
        if prices is None:
            return
        category = None
        if of.template_id is not None:
            category = (await self.templates.get(connection, domain_id, of.template_id)).category
        one = prices.price(of.channel, "out", call_type=of.call_type, category=category)
        await self.ledger.require(connection, domain_id, one)

    async def _cancel_rows(self, domain_id: UUID, campaign_id: UUID) -> None:
        changed = BATCH
        while changed == BATCH:
            async with self.db.tenant_tx(domain_id) as connection:
                changed = await rows.cancel_waiting(connection, domain_id, campaign_id, BATCH)

    async def _lock(self, connection: Connection, domain_id: UUID, campaign_id: UUID) -> Campaign:
        known = await rows.lock(connection, domain_id, campaign_id)
        if known is None:
            raise _unknown(campaign_id)
        return known

    async def _told(self, domain_id: UUID, campaign_id: UUID) -> Campaign:
        self.telling.tell(domain_id, campaign_id, now=True)
        return await self.get(domain_id, campaign_id)


def _unknown(campaign_id: UUID) -> NotFound:
    return NotFound(f"campaign {campaign_id} does not exist")
