"""How a person's browser gets a session: with a password, a link, an invitation, a provider."""

import secrets
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from frontdesk.db.pool import Connection, Row
from frontdesk.domains._store import people as people_rows
from frontdesk.domains._store import sessions as session_rows
from frontdesk.domains._store import tokens as token_rows
from frontdesk.domains.limits import SignInLimits
from frontdesk.domains.model import SESSION_LASTS, Person
from frontdesk.domains.passwords import Passwords, check_password
from frontdesk.domains.service import DomainService, token_hash
from frontdesk.kernel.errors import Forbidden, Unauthorized
from frontdesk.kernel.ids import new_id

LONGEST_USER_AGENT = 400
LONGEST_ADDRESS = 64

BeganBy = Literal["password", "link", "invitation", "oidc"]


@dataclass(frozen=True)
class Visit:
    """The browser that asks. `session` is the one that it has already, which ends."""

    address: str
    user_agent: str
    session: str = ""


@dataclass(frozen=True)
class Invited:
    """Whom an invitation is for."""

    person: Person
    domain_display_name: str


@dataclass(frozen=True)
class SignInService:
    """Each way in returns the token of a new session: no browser chooses what it is known by."""

    domains: DomainService
    passwords: Passwords
    limits: SignInLimits

    async def by_password(self, email: str, password: str, domain: str | None, visit: Visit) -> str:
        """Signs in where the e-mail has this password. Raises Unauthorized, TooMany.

        Several domains may know the e-mail, each with a password of its own: it is the one that
        was signed in to last among those where it is right.
        """
        email = email.strip().lower()
        async with self.limits.attempt(visit.address, email):
            async with self.domains.db.pool.acquire() as connection:
                rows = await people_rows.named(connection, email, domain)
            hashes = [row["password_hash"] for row in rows]
            right = await self.passwords.matching(password, hashes)
            for row, is_right in zip(rows, right, strict=True):
                if is_right:
                    return await self._begin_for(row, "password", visit)
            raise Unauthorized("the e-mail address or the password is wrong")

    async def by_link(self, token: str, visit: Visit) -> str:
        """Spends a sign-in link's token. Raises Forbidden, TooMany."""
        async with (
            self.limits.attempt(visit.address),
            self.domains.db.system_tx() as connection,
        ):
            spent = await token_rows.spend(connection, token_hash(token), "sign_in")
            if spent is None:
                raise Forbidden("the link was used, has expired or is wrong")
            return await self._begin(connection, *spent, "link", visit)

    async def by_verified_email(self, email: str, visit: Visit) -> str:
        """Signs in whose e-mail a provider vouches for. Raises Forbidden for nobody's."""
        async with self.limits.attempt(visit.address):
            async with self.domains.db.pool.acquire() as connection:
                rows = await people_rows.named(connection, email.strip().lower(), None)
            for row in rows:
                return await self._begin_for(row, "oidc", visit)
            raise Forbidden(f"{email[:80]} is nobody's e-mail address here; ask to be invited")

    async def invited(self, token: str, visit: Visit) -> Invited:
        """Looks at an invitation without spending it. Raises Forbidden."""
        async with self.limits.attempt(visit.address):
            async with self.domains.db.pool.acquire() as connection:
                found = await token_rows.invited(connection, token_hash(token))
            if found is None:
                raise Forbidden(
                    "the invitation was used, has expired or is wrong; ask for a new one"
                )
            return Invited(*found)

    async def accept(self, token: str, name: str, password: str, visit: Visit) -> str:
        """Spends an invitation: sets the password, ends older sessions. Raises Forbidden."""
        invited = await self.invited(token, visit)
        person = invited.person
        check_password(password, email=person.email, name=name)
        hashed = await self.passwords.hash(password)
        async with (
            self.limits.attempt(visit.address),
            self.domains.db.system_tx() as connection,
        ):
            if await token_rows.spend(connection, token_hash(token), "invitation") is None:
                raise Forbidden("the invitation was used just now; ask for a new one")
            if name.strip():
                await people_rows.set_name(
                    connection, person.domain_id, person.person_id, name.strip()
                )
            await people_rows.set_password(connection, person.person_id, hashed)
            await session_rows.end_all(connection, person.person_id, None)
            session = await self._begin(
                connection, person.domain_id, person.person_id, "invitation", visit
            )
        self.domains.tell_access(person.domain_id, person.person_id)
        return session

    async def sign_out(self, session: str) -> None:
        """Ends a session; one that is over already stays so."""
        if not session:
            return
        async with self.domains.db.pool.acquire() as connection:
            ended = await session_rows.delete_session(connection, token_hash(session))
        if ended is not None:
            self.domains.db.changes.tell_access(*ended)

    async def _begin_for(self, row: Row, began_by: BeganBy, visit: Visit) -> str:
        async with self.domains.db.system_tx() as connection:
            return await self._begin(
                connection, row["domain_id"], row["person_id"], began_by, visit
            )

    async def _begin(
        self,
        connection: Connection,
        domain_id: UUID,
        person_id: UUID,
        began_by: BeganBy,
        visit: Visit,
    ) -> str:
        session = secrets.token_urlsafe(32)
        if visit.session:
            await session_rows.delete_session(connection, token_hash(visit.session))
        await token_rows.delete_expired(connection, domain_id)
        await session_rows.insert_session(
            connection,
            domain_id,
            new_id(),
            person_id,
            token_hash(session),
            lasts=SESSION_LASTS,
            began_by=began_by,
            user_agent=_printable(visit.user_agent)[:LONGEST_USER_AGENT],
            address=visit.address[:LONGEST_ADDRESS],
        )
        await people_rows.signed_in(connection, domain_id, person_id)
        await self.domains.record_of(
            connection, domain_id, person_id, "sign_in", str(person_id), by=began_by
        )
        return session


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())
