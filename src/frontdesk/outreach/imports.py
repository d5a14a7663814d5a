"""Campaigns' audiences coming in: from a stored CSV, or from a segment.

One worker has an import at a time, by a token. Each batch is committed together with the place it
ends at, so that whoever goes on after a crash takes each row exactly once.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import structlog

from frontdesk.contacts.segments import SegmentService
from frontdesk.contacts.segments_model import Member
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.outreach._store import imports as rows
from frontdesk.outreach._store import places
from frontdesk.outreach.columns import Plan, Recipient
from frontdesk.outreach.csv_reading import CsvFile, Place, Records, open_csv
from frontdesk.outreach.judging import own_numbers, unreachable
from frontdesk.outreach.model import CALL_TYPES
from frontdesk.outreach.telling import Telling
from frontdesk.ports import ObjectStore, StoreError

log = structlog.get_logger()

BATCH = 2_000
STALE = timedelta(seconds=20)
"""A claim that was not renewed for so long is of a worker that died."""
RENEWALS = 4
"""Times that a claim is renewed before it would be stale."""
TURN = timedelta(seconds=10)
"""After which an import lets those go first that wait."""
ABANDONED = timedelta(hours=6)
NO_NUMBERS = "choose the column that has the phone numbers"


@dataclass
class Claim:
    domain_id: UUID
    campaign_id: UUID
    token: UUID
    turn_ends: float = inf
    """By the monotonic clock, from its first batch on."""


class Lost(Exception):
    """The import is no longer this claim's: canceled, mapped anew, or another worker's."""


class TurnOver(Exception):
    """Others wait to be imported; this one goes on after them."""


@dataclass
class ImportService:
    domains: DomainService
    store: ObjectStore
    segments: SegmentService
    telling: Telling
    batch: int = BATCH
    stale: timedelta = STALE
    turn: timedelta = TURN
    _db: Database = field(init=False)

    def __post_init__(self) -> None:
        self._db = self.domains.db

    async def claim(self) -> Claim | None:
        """Takes an import that waits, or whose worker died."""
        token = uuid4()
        async with self._db.system_tx() as connection:
            for domain_id, campaign_id in await rows.abandoned(connection, ABANDONED):
                log.warning("an upload never ended", campaign_id=str(campaign_id))
                self.telling.tell(domain_id, campaign_id, now=True)
            found = await rows.claim(connection, token, self.stale)
        return Claim(*found, token) if found else None

    async def run(self, claim: Claim) -> None:
        """Imports to the end, or to the end of its turn.

        A store that is away leaves the rest to whoever claims it next.
        """
        try:
            async with self._renewed(claim):
                work = await self._work(claim)
                if work["source"] == "csv":
                    await self._file(claim, work)
                else:
                    await self._audience(claim, work)
                await self._finish(claim)
        except Lost:
            return
        except TurnOver:
            await self._release(claim)
        except StoreError as error:
            if error.missing:
                await self._fail(claim, "the uploaded file is no longer there")
                return
            log.warning("store of files", error=error.text, campaign_id=str(claim.campaign_id))
            # Claimed again when the claim has become stale: the store gets that long.
        except FrontdeskError as error:
            await self._fail(claim, error.detail[:500])
        except asyncio.CancelledError:
            # A worker that is stopped; nothing of a batch that was not committed is there.
            await asyncio.shield(self._release(claim))
            raise

    # A file -----------------------------------------------------------------------------------

    async def _file(self, claim: Claim, work: asyncpg.Record) -> None:
        if "phone_number" not in work["mapping"]:
            return
        async with self.store.local(work["file_key"]) as path:
            await self._clear(claim, work)
            reading = _Reading(path)
            try:
                await self._read(claim, work, reading)
            finally:
                await asyncio.shield(asyncio.to_thread(reading.close))

    async def _read(self, claim: Claim, work: asyncpg.Record, reading: "_Reading") -> None:
        place = Place(work["file_read"], work["lines_read"])
        file = await asyncio.to_thread(reading.open, place)
        if list(work["columns"]) != file.columns:
            raise Unprocessable("the uploaded file's columns are not those that were mapped")
        domain = await self.domains.get(claim.domain_id)
        types = (*CALL_TYPES, *own_types(domain.settings))
        country = country_of(domain.settings)
        claim.turn_ends = monotonic() + self.turn.total_seconds()
        plan = Plan(
            work["columns"],
            work["mapping"],
            work["channel"],
            work["call_type"],
            types,
            country,
            await own_numbers_of(self._db, claim.domain_id),
        )
        reached = await asyncio.to_thread(reading.batch, plan, self.batch)
        while reached is not None:
            found, place = reached
            # The next batch is read while this one is stored.
            after = asyncio.create_task(asyncio.to_thread(reading.batch, plan, self.batch))
            try:
                await self._add(claim, found, None, place, work["person_id"])
            except BaseException:
                await asyncio.gather(after, return_exceptions=True)
                raise
            reached = await after

    async def _clear(self, claim: Claim, work: asyncpg.Record) -> None:
        """Takes away what an earlier mapping made of the file."""
        while work["file_read"] == 0:
            async with self._db.tenant_tx(claim.domain_id) as connection:
                await self._locked(connection, claim)
                if not await rows.clear(
                    connection, claim.domain_id, claim.campaign_id, 5 * self.batch
                ):
                    return

    # A segment --------------------------------------------------------------------------------

    async def _audience(self, claim: Claim, work: asyncpg.Record) -> None:
        claim.turn_ends = monotonic() + self.turn.total_seconds()
        own = await own_numbers_of(self._db, claim.domain_id)
        line, after = work["lines_read"], None
        if line:
            async with self._db.tenant_tx(claim.domain_id) as connection:
                after = await rows.last_contact(
                    connection, claim.domain_id, claim.campaign_id, line
                )
        while True:
            async with self._db.tenant_tx(claim.domain_id) as connection:
                found = await self.segments.members(
                    connection, claim.domain_id, work["segment_id"], after, self.batch
                )
            if not found:
                return
            made = [
                member_row(line + place, member, work["channel"], work["call_type"], own)
                for place, member in enumerate(found, 1)
            ]
            contacts = [member.contact_id for member in found]
            line, after = line + len(found), contacts[-1]
            await self._add(claim, made, contacts, Place(0, line), work["person_id"])

    # Both -------------------------------------------------------------------------------------

    async def _add(
        self,
        claim: Claim,
        found: Sequence[Recipient],
        contacts: Sequence[UUID | None] | None,
        place: Place,
        person_id: UUID | None,
    ) -> None:
        domain_id, campaign_id = claim.domain_id, claim.campaign_id
        # Lost with the machine, the rows are lost together with the place, and read again.
        async with self._db.tenant_tx(domain_id, durable=False) as connection:
            await self._locked(connection, claim)
            if found:
                await rows.add(connection, domain_id, campaign_id, found, contacts, person_id)
            await rows.advance(connection, domain_id, campaign_id, place.offset, place.line)
        self.telling.tell(domain_id, campaign_id)
        if monotonic() >= claim.turn_ends:
            await self._give_way(claim)

    async def _give_way(self, claim: Claim) -> None:
        """Raises TurnOver when others wait; else it is the claim's turn again."""
        async with self._db.system_tx(durable=False) as connection:
            if await rows.waits(connection):
                raise TurnOver
        claim.turn_ends = monotonic() + self.turn.total_seconds()

    async def _finish(self, claim: Claim) -> None:
        domain_id, campaign_id = claim.domain_id, claim.campaign_id
        async with self._db.tenant_tx(domain_id) as connection:
            await rows.skip_repeated(connection, domain_id, campaign_id)
        async with self._db.tenant_tx(domain_id) as connection:
            # Read last: somebody may have started or mapped it meanwhile.
            work = await self._locked(connection, claim)
            status, reason = "running", None
            if work["source"] == "csv" and "phone_number" not in work["mapping"]:
                status, reason = "ready", NO_NUMBERS
            elif work["started_by_hand"]:
                status = "ready"
            elif work["start_at"]:
                status = "scheduled"
            await rows.finish(connection, domain_id, campaign_id, claim.token, status, reason)
        self.telling.tell(domain_id, campaign_id, now=True)

    async def _fail(self, claim: Claim, reason: str) -> None:
        domain_id, campaign_id = claim.domain_id, claim.campaign_id
        async with self._db.tenant_tx(domain_id) as connection:
            await rows.finish(connection, domain_id, campaign_id, claim.token, "failed", reason)
        self.telling.tell(domain_id, campaign_id, now=True)

    async def _work(self, claim: Claim) -> asyncpg.Record:
        async with self._db.tenant_tx(claim.domain_id) as connection:
            return await self._locked(connection, claim)

    async def _locked(self, connection: Connection, claim: Claim) -> asyncpg.Record:
        work = await rows.work(connection, claim.domain_id, claim.campaign_id, claim.token)
        if work is None:
            raise Lost
        return work

    @asynccontextmanager
    async def _renewed(self, claim: Claim) -> AsyncGenerator[None]:
        """Keeps the claim through what takes long without a batch: fetching a file, reading another
        encoding, looking for repeated numbers."""
        renewing = asyncio.create_task(self._renew(claim))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(max(0.05, self.stale.total_seconds() / RENEWALS))
            async with self._db.tenant_tx(claim.domain_id, durable=False) as connection:
                await rows.renew(connection, claim.domain_id, claim.campaign_id, claim.token)

    async def _release(self, claim: Claim) -> None:
        async with self._db.tenant_tx(claim.domain_id) as connection:
            await rows.release(connection, claim.domain_id, claim.campaign_id, claim.token)


