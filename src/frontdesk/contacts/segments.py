"""Use cases of segments: rules that are evaluated when they are used, and lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.contacts._store import segments
from frontdesk.contacts._store.segments import Selection
from frontdesk.contacts.importing import Given, bring_in
from frontdesk.contacts.model import check_line
from frontdesk.contacts.segments_model import (
    LONGEST_NAME,
    MOST_COUNTED,
    MOST_SEGMENTS,
    Count,
    Listed,
    Member,
    Rule,
    Segment,
    SegmentKind,
    read_rule,
)
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.clock import utc_now
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import country_of, normalize

MILLISECONDS = 3_000
"""How long members are counted."""
PAGE_MILLISECONDS = 15_000
MOST_ADDED = 1_000


@dataclass(frozen=True)
class SegmentService:
    domains: DomainService

    @property
    def db(self) -> Database:
        return self.domains.db

    # Reading ----------------------------------------------------------------------------------

    async def domain_of(self, domain_ids: Sequence[UUID], segment_id: UUID) -> UUID:
        """Which of the caller's domains has the segment. Raises NotFound."""
        for domain_id in domain_ids:
            async with self.db.tenant_tx(domain_id) as connection:
                if await segments.one(connection, domain_id, segment_id) is not None:
                    return domain_id
        raise _unknown(segment_id)

    async def all_of(self, domain_id: UUID) -> list[Segment]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await segments.all_of(connection, domain_id)

    async def get(self, domain_id: UUID, segment_id: UUID) -> Segment:
        async with self.db.tenant_tx(domain_id) as connection:
            return await self._one(connection, domain_id, segment_id)

    async def count(self, domain_id: UUID, segment: Segment) -> Count:
        """Up to MOST_COUNTED, and no longer than a moment."""
        selection = Selection(domain_id, segment, None, utc_now())
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                await segments.limit_time(connection, MILLISECONDS)
                found = await segments.addresses(connection, selection, MOST_COUNTED + 1)
        except asyncpg.QueryCanceledError:
            return Count(None, more=True)
        more = len(found) > MOST_COUNTED
        if not selection.is_exact:
            found = [each for each in found if country_of(each) == selection.country]
        return Count(min(len(found), MOST_COUNTED), more)

    async def members(
        self,
        connection: Connection,
        domain_id: UUID,
        segment_id: UUID,
        after: UUID | None,
        most: int,
    ) -> list[Member]:
        """Whom to write to, in the order of their ids; fewer than `most` only at the end.

        Those who are blocked or opted out are among them.
        """
        segment = await self._one(connection, domain_id, segment_id)
        found: list[Member] = []
        while len(found) < most:
            wanted = most - len(found)
            selection = Selection(domain_id, segment, after, utc_now())
            page = await segments.members(connection, selection, wanted)
            found += [each for each in page if _is_of(selection, each.address)]
            if len(page) < wanted:
                break
            after = page[-1].contact_id
        return found

    async def page(
        self, domain_id: UUID, segment: Segment, after: UUID | None, most: int
    ) -> list[Listed]:
        """As `members`, with what keeps campaigns from writing. Raises Conflict when it takes too
        long."""
        found: list[Listed] = []
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                await segments.limit_time(connection, PAGE_MILLISECONDS)
                while len(found) < most:
                    wanted = most - len(found)
                    selection = Selection(domain_id, segment, after, utc_now())
                    page = await segments.listed(connection, selection, wanted)
                    found += [each for each in page if _is_of(selection, each.address)]
                    if len(page) < wanted:
                        break
                    after = page[-1].contact_id
        except asyncpg.QueryCanceledError:
            raise Conflict(
                f"looking through the contacts for {segment.name!r} takes too long to show; "
                "make the rule narrower"
            ) from None
        return found

    # Changing ---------------------------------------------------------------------------------

    async def create(
        self,
        domain_id: UUID,
        name: str,
        kind: SegmentKind,
        rule: Mapping[str, Any] | None,
        by: Caller,
    ) -> Segment:
        if kind == "list" and rule:
            raise Unprocessable("a list has no rule; leave rule out, or make the kind rule")
        now = utc_now()
        checked = read_rule(rule or {})
        segment = Segment(new_id(), check_line("name", name, LONGEST_NAME), kind, checked, now, now)
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                await self._check(connection, domain_id, checked)
                if len(await segments.all_of(connection, domain_id)) >= MOST_SEGMENTS:
                    raise Conflict(f"the domain has {MOST_SEGMENTS} segments already, the most")
                await segments.insert(connection, domain_id, segment)
                await self.domains.record(connection, domain_id, by, "segment.create", segment.name)
        except asyncpg.UniqueViolationError:
            raise _taken(segment.name) from None
        self.db.changes.tell_settings(domain_id, "segments", segment.segment_id)
        return segment

    async def change(
        self,
        domain_id: UUID,
        segment_id: UUID,
        name: str | None,
        rule: Mapping[str, Any] | None,
        by: Caller,
    ) -> Segment:
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                segment = await self._one(connection, domain_id, segment_id)
                if name is not None:
                    segment = replace(segment, name=check_line("name", name, LONGEST_NAME))
                if rule is not None:
                    if segment.kind == "list":
                        raise Unprocessable(f"{segment.name!r} is a list, which has no rule")
                    segment = replace(segment, rule=read_rule(rule))
                    await self._check(connection, domain_id, segment.rule)
                segment = replace(segment, updated_at=utc_now())
                await segments.update(connection, domain_id, segment)
                await self.domains.record(connection, domain_id, by, "segment.change", segment.name)
        except asyncpg.UniqueViolationError:
            raise _taken(name or "") from None
        self.db.changes.tell_settings(domain_id, "segments", segment_id)
        return segment

    async def delete(self, domain_id: UUID, segment_id: UUID, by: Caller) -> None:
        """Its contacts stay. Raises Conflict while something sends to it."""
        async with self.db.tenant_tx(domain_id) as connection:
            segment = await self._one(connection, domain_id, segment_id)
            if (user := await segments.used_by(connection, domain_id, segment_id)) is not None:
                raise Conflict(f"{user!r} sends to {segment.name!r}; stop it first")
            await segments.delete(connection, domain_id, segment_id)
            await self.domains.record(connection, domain_id, by, "segment.delete", segment.name)
        self.db.changes.tell_settings(domain_id, "segments", segment_id)

    async def add(
        self,
        domain_id: UUID,
        segment_id: UUID,
        contact_ids: Sequence[UUID],
        phone_numbers: Sequence[str],
    ) -> int:
        """How many were not in the list. An unknown number becomes a contact."""
        if len(contact_ids) + len(phone_numbers) > MOST_ADDED:
            raise Unprocessable(f"up to {MOST_ADDED} contacts are added at once; use several calls")
        country = (await self.domains.get(domain_id)).settings.get("default_country")
        region = country.upper() if isinstance(country, str) and len(country) == 2 else None
        addresses = dict.fromkeys(normalize(each, region) for each in phone_numbers)
        async with self.db.tenant_tx(domain_id) as connection:
            await self._list(connection, domain_id, segment_id)
            known = await segments.known(connection, domain_id, contact_ids)
            if missing := [each for each in contact_ids if each not in known]:
                raise NotFound(f"contact {missing[0]} does not exist")
            given = [Given(address) for address in addresses]
            made = await bring_in(connection, domain_id, given)
            added = await segments.add(
                connection, domain_id, segment_id, [*contact_ids, *made.contact_ids]
            )
        self.db.changes.tell_settings(domain_id, "segments", segment_id)
        return added

    async def remove(self, domain_id: UUID, segment_id: UUID, contact_id: UUID) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            await self._list(connection, domain_id, segment_id)
            if not await segments.remove(connection, domain_id, segment_id, contact_id):
                raise NotFound(f"contact {contact_id} is not in the list")
        self.db.changes.tell_settings(domain_id, "segments", segment_id)

    async def add_members(
        self,
        connection: Connection,
        domain_id: UUID,
        segment_id: UUID,
        contact_ids: Sequence[UUID],
    ) -> int:
        """Inside the caller's transaction: contacts of a list, which are there."""
        return await segments.add(connection, domain_id, segment_id, contact_ids)

    async def require_list(self, domain_id: UUID, segment_id: UUID) -> Segment:
        """Raises NotFound, and Conflict for a rule, into which nobody can be put."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await self._list(connection, domain_id, segment_id)

    # Parts ------------------------------------------------------------------------------------

    async def _one(self, connection: Connection, domain_id: UUID, segment_id: UUID) -> Segment:
        segment = await segments.one(connection, domain_id, segment_id)
        if segment is None:
            raise _unknown(segment_id)
        return segment

    async def _list(self, connection: Connection, domain_id: UUID, segment_id: UUID) -> Segment:
        segment = await self._one(connection, domain_id, segment_id)
        if segment.kind != "list":
            raise Conflict(f"{segment.name!r} is a rule; contacts are put into lists only")
        return segment

    async def _check(self, connection: Connection, domain_id: UUID, rule: Rule) -> None:
        known = await segments.known_labels(connection, domain_id, rule.labels)
        for label_id in rule.labels:
            if label_id not in known:
                raise Unprocessable(f"rule.labels names {label_id}, which is no label")


def _is_of(selection: Selection, address: str) -> bool:
    return selection.is_exact or country_of(address) == selection.country


def _unknown(segment_id: UUID) -> NotFound:
    return NotFound(f"segment {segment_id} does not exist")


def _taken(name: str) -> Conflict:
    return Conflict(f"the domain has a segment {name!r} already")
