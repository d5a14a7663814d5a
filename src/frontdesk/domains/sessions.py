"""What a person sees and does of their own: sessions, name, password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.domains._store import people as people_rows
from frontdesk.domains._store import sessions as rows
from frontdesk.domains.limits import SignInLimits
from frontdesk.domains.model import SESSION_IDLE, Caller
from frontdesk.domains.passwords import Passwords, check_password
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Forbidden, NotFound, Unprocessable

FORGOTTEN_WITHIN = timedelta(minutes=10)
"""So long after a link, a forgotten password may be replaced without knowing it."""


@dataclass(frozen=True)
class Session:
    """A browser that is signed in."""

    session_id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str
    address: str


@dataclass(frozen=True)
class SessionService:
    domains: DomainService
    passwords: Passwords
    limits: SignInLimits

    async def of(self, caller: Caller) -> list[Session]:
        """The caller's sessions, the latest used first."""
        async with self.domains.db.pool.acquire() as connection:
            found = await rows.sessions(connection, caller.person_id, SESSION_IDLE)
        return [Session(*row.values()) for row in found]

    async def end(self, caller: Caller, session_id: UUID) -> None:
        async with self.domains.db.system_tx() as connection:
            if not await rows.end(connection, caller.person_id, session_id):
                raise NotFound(f"you have no session {session_id}")
            await self.domains.record(
                connection, caller.home, caller, "session.end", str(session_id)
            )
        self._tell(caller)

    async def end_all(self, caller: Caller) -> None:
        """Signs out everywhere, here too. API tokens go on."""
        async with self.domains.db.system_tx() as connection:
            await rows.end_all(connection, caller.person_id, None)
            await self.domains.record(connection, caller.home, caller, "session.end_all", "")
        self._tell(caller)

    async def switch(self, caller: Caller, domain: str) -> None:
        """Makes another of the caller's domains the session's own."""
        session_id = _session_of(caller)
        membership = caller.domain(domain)
        async with self.domains.db.system_tx() as connection:
            await rows.move(
                connection, caller.home, membership.domain_id, caller.person_id, session_id
            )
        self._tell(caller)

    async def rename(self, caller: Caller, name: str) -> None:
        """In every domain of the caller: it is one person."""
        for domain_id in caller.domain_ids:
            async with self.domains.db.tenant_tx(domain_id) as connection:
                await people_rows.set_name(connection, domain_id, caller.person_id, name)
                await self.domains.record(
                    connection, domain_id, caller, "person.name", caller.email, name=name
                )
            self.domains.db.changes.tell_settings(domain_id, "people", caller.person_id)

    async def set_password(
        self, caller: Caller, current: str | None, password: str, address: str
    ) -> None:
        """Sets the caller's password and ends their other sessions. Raises Forbidden."""
        session_id = _session_of(caller)
        await self._check_current(caller, session_id, current, address)
        check_password(password, email=caller.email, name=caller.name)
        hashed = await self.passwords.hash(password)
        async with self.domains.db.system_tx() as connection:
            await people_rows.set_password(connection, caller.person_id, hashed)
            await rows.end_all(connection, caller.person_id, session_id)
            await self.domains.record(
                connection, caller.home, caller, "person.password", caller.email
            )
        self._tell(caller)

    async def _check_current(
        self, caller: Caller, session_id: UUID, current: str | None, address: str
    ) -> None:
        async with self.domains.db.tenant_tx(caller.home) as connection:
            kept = await people_rows.password_hash(connection, caller.home, caller.person_id)
            by_link = await rows.began_by_link(
                connection, caller.home, session_id, FORGOTTEN_WITHIN
            )
        if kept is None or (by_link and current is None):
            return
        if current is None:
            raise Unprocessable(
                "say the current password too, or sign in with a new link and set it within "
                f"{FORGOTTEN_WITHIN.seconds // 60} minutes"
            )
        async with self.limits.attempt(address, caller.email):
            if not any(await self.passwords.matching(current, [kept])):
                raise Forbidden("the current password is wrong")

    def _tell(self, caller: Caller) -> None:
        for domain_id in caller.domain_ids:
            self.domains.db.changes.tell_access(domain_id, caller.person_id)


def _session_of(caller: Caller) -> UUID:
    if caller.session_id is None:
        raise Forbidden("this is for a browser that is signed in, not for an API token")
    return caller.session_id
