"""Files of campaigns: stored as they come in, looked at, and handed to the import.

The campaign is there before its file's first byte, so that a broken upload leaves nothing that
nobody knows of.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog

from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.kernel.errors import Conflict, FrontdeskError, Invalid, Unprocessable
from frontdesk.media.incoming import Tally
from frontdesk.media.service import unavailable
from frontdesk.outreach._store import campaigns as rows
from frontdesk.outreach._store import imports as import_rows
from frontdesk.outreach.campaign import MOST_FILE, SAME_FILE_WITHIN, Campaign, Plan, check_content
from frontdesk.outreach.campaigns import BATCH, CampaignService
from frontdesk.outreach.columns import Plan as RowPlan
from frontdesk.outreach.columns import guess, problems
from frontdesk.outreach.csv_reading import open_csv
from frontdesk.outreach.imports import country_of, own_numbers_of, own_types
from frontdesk.outreach.model import CALL_TYPES
from frontdesk.ports import ObjectStore, StoreError

log = structlog.get_logger()

FOLDER = "campaigns/"
PREVIEWED = 10
LONGEST_SHOWN = 500
LONGEST_FILENAME = 200
LONGEST_SILENCE = 60.0
"""Seconds that a sender may say nothing in the middle of its file."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it is in the file, with what is wrong with it."""

    line: int
    values: dict[str, str]
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """What the head of a file says."""

    columns: list[str]
    mapping: dict[str, str]
    preview: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Uploaded:
    campaign: Campaign
    looked: Looked


