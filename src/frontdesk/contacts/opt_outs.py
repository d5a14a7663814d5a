"""Who must not be written to, and the record of it that auditors ask for."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from frontdesk.contacts._store import opt_out_lists
from frontdesk.contacts.cards import ContactService
from frontdesk.contacts.model import LogEntry, OptedOut
from frontdesk.db.tenancy import Database

PAGE = 1_000
"""Rows that an export reads at a time."""


@dataclass(frozen=True)
class OptOutService:
    contacts: ContactService

    @property
    def db(self) -> Database:
        return self.contacts.db

    async def latest(
        self, domain_id: UUID, before: tuple[datetime, UUID, UUID] | None, most: int
    ) -> list[OptedOut]:
        """`before` is the time, the contact and the channel of the last one that was shown."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await opt_out_lists.latest(connection, domain_id, before, most)

    async def find(self, domain_id: UUID, text: str, most: int) -> list[OptedOut]:
        """Of the contacts that a look-up by name, number or e-mail finds first."""
        found = await self.contacts.find(domain_id, text, 0, most)
        contact_ids = [each.contact_id for each in found]
        async with self.db.tenant_tx(domain_id) as connection:
            return await opt_out_lists.of_contacts(connection, domain_id, contact_ids, most)

    async def log(
        self,
        domain_id: UUID,
        contact_id: UUID | None,
        before: tuple[datetime, UUID] | None,
        most: int,
    ) -> list[LogEntry]:
        """Of a contact with those merged into it, or of everybody. Raises NotFound."""
        contact_ids: Sequence[UUID] | None = None
        if contact_id is not None:
            contact_ids = (await self.contacts.card(domain_id, contact_id)).contact_ids
        async with self.db.tenant_tx(domain_id) as connection:
            return await opt_out_lists.log(connection, domain_id, contact_ids, before, most)

    async def whole_log(
        self, domain_id: UUID, contact_id: UUID | None
    ) -> AsyncGenerator[Sequence[LogEntry]]:
        """All of the log, page by page."""
        before: tuple[datetime, UUID] | None = None
        while page := await self.log(domain_id, contact_id, before, PAGE):
            yield page
            before = (page[-1].at, page[-1].entry_id)
