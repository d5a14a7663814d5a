"""Use cases of repeats: campaigns that are made anew at their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from frontdesk.contacts.segments import SegmentService
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, FrontdeskError, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.outreach import repeat_rule
from frontdesk.outreach._store import repeats as rows
from frontdesk.outreach._store.repeats import Repeat
from frontdesk.outreach.campaign import Plan, check_channel, check_name
from frontdesk.outreach.campaigns import CampaignService

log = structlog.get_logger()

MOST_REPEATS = 200
MOST_DUE = 20
LATEST = timedelta(hours=6)
"""What could not be begun for so long after its time is left out: good morning is no good night."""
PLANNED = tuple(each.name for each in fields(Plan) if each.name not in ("name", "segment_id"))
IDS = ("channel_id", "template_id")


@dataclass(frozen=True)
class RepeatService:
    campaigns: CampaignService
    segments: SegmentService
    clock: Clock = utc_now

    @property
    def db(self) -> Database:
        return self.campaigns.db

    async def domain_of(self, domain_ids: Sequence[UUID], repeat_id: UUID) -> UUID:
        for domain_id in domain_ids:
            async with self.db.tenant_tx(domain_id) as connection:
                if await rows.one(connection, domain_id, repeat_id) is not None:
                    return domain_id
        raise _unknown(repeat_id)

    async def all_of(self, domain_id: UUID) -> list[Repeat]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await rows.all_of(connection, domain_id)

    async def create(
        self,
        domain_id: UUID,
        name: str,
        segment_id: UUID,
        plan: Mapping[str, Any],
        rule: Mapping[str, Any],
        by: Caller,
    ) -> Repeat:
        read = repeat_rule.read(rule)
        now = self.clock()
        repeat = Repeat(
            domain_id,
            new_id(),
            check_name(name),
            segment_id,
            _stored(plan),
            read.stored(),
            read.next_after(now),
            "active",
            by.person_id,
            now,
        )
        types = await self.campaigns.call_types(domain_id)
        async with self.db.tenant_tx(domain_id) as connection:
            if len(await rows.all_of(connection, domain_id)) >= MOST_REPEATS:
                raise Conflict(f"the domain has {MOST_REPEATS} repeats already, the most")
            await self._check(connection, repeat, types)
            await rows.put(connection, repeat)
            await self.campaigns.domains.record(
                connection, domain_id, by, "repeat.create", repeat.name
            )
        self._tell(repeat)
        return repeat

    async def change(
        self, domain_id: UUID, repeat_id: UUID, given: Mapping[str, Any], by: Caller
    ) -> Repeat:
        """A rule that is changed, and a repeat that is taken up again, begin from now."""
        types = await self.campaigns.call_types(domain_id)
        async with self.db.tenant_tx(domain_id) as connection:
            known = await rows.one(connection, domain_id, repeat_id, lock=True)
            if known is None:
                raise _unknown(repeat_id)
            repeat = replace(
                known,
                name=check_name(given.get("name") or known.name),
                segment_id=given.get("segment_id") or known.segment_id,
                plan=_stored({**known.plan, **(given.get("plan") or {})}),
                state=given.get("state") or known.state,
            )
            read = repeat_rule.read(given.get("rule") or known.rule)
            moved = read.stored() != known.rule or repeat.state != known.state
            if moved:
                repeat = replace(repeat, rule=read.stored(), next_at=read.next_after(self.clock()))
            await self._check(connection, repeat, types)
            await rows.put(connection, repeat)
            await self.campaigns.domains.record(
                connection, domain_id, by, "repeat.change", repeat.name
            )
        self._tell(repeat)
        return repeat

    async def delete(self, domain_id: UUID, repeat_id: UUID, by: Caller) -> None:
        """Campaigns that it has made stay."""
        async with self.db.tenant_tx(domain_id) as connection:
            known = await rows.one(connection, domain_id, repeat_id, lock=True)
            if known is None:
                raise _unknown(repeat_id)
            await rows.delete(connection, domain_id, repeat_id)
            await self.campaigns.domains.record(
                connection, domain_id, by, "repeat.delete", known.name
            )
        self._tell(known)

    async def make_due(self) -> int:
        """Makes the campaigns whose time has come, each once; how many."""
        now = self.clock()
        async with self.db.system_tx(durable=False) as connection:
            due = await rows.due(connection, now, MOST_DUE)
        made = 0
        for domain_id, repeat_id in due:
            made += await self._make(domain_id, repeat_id)
        return made

    async def _make(self, domain_id: UUID, repeat_id: UUID) -> bool:
        now, types = self.clock(), await self.campaigns.call_types(domain_id)
        async with self.db.tenant_tx(domain_id) as connection:
            repeat = await rows.claim(connection, domain_id, repeat_id, now)
            if repeat is None or repeat.next_at is None:
                return False
            rule = repeat_rule.read(repeat.rule)
            late = now - repeat.next_at > LATEST
            if late:
                log.warning("a repeat was left out", repeat=repeat.name, at=str(repeat.next_at))
                await rows.put(connection, replace(repeat, next_at=rule.next_after(now)))
                self._tell(repeat)
                return False
            try:
                campaign_id = await self._insert(connection, repeat, types)
            except FrontdeskError as error:
                # Its template or channel is gone. It stays where people see that it stopped.
                log.warning("a repeat stopped", repeat=repeat.name, error=error.detail)
                await rows.put(connection, replace(repeat, state="stopped"))
                campaign_id = None
            else:
                await rows.put(connection, replace(repeat, next_at=rule.next_after(now)))
        self._tell(repeat)
        if campaign_id is not None:
            self.campaigns.telling.tell(domain_id, campaign_id, now=True)
        return campaign_id is not None

    async def _insert(self, connection: Connection, repeat: Repeat, types: Sequence[str]) -> UUID:
        zone = repeat_rule.read(repeat.rule).zone
        assert repeat.next_at is not None
        plan = _plan(repeat, f"{repeat.name} · {repeat.next_at.astimezone(zone):%Y-%m-%d}")
        return await self.campaigns.insert(
            connection,
            repeat.domain_id,
            plan,
            types,
            person_id=repeat.person_id,
            source="repeat",
            status="importing",
            repeat_id=repeat.repeat_id,
            started_by_hand=False,
        )

    async def _check(self, connection: Connection, repeat: Repeat, types: Sequence[str]) -> None:
        plan = _plan(repeat, repeat.name)
        check_channel(plan.channel)
        if plan.template_id is None and not plan.instruction:
            raise Unprocessable("plan has neither template_id nor instruction; set one of them")
        values = {each.name: getattr(plan, each.name) for each in fields(plan)}
        await self.campaigns.check(connection, repeat.domain_id, values, types)
        # Raises NotFound.
        await self.segments.members(connection, repeat.domain_id, repeat.segment_id, None, 1)

    def _tell(self, repeat: Repeat) -> None:
        self.db.changes.tell_settings(repeat.domain_id, "repeats", repeat.repeat_id)


def _stored(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(plan[name]) if name in IDS else plan[name]
        for name in PLANNED
        if plan.get(name) is not None
    }


def _plan(repeat: Repeat, name: str) -> Plan:
    stored: dict[str, Any] = {
        key: UUID(value) if key in IDS else value
        for key, value in repeat.plan.items()
        if key in PLANNED
    }
    return Plan(name, segment_id=repeat.segment_id, **stored)


def _unknown(repeat_id: UUID) -> NotFound:
    return NotFound(f"repeat {repeat_id} does not exist")
