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
from frontdesk.domains import _store
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.model import (
    DEFAULT_DOMAIN,
    SESSION_LASTS,
    SIGN_IN_LINK_LASTS,
    Caller,
    Domain,
    Person,
    check_email,
    check_json,
    check_name,
    check_owner_token,
    check_role,
    check_settings,
    merge_settings,
)
from frontdesk.kernel.errors import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable
from frontdesk.kernel.ids import new_id

TOKEN_PREFIX = "fd_"
OWNER_EMAIL = "owner@frontdesk.local"

Purpose = Literal["api", "sign_in", "session"]
"""What a token is for: programs, one sign-in, or the browser that signed in."""


def token_hash(token: str) -> bytes:
    """Tokens are random, so a plain hash keeps them: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class DomainService:
    db: Database
    cipher: Cipher

    async def authenticate(self, token: str, purpose: Purpose = "api") -> Caller:
        """Whose API token or session this is. Raises Unauthorized."""
        async with self.db.pool.acquire() as connection:
            caller = await _store.caller(connection, token_hash(token), purpose)
        if caller is None:
            if purpose == "session":
                raise Unauthorized(
                    "the session has ended; for a new link run: frontdesk people sign-in"
                )
            raise Unauthorized("the token is not known or has expired")
        return caller

    async def create(self, name: str, display_name: str, creator: Caller | None) -> Domain:
        """Makes a domain; whoever makes it owns it."""
        check_name(name)
        async with self.db.system_tx() as connection:
            domain = await _store.insert_domain(
                connection, new_id(), name, display_name or name.title()
            )
            if domain is None:
                raise Conflict(f"a domain named {name!r} exists already")
            if creator is not None:
                await _store.insert_person(
                    connection, domain.domain_id, creator.person_id, creator.email, "", "owner"
                )
                await self.record(connection, domain.domain_id, creator, "domain.create", name)
        return domain

    async def get(self, domain_id: UUID) -> Domain:
        async with self.db.tenant_tx(domain_id) as connection:
            domain = await _store.domain_by_id(connection, domain_id)
        if domain is None:
            raise NotFound("domain not found")
        return domain

    async def by_name(self, name: str) -> Domain:
        """For the command line, which acts for the operator of the whole installation."""
        async with self.db.system_tx() as connection:
            domain = await _store.domain_by_name(connection, name)
        if domain is None:
            raise NotFound(f"domain {name!r} does not exist; see: frontdesk domains list")
        return domain

    async def all(self) -> list[Domain]:
        async with self.db.system_tx() as connection:
            return await _store.all_domains(connection)

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
            domain = await _store.domain_by_id(connection, domain_id)
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
                await _store.update_domain(connection, domain)
            except asyncpg.ForeignKeyViolationError as error:
                raise Unprocessable(
                    f"there is no assistant {domain.default_assistant_id!r} in this domain"
                ) from error
            await self.record(connection, domain_id, by, "domain.update", domain.name)
        return domain

    async def technical(self, connection: Connection, domain_id: UUID) -> dict[str, Any]:
        """The domain's `technical_json`, decrypted, inside the caller's transaction."""
        sealed = await _store.technical(connection, domain_id)
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
        await _store.set_technical(connection, domain_id, sealed)

    async def add_person(
        self, domain_id: UUID, email: str, name: str, role: str, by: Caller | None = None
    ) -> Person:
        email, known_role = check_email(email), check_role(role)
        async with self.db.tenant_tx(domain_id) as connection:
            person = await _store.insert_person(
                connection, domain_id, new_id(), email, name[:200], known_role
            )
            if person is None:
                raise Conflict(f"{email} is a member already")
            await self.record(connection, domain_id, by, "person.add", email)
        return person

    async def people(self, domain_id: UUID) -> list[Person]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await _store.people(connection, domain_id)

    async def change_role(
        self, domain_id: UUID, email: str, role: str, by: Caller | None = None
    ) -> Person:
        known_role = check_role(role)
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            if person.role == "owner" and known_role != "owner":
                await self._keep_an_owner(connection, domain_id)
            await _store.set_role(connection, domain_id, person.person_id, known_role)
            await self.record(connection, domain_id, by, "person.role", f"{email} {known_role}")
        return replace(person, role=known_role)

    async def remove_person(self, domain_id: UUID, email: str, by: Caller | None = None) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            if person.role == "owner":
                await self._keep_an_owner(connection, domain_id)
            await _store.delete_person(connection, domain_id, person.person_id)
            await self.record(connection, domain_id, by, "person.remove", email)

    async def issue_token(
        self,
        domain_id: UUID,
        email: str,
        name: str,
        expires_at: datetime | None = None,
        by: Caller | None = None,
    ) -> str:
        """Makes an API token for a person. It is shown once; only its hash is kept."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            await self._insert_token(connection, person, token, name, expires_at)
            await self.record(connection, domain_id, by, "token.issue", f"{email} {name}")
        return token

    async def sign_in_link_token(self, domain_id: UUID, email: str) -> str:
        """Makes a token that signs a person in, once, within SIGN_IN_LINK_LASTS."""
        token = secrets.token_urlsafe(32)
        expires_at = datetime.now(UTC) + SIGN_IN_LINK_LASTS
        async with self.db.tenant_tx(domain_id) as connection:
            person = await self._person(connection, domain_id, email)
            await _store.delete_expired(connection, domain_id)
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

    async def sign_in(self, token: str) -> str:
        """Spends a sign-in link's token and returns a new session's. Raises Forbidden."""
        session = secrets.token_urlsafe(32)
        async with self.db.system_tx() as connection:
            spent = await _store.use_sign_in_token(connection, token_hash(token))
            if spent is None:
                raise Forbidden("the link was used, has expired or is wrong")
            domain_id, person_id = spent
            await _store.insert_token(
                connection,
                domain_id,
                new_id(),
                person_id,
                token_hash(session),
                "",
                "session",
                datetime.now(UTC) + SESSION_LASTS,
            )
            await _store.record(
                connection, domain_id, new_id(), person_id, "sign_in", str(person_id), {}
            )
        return session

    async def sign_out(self, session: str) -> None:
        """Ends a session; one that is over already stays so."""
        async with self.db.pool.acquire() as connection:
            await _store.delete_session(connection, token_hash(session))

    async def tokens(self, domain_id: UUID) -> Sequence[asyncpg.Record]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await _store.tokens(connection, domain_id)

    async def revoke_token(self, domain_id: UUID, token_id: UUID, by: Caller | None = None) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            if not await _store.delete_token(connection, domain_id, token_id):
                raise NotFound(f"token {token_id} does not exist")
            await self.record(connection, domain_id, by, "token.revoke", str(token_id))

    async def ensure_owner(self, configured: str | None) -> str | None:
        """Makes the domain `default` and its owner when there is none; returns a new token once.

        A configured token is made valid for the owner at every start and is not returned.
        """
        check_owner_token(configured)
        async with self.db.system_tx() as connection:
            # Nodes that start at once take turns, so that one owner is made.
            await connection.execute("SELECT pg_advisory_xact_lock(1956000002)")
            await _store.insert_domain(connection, new_id(), DEFAULT_DOMAIN, "Frontdesk")
            domain = await _store.domain_by_name(connection, DEFAULT_DOMAIN)
            assert domain is not None
            owners = [
                person
                for person in await _store.people(connection, domain.domain_id)
                if person.role == "owner"
            ]
            owner = owners[0] if owners else None
            if owner is None:
                owner = await _store.insert_person(
                    connection, domain.domain_id, new_id(), OWNER_EMAIL, "Owner", "owner"
                )
                assert owner is not None
            elif configured is None:
                return None
            token = configured or TOKEN_PREFIX + secrets.token_urlsafe(32)
            if not await _store.token_exists(connection, token_hash(token)):
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
    ) -> None:
        if expires_at is not None and expires_at <= datetime.now(UTC):
            raise Unprocessable(f"expiry {expires_at.isoformat()} is in the past")
        await _store.insert_token(
            connection,
            person.domain_id,
            new_id(),
            person.person_id,
            token_hash(token),
            name[:200],
            purpose,
            expires_at,
        )

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
        await _store.record(connection, domain_id, new_id(), person_id, action, target, detail)

    async def _person(self, connection: Connection, domain_id: UUID, email: str) -> Person:
        person = await _store.person_by_email(connection, domain_id, email.strip().lower())
        if person is None:
            raise NotFound(f"{email[:80]} is not a member of this domain")
        return person

    async def _keep_an_owner(self, connection: Connection, domain_id: UUID) -> None:
        if await _store.count_owners(connection, domain_id) < 2:
            raise Conflict("a domain keeps at least one owner; make somebody else owner first")
