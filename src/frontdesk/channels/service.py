"""Use cases of channels: found by address, made from metadata, with credentials resolved."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.channels import _store
from frontdesk.channels.model import (
    DEFAULT_RATES,
    MASK,
    ChannelRow,
    Credentials,
    addresses,
    check_address,
    check_destination,
    credentials,
    mask,
    merge,
)
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller, check_json
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Conflict, NotFound, Unavailable
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Channel, ChannelKind
from frontdesk.web.egress import Trust, check_url

CACHE_SECONDS = 2.0
CACHE_SIZE = 10_000


@dataclass(frozen=True)
class ChannelService:
    """`_cache` keeps found channels for `CACHE_SECONDS`: a webhook then costs no look-up."""

    db: Database
    domains: DomainService
    environment: Credentials
    trust: Trust
    _cache: dict[tuple[str, str], tuple[float, Channel]] = field(
        default_factory=dict[tuple[str, str], tuple[float, Channel]], repr=False
    )

    async def find(self, kind: ChannelKind, address: str, *, fresh: bool = False) -> Channel:
        """The channel that owns an address. Raises NotFound."""
        known = self._cache.get((kind, address))
        if known is not None and not fresh and known[0] > time.monotonic():
            return known[1]
        async with self.db.pool.acquire() as connection:
            found = await _store.by_address(connection, kind, address)
        if found is None:
            raise NotFound(f"no {kind} channel has the address {address[:80]}")
        channel = self._with_credentials(*found)
        return self._keep((kind, address), channel)

    async def get(self, domain_id: UUID, channel_id: UUID) -> Channel:
        async with self.db.tenant_tx(domain_id) as connection:
            return await self.within(connection, domain_id, channel_id)

    async def within(self, connection: Connection, domain_id: UUID, channel_id: UUID) -> Channel:
        """`get` inside the caller's transaction."""
        found = await _store.by_id(connection, domain_id, channel_id)
        if found is None:
            raise NotFound(f"channel {channel_id} does not exist")
        return self._with_credentials(*found)

    async def known(self, domain_id: UUID, channel_id: UUID) -> Channel:
        """`get`, from the cache when it is there: credentials may be `CACHE_SECONDS` old."""
        key = (str(domain_id), str(channel_id))
        entry = self._cache.get(key)
        if entry is not None and entry[0] > time.monotonic():
            return entry[1]
        return self._keep(key, await self.get(domain_id, channel_id))

    async def of_domain(self, domain_id: UUID) -> list[ChannelRow]:
        async with self.db.tenant_tx(domain_id) as connection:
            return await _store.of_domain(connection, domain_id)

    async def of_caller(self, domain_ids: Sequence[UUID], channel_id: UUID) -> ChannelRow:
        """A channel of one of the domains. Raises NotFound."""
        for domain_id in domain_ids:
            for row in await self.of_domain(domain_id):
                if row.channel_id == channel_id:
                    return row
        raise NotFound(f"channel {channel_id} does not exist")

    async def all_active(self) -> list[ChannelRow]:
        async with self.db.system_tx() as connection:
            return await _store.all_active(connection)

    async def metadata(self, domain_id: UUID) -> dict[str, Any]:
        """The domain's `technical_json` with secrets masked."""
        async with self.db.tenant_tx(domain_id) as connection:
            return mask(await self.domains.technical(connection, domain_id))

    async def save_metadata(
        self, domain_id: UUID, given: Mapping[str, Any], by: Caller | None = None
    ) -> dict[str, Any]:
        """Writes the metadata and makes, keeps and removes channels to match it."""
        check_json("the metadata", dict(given))
        for key, value in given.items():
            if key.endswith("_base_url") and value:
                check_url(str(value), self.trust)
        try:
            # Whether another domain owns a number is a question across domains.
            async with self.db.system_tx() as connection:
                current = await self._current(connection, domain_id, given)
                technical = merge(current, given)
                check_destination(current, given, technical)
                await self.domains.set_technical(connection, domain_id, technical)
                await self._sync(connection, domain_id, addresses(current), addresses(technical))
                await self.domains.record(connection, domain_id, by, "metadata.save", "")
        except asyncpg.UniqueViolationError as error:
            raise Conflict("a number was taken by another domain at the same moment") from error
        self._cache.clear()
        return mask(technical)

    async def _current(
        self, connection: Connection, domain_id: UUID, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What is saved. What no longer opens is replaced, if nothing of it is to be kept."""
        try:
            return await self.domains.technical(connection, domain_id)
        except Unavailable:
            if any(isinstance(v, str) and v.startswith(MASK) for v in given.values()):
                raise
            return {}

    async def ensure(self, domain_id: UUID, kind: ChannelKind, address: str) -> None:
        """Gives the domain a channel unless some domain has that address already."""
        address = check_address(kind, address)
        async with self.db.system_tx() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(1956000003)")
            if await _store.owner_of(connection, kind, address) is None:
                await self._insert(connection, domain_id, kind, address)

    async def stop(self, domain_id: UUID, channel_id: UUID, reason: str) -> None:
        """Stops sending on a channel until a person has mended it."""
        async with self.db.tenant_tx(domain_id) as connection:
            await _store.set_state(connection, domain_id, channel_id, "stopped", reason)

    async def resume(self, domain_id: UUID, channel_id: UUID) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            await _store.set_state(connection, domain_id, channel_id, "active", None)

    async def reserve(self, channel: Channel, within: float) -> float | None:
        """Takes the channel's next place in its rate; returns the seconds to wait for it.

        None when there is no place within so many seconds: then none is taken.
        """
        async with self.db.autocommit() as connection:
            return await _store.reserve(connection, channel.domain_id, channel.channel_id, within)

    async def set_caught_up(self, channel: Channel, moment: datetime) -> None:
        async with self.db.tenant_tx(channel.domain_id) as connection:
            await _store.set_caught_up(connection, channel.domain_id, channel.channel_id, moment)

    async def _sync(
        self,
        connection: Connection,
        domain_id: UUID,
        before: dict[ChannelKind, str],
        wanted: dict[ChannelKind, str],
    ) -> None:
        for row in await _store.of_domain(connection, domain_id):
            if wanted.get(row.kind) == row.address:
                # Saving is how a person says that a stopped channel is mended.
                if row.state == "stopped":
                    await _store.set_state(connection, domain_id, row.channel_id, "active", None)
                del wanted[row.kind]
            elif before.get(row.kind) == row.address:
                await _store.set_state(connection, domain_id, row.channel_id, "removed", None)
        for kind, address in wanted.items():
            owner = await _store.owner_of(connection, kind, address)
            if owner not in (None, domain_id):
                raise Conflict(f"{address} is a {kind} channel of another domain")
            if owner is None:
                await self._insert(connection, domain_id, kind, address)

    async def _insert(
        self, connection: Connection, domain_id: UUID, kind: ChannelKind, address: str
    ) -> None:
        await _store.insert(
            connection, domain_id, new_id(), kind, "twilio", address, DEFAULT_RATES[kind]
        )

    def _with_credentials(self, row: ChannelRow, sealed: bytes | None) -> Channel:
        technical = self.domains.open_technical(row.domain_id, sealed)
        pair = credentials(row.kind, technical, self.environment)
        return Channel(
            domain_id=row.domain_id,
            channel_id=row.channel_id,
            kind=row.kind,
            carrier=row.carrier,
            address=row.address,
            account=pair.account,
            secret=pair.secret,
            base_url=pair.base_url,
            rate=row.rate,
        )

    def _keep(self, key: tuple[str, str], channel: Channel) -> Channel:
        if len(self._cache) >= CACHE_SIZE:
            self._cache.clear()
        self._cache[key] = (time.monotonic() + CACHE_SECONDS, channel)
        return channel