@dataclass(frozen=True)
class UploadService:
    campaigns: CampaignService
    store: ObjectStore

    @property
    def db(self) -> Database:
        return self.campaigns.db

    async def upload(
        self,
        domain_id: UUID,
        plan: Plan,
        filename: str,
        chunks: AsyncIterator[bytes],
        by: Caller | None,
        *,
        start: bool = False,
        confirm: bool = False,
        whole: bool = False,
    ) -> Uploaded:
        """Stores the file and leaves it to the import. `start`: it runs when that is done.

        Raises Conflict when the domain has sent the same file before, unless `confirm`. `whole`:
        nobody will look at it before it is sent, so Unprocessable is raised when no column's name
        says that it has the phone numbers, and PaymentRequired without credit for one message.
        """
        filename = Path(filename.replace("\\", "/")).name[:LONGEST_FILENAME] or "upload.csv"
        plan = replace(plan, name=plan.name or filename)
        types = await self.campaigns.call_types(domain_id)
        async with self.db.tenant_tx(domain_id) as connection:
            campaign_id = await self.campaigns.insert(
                connection,
                domain_id,
                plan,
                types,
                person_id=by.person_id if by else None,
                source="csv",
                status="importing",
                filename=filename.replace("\x00", ""),
                started_by_hand=not start,
            )
            if start:
                await self.campaigns.check_credit(connection, domain_id, plan)
            key = f"{FOLDER}{domain_id}/{campaign_id}.csv"
            await rows.set_file(connection, domain_id, campaign_id, key)
        try:
            looked = await self._take(
                domain_id, campaign_id, key, chunks, plan, start=start, confirm=confirm, whole=whole
            )
        except StoreError as error:
            await self._undo(domain_id, campaign_id, key)
            raise unavailable(error) from error
        except BaseException:
            await asyncio.shield(self._undo(domain_id, campaign_id, key))
            raise
        campaign = await self.campaigns.get(domain_id, campaign_id)
        self.campaigns.telling.tell(domain_id, campaign_id, now=True)
        return Uploaded(campaign, looked)

    async def _take(
        self,
        domain_id: UUID,
        campaign_id: UUID,
        key: str,
        chunks: AsyncIterator[bytes],
        plan: Plan,
        *,
        start: bool,
        confirm: bool,
        whole: bool,
    ) -> Looked:
        tally = Tally(MOST_FILE)
        await self.store.put(key, tally.of(b"", flowing(chunks)), "text/csv")
        if not tally.size:
            raise Invalid("the file is empty")
        looked = await self.look(domain_id, key, plan)
        if whole and "phone_number" not in looked.mapping:
            raise Unprocessable(
                f"no column of the file has phone numbers: name one phone_number; the columns are "
                f"{', '.join(looked.columns)[:LONGEST_SHOWN]}"
            )
        if start:
            check_content(plan, looked.mapping)
        checksum = tally.digest.digest()
        async with self.db.tenant_tx(domain_id) as connection:
            same = await rows.same_file(connection, domain_id, checksum, SAME_FILE_WITHIN)
            if same is not None and not confirm:
                raise Conflict(_sent_before(same["name"], same["campaign_id"], same["created_at"]))
            await rows.uploaded(
                connection,
                domain_id,
                campaign_id,
                tally.size,
                checksum,
                looked.columns,
                looked.mapping,
            )
        return looked

    async def look(
        self, domain_id: UUID, key: str, plan: Plan, mapping: dict[str, str] | None = None
    ) -> Looked:
        """The head of a stored file, its rows read as the import would read them."""
        domain = await self.campaigns.domains.get(domain_id)
        types = (*CALL_TYPES, *own_types(domain.settings))
        country = country_of(domain.settings)
        own = await own_numbers_of(self.db, domain_id)
        async with self.store.local(key) as path:
            return await asyncio.to_thread(_look, path, plan, mapping, types, country, own)

    async def preview(self, campaign: Campaign) -> Looked:
        """What a campaign's file begins with, as it is mapped now."""
        if campaign.file_key is None or campaign.file_bytes is None:
            return Looked([], {}, [])
        plan = Plan(campaign.name, campaign.channel, call_type=campaign.call_type)
        try:
            return await self.look(
                campaign.domain_id, campaign.file_key, plan, dict(campaign.mapping)
            )
        except StoreError as error:
            raise unavailable(error) from error

    async def _undo(self, domain_id: UUID, campaign_id: UUID, key: str) -> None:
        try:
            await self.store.delete([key])
        except StoreError as error:
            # The campaign stays with its key, is marked as broken off, and can be deleted.
            log.warning("not deleted yet", error=error.text, key=key)
            return
        more = True
        while more:
            async with self.db.tenant_tx(domain_id) as connection:
                more = await import_rows.clear(connection, domain_id, campaign_id, BATCH)
        async with self.db.tenant_tx(domain_id) as connection:
            await rows.delete(connection, domain_id, campaign_id)


async def flowing(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, as long as they keep coming."""
    while True:
        try:
            async with asyncio.timeout(LONGEST_SILENCE):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise Invalid(f"the upload stood still for {LONGEST_SILENCE:g} s") from error
        if chunk is None:
            return
        yield chunk


def _look(
    path: Path,
    plan: Plan,
    mapping: dict[str, str] | None,
    types: Sequence[str],
    country: str | None,
    own: Collection[str],
) -> Looked:
    with open_csv(path) as file:
        mapped = guess(file.columns) if mapping is None else mapping
        reading = RowPlan(file.columns, mapped, plan.channel, plan.call_type, types, country, own)
        shown: list[Shown] = []
        for record in file.records().head():
            if len(shown) >= PREVIEWED:
                break
            cells = dict(zip(file.columns, record.cells, strict=False))
            values = {name: cell[:LONGEST_SHOWN] for name, cell in cells.items()}
            try:
                found = problems(reading.recipient(record))
            except FrontdeskError as error:
                found = [error.detail]
            shown.append(Shown(record.line, values, found))
        return Looked(file.columns, mapped, shown)


def _sent_before(name: str, campaign_id: UUID, at: datetime) -> str:
    return (
        f"the same file was uploaded on {at:%Y-%m-%d %H:%M} UTC as {name!r} (batch {campaign_id}); "
        "send it with confirm=true to write to everybody in it again"
    )
