"""Use cases of tenants, people and tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import orjson

from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains._store import audit as audit_rows
from frontdesk.domains._store import domains as domain_rows
from frontdesk.domains._store import people as people_rows
from frontdesk.domains._store import tokens as token_rows
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.model import (
    DEFAULT_DOMAIN,
    SIGN_IN_LINK_LASTS,
    Caller,
    Domain,
    Person,
    Role,
    check_email,
    check_json,
    check_name,
    check_owner_token,
    check_role,
    check_settings,
    merge_settings,
)
from frontdesk.kernel.errors import Conflict, NotFound, Unauthorized, Unprocessable
from frontdesk.kernel.ids import new_id

TOKEN_PREFIX = "fd_"
OWNER_EMAIL = "owner@frontdesk.local"

Purpose = Literal["api", "sign_in", "session", "invitation"]
"""What a token is for: programs, one sign-in, the browser that signed in, a first password."""


def token_hash(token: str) -> bytes:
    """Tokens are random, so a plain hash keeps them: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class DomainService:
    db: Database
    cipher: Cipher

    async def authenticate(self, token: str, purpose: Purpose = "api") -> Caller:
        """Whose API token or session this is. Raises Unauthorized."""
        hashed = token_hash(token)
        async with self.db.pool.acquire() as connection:
            found = await token_rows.caller(connection, hashed, purpose)
        if found is None:
            if purpose == "session":
                raise Unauthorized("the session has ended; sign in again")
            raise Unauthorized("the token is not known or has expired")
        caller, stale = found
        if stale:
            async with self.db.tenant_tx(caller.home, durable=False) as connection:
                await token_rows.used(connection, caller.home, hashed)
        return caller

    async def create(self, name: str, display_name: str, creator: Caller | None) -> Domain:
        """Makes a domain; whoever makes it owns it."""
        check_name(name)
        async with self.db.system_tx() as connection:
            domain = await domain_rows.insert_domain(
                connection, new_id(), name, display_name or name.title()
            )
            if domain is None:
                raise Conflict(f"a domain named {name!r} exists already")
            if creator is not None:
                await people_rows.copy_person(
                    connection, creator.home, domain.domain_id, creator.person_id, "owner"
                )
                # Whoever made one for the old domains has no say in the new one.
                await token_rows.withdraw_invitations(connection, creator.person_id)
                await self.record(connection, domain.domain_id, creator, "domain.create", name)
        return domain

    async def get(self, domain_id: UUID) -> Domain:
        async with self.db.tenant_tx(domain_id) as connection:
            domain = await domain_rows.domain_by_id(connection, domain_id)
        if domain is None:
            raise NotFound("domain not found")
        return domain

    async def by_name(self, name: str) -> Domain:
        """For the command line, which acts for the operator of the whole installation."""
        async with self.db.system_tx() as connection:
            domain = await domain_rows.domain_by_name(connection, name)
        if domain is None:
            raise NotFound(f"domain {name!r} does not exist; see: frontdesk domains list")
        return domain

    async def all(self) -> list[Domain]:
        async with self.db.system_tx() as connection:
            return await domain_rows.all_domains(connection)

    async def update(
        self,
        domain_id: UUID,
        *,
        display_name: str | None = None,
        default_assistant_id: str | None = None,
        settings: dict[str, Any] | None = None,
        by: Caller | None = None,
    ) -> Domain:
        """Changes what is given; a setting given as null is removed, also one of `media`."""
        async with self.db.tenant_tx(domain_id) as connection:
            domain = await domain_rows.domain_by_id(connection, domain_id)
            if domain is None:
                raise NotFound("domain not found")
            merged = merge_settings(domain.settings, settings or {})
            domain = replace(
                domain,
                display_name=display_name or domain.display_name,
                default_assistant_id=default_assistant_id or domain.default_assistant_id,
                settings=merged,
            )
            check_settings(domain.settings)
            check_json("settings", domain.settings)
            try:
                await domain_rows.update_domain(connection, domain)
            except asyncpg.ForeignKeyViolationError as error:
                raise Unprocessable(
                    f"there is no assistant {domain.default_assistant_id!r} in this domain"
                ) from error
            await self.record(connection, domain_id, by, "domain.update", domain.name)
        self.db.changes.tell_settings(domain_id, "domain", domain.name)
        return domain

    async def technical(self, connection: Connection, domain_id: UUID) -> dict[str, Any]:
        """The domain's `technical_json`, decrypted, inside the caller's transaction."""
        sealed = await domain_rows.technical(connection, domain_id)
        return self.open_technical(domain_id, sealed)

    def open_technical(self, domain_id: UUID, sealed: bytes | None) -> dict[str, Any]:
        if sealed is None:
            return {}
        return orjson.loads(self.cipher.open(sealed, f"technical_json of {domain_id}"))

    async def set_technical(
        self, connection: Connection, domain_id: UUID, technical: dict[str, Any]
    ) -> None:
        text = orjson.dumps(technical).decode()
        sealed = self.cipher.seal(text, f"technical_json of {domain_id}")
        await domain_rows.set_technical(connection, domain_id, sealed)

    async def add_person(
        self, domain_id: UUID, email: str, name: str, role: str, by: Caller | None = None
    ) -> Person:
        email, known_role = check_email(email), check_role(role)
        async with self.db.tenant_tx(domain_id) as connection:
            person = await people_rows.insert_person(
                connection, domain_id, new_id(), email, name[:200], known_role
            )
            if person is None:
                raise Conflict(f"{email} is a member already")
            await self.record(connection, domain_id, by, "person.add", email, role=known_role)
        self.db.changes.tell_settings(domain_id, "people", person.person_id)
        return person

    async def people(self, domain_id: UUID) -> list[Person]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await people_rows.people(connection, domain_id)

    async def change_role(self, domain_id: UUID, email: str, role: str) -> Person:
        """For the command line, which acts for the operator."""
        known_role = check_role(role)
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            await self.set_role(connection, person, known_role, None)
        self.tell_access(domain_id, person.person_id)
        return replace(person, role=known_role)

    async def remove_person(self, domain_id: UUID, email: str) -> None:
        """For the command line, which acts for the operator."""
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            await self.delete_person(connection, person, None)
        self.tell_access(domain_id, person.person_id)

    async def set_role(
        self, connection: Connection, person: Person, role: Role, by: Caller | None
    ) -> None:
        """Inside the caller's transaction; the last owner stays one."""
        if person.role == "owner" and role != "owner":
            await self._keep_an_owner(connection, person.domain_id)
        await people_rows.set_role(connection, person.domain_id, person.person_id, role)
        await self.record(connection, person.domain_id, by, "person.role", person.email, role=role)

    async def delete_person(
        self, connection: Connection, person: Person, by: Caller | None
    ) -> None:
        """Inside the caller's transaction; the last owner stays."""
        if person.role == "owner":
            await self._keep_an_owner(connection, person.domain_id)
        await people_rows.delete_person(connection, person.domain_id, person.person_id)
        await self.record(connection, person.domain_id, by, "person.remove", person.email)

    def tell_access(self, domain_id: UUID, person_id: UUID) -> None:
        """After a commit that changed what a person may do."""
        self.db.changes.tell_access(domain_id, person_id)
        self.db.changes.tell_settings(domain_id, "people", person_id)

    async def issue_token(
        self,
        domain_id: UUID,
        email: str,
        name: str,
        expires_at: datetime | None = None,
        by: Caller | None = None,
    ) -> str:
        """Makes an API token for a person. It is shown once; only its hash is kept."""
        return (await self.make_token(domain_id, email, name, expires_at, by))[1]

    async def make_token(
        self,
        domain_id: UUID,
        email: str,
        name: str,
        expires_at: datetime | None = None,
        by: Caller | None = None,
    ) -> tuple[UUID, str]:
        """An API token's id and the token."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            token_id = await self._insert_token(connection, person, token, name, expires_at)
            await self.record(
                connection, domain_id, by, "token.issue", person.email, name=name[:200]
            )
        return token_id, token

    async def sign_in_link_token(self, domain_id: UUID, email: str) -> str:
        """Makes a token that signs a person in, once, within SIGN_IN_LINK_LASTS."""
        token = secrets.token_urlsafe(32)
        expires_at = datetime.now(UTC) + SIGN_IN_LINK_LASTS
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            await token_rows.delete_expired(connection, domain_id)
            await self._insert_token(connection, person, token, "", expires_at, "sign_in")
            await self.record(connection, domain_id, None, "sign_in.link", person.email)
        return token

    async def sign_in_link(self, domain_id: UUID, email: str, public_url: str) -> str:
        """A new link for a person; without an e-mail for the domain's first owner."""
        if not email:
            people = await self.people(domain_id)
            email = next((each.email for each in people if each.role == "owner"), OWNER_EMAIL)
        token = await self.sign_in_link_token(domain_id, email)
        return f"{public_url}/sign-in?token={token}"

    async def tokens(self, domain_id: UUID, of: UUID | None = None) -> Sequence[asyncpg.Record]:
        """The API tokens of everybody, or of one person."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await token_rows.tokens(connection, domain_id, of)

    async def revoke_token(
        self,
        domain_id: UUID,
        token_id: UUID,
        by: Caller | None = None,
        of: UUID | None = None,
    ) -> None:
        """Revokes an API token: anybody's, or only if it is the person's."""
        async with self.db.tenant_tx(domain_id) as connection:
            person_id = await token_rows.delete_token(connection, domain_id, token_id, of)
            if person_id is None:
                raise NotFound(f"token {token_id} does not exist")
            await self.record(connection, domain_id, by, "token.revoke", str(token_id))
        self.db.changes.tell_access(domain_id, person_id)

    async def ensure_owner(self, configured: str | None) -> str | None:
        """Makes the domain `default` and its owner when there is none; returns a new token once.

        A configured token is made valid for the owner at every start and is not returned.
        """
        check_owner_token(configured)
        async with self.db.system_tx() as connection:
            # Nodes that start at once take turns, so that one owner is made.
            await connection.execute("SELECT pg_advisory_xact_lock(1956000002)")
            await domain_rows.insert_domain(connection, new_id(), DEFAULT_DOMAIN, "Frontdesk")
            domain = await domain_rows.domain_by_name(connection, DEFAULT_DOMAIN)
            assert domain is not None
            owners = [
                person
                for person in await people_rows.people(connection, domain.domain_id)
                if person.role == "owner"
            ]
            owner = owners[0] if owners else None
            if owner is None:
                owner = await people_rows.insert_person(
                    connection, domain.domain_id, new_id(), OWNER_EMAIL, "Owner", "owner"
                )
                assert owner is not None
            elif configured is None:
                return None
            token = configured or TOKEN_PREFIX + secrets.token_urlsafe(32)
            if not await token_rows.token_exists(connection, token_hash(token)):
                await self._insert_token(connection, owner, token, "first owner", None)
        return None if configured else token

    async def _insert_token(
        self,
        connection: Connection,
        person: Person,
        token: str,
        name: str,
        expires_at: datetime | None,
        purpose: Purpose = "api",
    ) -> UUID:
        if expires_at is not None and expires_at <= datetime.now(UTC):
            raise Unprocessable(f"expiry {expires_at.isoformat()} is in the past")
        token_id = new_id()
        await token_rows.insert_token(
            connection,
            person.domain_id,
            token_id,
            person.person_id,
            token_hash(token),
            name[:200],
            purpose,
            expires_at,
        )
        return token_id

    async def record(
        self,
        connection: Connection,
        domain_id: UUID,
        by: Caller | None,
        action: str,
        target: str,
        **detail: Any,
    ) -> None:
        """Writes the audit log, in the transaction of what it tells of."""
        person_id = by.person_id if by else None
        await self.record_of(connection, domain_id, person_id, action, target, **detail)

    async def record_of(
        self,
        connection: Connection,
        domain_id: UUID,
        person_id: UUID | None,
        action: str,
        target: str,
        **detail: Any,
    ) -> None:
        """`record` where there is no caller yet."""
        await audit_rows.record(connection, domain_id, new_id(), person_id, action, target, detail)

    async def _person(self, connection: Connection, domain_id: UUID, email: str) -> Person:
        person = await people_rows.person_by_email(connection, domain_id, email.strip().lower())
        if person is None:
            raise NotFound(f"{email[:80]} is not a member of this domain")
        return person

    async def _keep_an_owner(self, connection: Connection, domain_id: UUID) -> None:
        if await people_rows.count_owners(connection, domain_id) < 2:
            raise Conflict("a domain keeps at least one owner; make somebody else owner first")
