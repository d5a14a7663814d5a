"""Who may make whom a member, and of which rank."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.domains._store import people as rows
from frontdesk.domains._store import tokens as token_rows
from frontdesk.domains.model import INVITATION_LASTS, Caller, Person, Role, check_role
from frontdesk.domains.service import DomainService, token_hash
from frontdesk.kernel.errors import Forbidden, NotFound
from frontdesk.kernel.ids import new_id


@dataclass(frozen=True)
class Invitation:
    """A token that sets a person's password, once, until `expires_at`."""

    token: str
    expires_at: datetime


@dataclass(frozen=True)
class PeopleService:
    """Admins look after people; what concerns an owner is for owners."""

    domains: DomainService

    async def invite(
        self, domain_id: UUID, email: str, name: str, role: str, by: Caller
    ) -> tuple[Person, Invitation]:
        _may_concern(domain_id, by, check_role(role))
        person = await self.domains.add_person(domain_id, email, name, role, by)
        return person, await self.invitation(domain_id, person.person_id, by)

    async def invitation(self, domain_id: UUID, person_id: UUID, by: Caller) -> Invitation:
        """A new link for a person, which makes an older one worthless. Raises Forbidden.

        Whoever has it gets in everywhere that this person does: so whoever asks for it must be
        allowed to in each of the person's domains.
        """
        token = secrets.token_urlsafe(32)
        expires_at = datetime.now(UTC) + INVITATION_LASTS
        async with self.domains.db.system_tx() as connection:
            person = await _person(connection, domain_id, person_id)
            for each in await rows.everywhere(connection, person_id):
                _may_reset(each, domain_id, by)
            await token_rows.delete_expired(connection, domain_id)
            await token_rows.withdraw_invitations(connection, person_id)
            await token_rows.insert_token(
                connection,
                domain_id,
                new_id(),
                person_id,
                token_hash(token),
                "",
                "invitation",
                expires_at,
            )
            await self.domains.record(connection, domain_id, by, "person.invitation", person.email)
        return Invitation(token, expires_at)

    async def change(
        self,
        domain_id: UUID,
        person_id: UUID,
        *,
        name: str | None = None,
        role: str | None = None,
        by: Caller,
    ) -> Person:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            person = await _person(connection, domain_id, person_id)
            _may_concern(domain_id, by, person.role)
            if name is not None and name != person.name:
                person = replace(person, name=name)
                await rows.set_name(connection, domain_id, person_id, name)
                await self.domains.record(
                    connection, domain_id, by, "person.name", person.email, name=name
                )
            if role is not None and role != person.role:
                known_role: Role = check_role(role)
                _may_concern(domain_id, by, known_role)
                await self.domains.set_role(connection, person, known_role, by)
                person = replace(person, role=known_role)
        self.domains.tell_access(domain_id, person_id)
        return person

    async def remove(self, domain_id: UUID, person_id: UUID, by: Caller) -> None:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            person = await _person(connection, domain_id, person_id)
            _may_concern(domain_id, by, person.role)
            await self.domains.delete_person(connection, person, by)
        self.domains.tell_access(domain_id, person_id)


async def _person(connection: Connection, domain_id: UUID, person_id: UUID) -> Person:
    person = await rows.person_by_id(connection, domain_id, person_id)
    if person is None:
        raise NotFound(f"person {person_id} is not a member of this domain")
    return person


def _may_concern(domain_id: UUID, by: Caller, role: Role) -> None:
    """Admins may concern themselves with everybody but owners."""
    least: Role = "owner" if role == "owner" else "admin"
    by.member_of(domain_id, least)


def _may_reset(person: Person, domain_id: UUID, by: Caller) -> None:
    try:
        _may_concern(person.domain_id, by, person.role)
    except (Forbidden, NotFound):
        if person.domain_id == domain_id:
            raise
        raise Forbidden(
            f"{person.email} belongs to other domains too, where you may not let anybody in; "
            "whoever runs this server makes a link with: frontdesk people sign-in"
        ) from None
