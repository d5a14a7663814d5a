"""Use cases of labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.inbox._store import labels
from frontdesk.inbox.model import MOST_LABELS, Color, Label, check_name
from frontdesk.inbox.owning import domain_having, unknown
from frontdesk.kernel.errors import Conflict
from frontdesk.kernel.ids import new_id


@dataclass(frozen=True)
class LabelService:
    domains: DomainService

    async def domain_of(self, domain_ids: Sequence[UUID], label_id: UUID) -> UUID:
        return await domain_having(self.domains.db, domain_ids, "label", label_id, labels.one)

    async def all_of(self, domain_id: UUID) -> list[Label]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await labels.all_of(connection, domain_id)

    async def create(self, domain_id: UUID, name: str, color: Color, by: Caller) -> Label:
        label = Label(new_id(), check_name("name", name), color)
        try:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                if len(await labels.all_of(connection, domain_id)) >= MOST_LABELS:
                    raise Conflict(f"the domain has {MOST_LABELS} labels already, the most")
                await labels.insert(connection, domain_id, label)
                await self.domains.record(connection, domain_id, by, "label.create", label.name)
        except asyncpg.UniqueViolationError:
            raise _taken(label.name) from None
        self.domains.db.changes.tell_settings(domain_id, "labels", label.label_id)
        return label

    async def change(
        self, domain_id: UUID, label_id: UUID, name: str | None, color: Color | None, by: Caller
    ) -> Label:
        try:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                label = await labels.one(connection, domain_id, label_id)
                if label is None:
                    raise unknown("label", label_id)
                if name is not None:
                    label = replace(label, name=check_name("name", name))
                if color is not None:
                    label = replace(label, color=color)
                await labels.update(connection, domain_id, label)
                await self.domains.record(connection, domain_id, by, "label.change", label.name)
                shown = await labels.conversations(connection, domain_id, label_id)
        except asyncpg.UniqueViolationError:
            raise _taken(name or "") from None
        self._tell(domain_id, label_id, shown)
        return label

    async def delete(self, domain_id: UUID, label_id: UUID, by: Caller) -> None:
        """Conversations lose it."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            label = await labels.one(connection, domain_id, label_id)
            if label is None:
                raise unknown("label", label_id)
            shown = await labels.conversations(connection, domain_id, label_id)
            await labels.delete(connection, domain_id, label_id)
            await self.domains.record(connection, domain_id, by, "label.delete", label.name)
        self._tell(domain_id, label_id, shown)

    def _tell(self, domain_id: UUID, label_id: UUID, shown: Sequence[UUID]) -> None:
        changes = self.domains.db.changes
        changes.tell_settings(domain_id, "labels", label_id)
        if len(shown) == labels.MOST_TOLD:
            changes.tell_reset(domain_id)
            return
        for conversation_id in shown:
            changes.tell(domain_id, conversation_id)


def _taken(name: str) -> Conflict:
    return Conflict(f"a label {name[:80]!r} exists already; use another name")