class _Reading:
    """An open file, whose every method runs in a thread."""

    def __init__(self, path: Path) -> None:
        self._opened = open_csv(path)
        self._records: Records | None = None

    def open(self, place: Place) -> CsvFile:
        file = self._opened.__enter__()
        self._records = file.records(place)
        return file

    def batch(self, plan: Plan, most: int) -> tuple[list[Recipient], Place] | None:
        """The next rows, and where they end; None at the end of the file."""
        assert self._records is not None
        records = self._records.batch(most)
        if records is None:
            return None
        made = [plan.recipient(record) for record in records]
        return [each for each in made if each is not None], self._records.place

    def close(self) -> None:
        if self._records is not None:
            self._opened.__exit__(None, None, None)


async def own_numbers_of(db: Database, domain_id: UUID) -> frozenset[str]:
    async with db.tenant_tx(domain_id) as connection:
        return own_numbers(await places.channels(connection, domain_id))


def member_row(
    line: int, member: Member, channel: str, call_type: str, own: Collection[str]
) -> Recipient:
    """A segment's member as a recipient; their attributes are variables."""
    why = unreachable(member.address, channel, own)
    return Recipient(
        line,
        member.address,
        channel,
        member.name,
        member.email,
        call_type,
        variables=orjson.dumps(member.attributes).decode(),
        reason_code="bad_number" if why else None,
        reason=why,
    )


def own_types(settings: dict[str, Any]) -> tuple[str, ...]:
    """The types of outreach that a domain has beside everybody's."""
    found = settings.get("call_types")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def country_of(settings: dict[str, Any]) -> str | None:
    """Where the domain's numbers without `+` are dialled; None: nowhere."""
    found = settings.get("default_country")
    return found.upper() if isinstance(found, str) and len(found) == 2 else None
