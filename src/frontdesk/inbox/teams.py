"""Use cases of teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.inbox._store import teams
from frontdesk.inbox.model import MOST_MEMBERS, MOST_TEAMS, Team, check_name
from frontdesk.inbox.owning import domain_having, unknown
from frontdesk.kernel.errors import Conflict, Unprocessable
from frontdesk.kernel.ids import new_id


@dataclass(frozen=True)
class TeamService:
    domains: DomainService

    async def domain_of(self, domain_ids: Sequence[UUID], team_id: UUID) -> UUID:
        return await domain_having(self.domains.db, domain_ids, "team", team_id, teams.one)

    async def all_of(self, domain_id: UUID) -> list[Team]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await teams.all_of(connection, domain_id)

    async def create(
        self, domain_id: UUID, name: str, member_ids: Sequence[UUID], by: Caller
    ) -> Team:
        team_id, name = new_id(), check_name("name", name)
        try:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                if len(await teams.all_of(connection, domain_id)) >= MOST_TEAMS:
                    raise Conflict(f"the domain has {MOST_TEAMS} teams already, the most")
                await teams.insert(connection, domain_id, team_id, name)
                await _set_members(connection, domain_id, team_id, member_ids)
                await self.domains.record(connection, domain_id, by, "team.create", name)
                team = await teams.one(connection, domain_id, team_id)
                assert team is not None
        except asyncpg.UniqueViolationError:
            raise _taken(name) from None
        self.domains.db.changes.tell_settings(domain_id, "teams", team_id)
        return team

    async def change(
        self,
        domain_id: UUID,
        team_id: UUID,
        name: str | None,
        member_ids: Sequence[UUID] | None,
        by: Caller,
    ) -> Team:
        """Changes what is given; the members are the whole list."""
        try:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                if await teams.one(connection, domain_id, team_id) is None:
                    raise unknown("team", team_id)
                if name is not None:
                    await teams.rename(connection, domain_id, team_id, check_name("name", name))
                if member_ids is not None:
                    await _set_members(connection, domain_id, team_id, member_ids)
                team = await teams.one(connection, domain_id, team_id)
                assert team is not None
                await self.domains.record(connection, domain_id, by, "team.change", team.name)
        except asyncpg.UniqueViolationError:
            raise _taken(name or "") from None
        self.domains.db.changes.tell_settings(domain_id, "teams", team_id)
        return team

    async def delete(self, domain_id: UUID, team_id: UUID, by: Caller) -> None:
        """Conversations of the team are no team's then."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            team = await teams.one(connection, domain_id, team_id)
            if team is None:
                raise unknown("team", team_id)
            await teams.delete(connection, domain_id, team_id)
            await self.domains.record(connection, domain_id, by, "team.delete", team.name)
        self.domains.db.changes.tell_settings(domain_id, "teams", team_id)


async def _set_members(
    connection: Connection, domain_id: UUID, team_id: UUID, member_ids: Sequence[UUID]
) -> None:
    wanted = list(dict.fromkeys(member_ids))
    if len(wanted) > MOST_MEMBERS:
        raise Unprocessable(f"member_ids has {len(wanted)} ids; use up to {MOST_MEMBERS}")
    known = set(await teams.set_members(connection, domain_id, team_id, wanted))
    strangers = [person_id for person_id in wanted if person_id not in known]
    if strangers:
        raise Unprocessable(f"{strangers[0]} is not a person of this domain; members are")


def _taken(name: str) -> Conflict:
    return Conflict(f"a team {name[:80]!r} exists already; use another name")
