"""Use cases of saved views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.inbox._store import views
from frontdesk.inbox.model import MOST_VIEWS, View, check_filters, check_name
from frontdesk.inbox.owning import domain_having, unknown
from frontdesk.kernel.errors import Conflict, Forbidden
from frontdesk.kernel.ids import new_id


@dataclass(frozen=True)
class ViewService:
    """A view that is not shared exists for its owner only."""

    domains: DomainService

    async def domain_of(self, domain_ids: Sequence[UUID], view_id: UUID, by: Caller) -> UUID:
        read = partial(_visible, by.person_id)
        return await domain_having(self.domains.db, domain_ids, "view", view_id, read)

    async def visible(self, domain_id: UUID, by: Caller) -> list[View]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await views.visible(connection, domain_id, by.person_id)

    async def create(
        self, domain_id: UUID, name: str, filters: Mapping[str, str], by: Caller, *, shared: bool
    ) -> View:
        view = View(
            new_id(), by.person_id, check_name("name", name), check_filters(filters), shared
        )
        async with self.domains.db.tenant_tx(domain_id) as connection:
            if await views.count(connection, domain_id, by.person_id) >= MOST_VIEWS:
                raise Conflict(f"you have {MOST_VIEWS} views already, the most")
            await views.insert(connection, domain_id, view)
            await self.domains.record(
                connection, domain_id, by, "view.create", view.name, shared=shared
            )
        self.domains.db.changes.tell_settings(domain_id, "views", view.view_id)
        return view

    async def change(
        self,
        domain_id: UUID,
        view_id: UUID,
        by: Caller,
        *,
        name: str | None = None,
        filters: Mapping[str, str] | None = None,
        shared: bool | None = None,
    ) -> View:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            view = await self._own(connection, domain_id, view_id, by)
            view = replace(
                view,
                name=view.name if name is None else check_name("name", name),
                filters=view.filters if filters is None else check_filters(filters),
                shared=view.shared if shared is None else shared,
            )
            await views.update(connection, domain_id, view)
            await self.domains.record(
                connection, domain_id, by, "view.change", view.name, shared=view.shared
            )
        self.domains.db.changes.tell_settings(domain_id, "views", view_id)
        return view

    async def delete(self, domain_id: UUID, view_id: UUID, by: Caller) -> None:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            view = await self._own(connection, domain_id, view_id, by)
            await views.delete(connection, domain_id, view_id)
            await self.domains.record(connection, domain_id, by, "view.delete", view.name)
        self.domains.db.changes.tell_settings(domain_id, "views", view_id)

    async def _own(
        self, connection: Connection, domain_id: UUID, view_id: UUID, by: Caller
    ) -> View:
        """A view that the caller may change. Raises NotFound, Forbidden."""
        view = await views.one(connection, domain_id, by.person_id, view_id)
        if view is None:
            raise unknown("view", view_id)
        if view.person_id != by.person_id and not by.member_of(domain_id).at_least("admin"):
            raise Forbidden(
                f"the view {view.name!r} is somebody else's; its owner or an admin changes it"
            )
        return view


async def _visible(
    person_id: UUID, connection: Connection, domain_id: UUID, view_id: UUID
) -> View | None:
    return await views.one(connection, domain_id, person_id, view_id)
