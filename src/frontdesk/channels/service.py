"""Use cases of channels: found by address, made from metadata, with credentials resolved."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.channels._store import channels as _store
from frontdesk.channels.model import (
    DEFAULT_RATES,
    MASK,
    OWN,
    ChannelRow,
    Credentials,
    addresses,
    check_address,
    check_destination,
    check_pair,
    check_rate,
    credentials,
    mask,
    merge,
    own_key,
    own_pairs,
    without_channel,
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
MOST_CHANNELS = 200


@dataclass(slots=True)
class Webhook:
    """When a channel's webhooks came last, by whether their signatures fitted."""

    signed_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str = ""


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
    _webhooks: dict[UUID, Webhook] = field(default_factory=dict[UUID, Webhook], repr=False)

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
        self.db.changes.tell_settings(domain_id, "channels")
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
        self.db.changes.tell_settings(domain_id, "channels", channel_id)

    async def resume(self, domain_id: UUID, channel_id: UUID) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            await _store.set_state(connection, domain_id, channel_id, "active", None)
        self.db.changes.tell_settings(domain_id, "channels", channel_id)

    async def create(
        self,
        domain_id: UUID,
        kind: ChannelKind,
        carrier: str,
        address: str,
        pair: tuple[str, str] | None = None,
        by: Caller | None = None,
    ) -> ChannelRow:
        """Gives the domain a channel, with credentials of its own if there are any.

        Raises Conflict when a channel has the address already.
        """
        address = check_address(kind, address)
        own = None if pair is None else check_pair(*pair)
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                known = await _store.of_domain(connection, domain_id)
                if any((row.kind, row.address) == (kind, address) for row in known):
                    raise Conflict(f"{address} is a {kind} channel of this domain already")
                if len(known) >= MOST_CHANNELS:
                    raise Conflict(f"the domain has {MOST_CHANNELS} channels already, the most")
                channel_id = await _store.insert(
                    connection, domain_id, new_id(), kind, carrier, address, DEFAULT_RATES[kind]
                )
                await self._set_own(connection, domain_id, own_key(kind, address), own)
                await self.domains.record(
                    connection, domain_id, by, "channel.create", f"{kind} {address}"
                )
                row = await self._row(connection, domain_id, channel_id)
        except asyncpg.UniqueViolationError:
            raise Conflict(f"{address} is a {kind} channel of another domain") from None
        return self._changed(row)

    async def change(
        self,
        domain_id: UUID,
        channel_id: UUID,
        *,
        rate: float | None = None,
        state: str | None = None,
        pair: tuple[str, str] | None = None,
        by: Caller | None = None,
    ) -> ChannelRow:
        """Changes what is given: `state` is active or stopped, `pair` account and secret."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await self._row(connection, domain_id, channel_id)
            if rate is not None:
                await _store.set_rate(connection, domain_id, channel_id, check_rate(rate))
            if pair is not None:
                key = own_key(row.kind, row.address)
                await self._set_own(connection, domain_id, key, check_pair(*pair))
            if state is not None and state != row.state:
                reason = f"stopped by {(by and (by.name or by.email)) or 'the operator'}"
                reason = None if state == "active" else reason[:200]
                await _store.set_state(connection, domain_id, channel_id, state, reason)
            given = {"rate": rate, "state": state, "credentials": pair}
            fields = sorted(name for name, value in given.items() if value is not None)
            target = f"{row.kind} {row.address}"
            await self.domains.record(
                connection, domain_id, by, "channel.change", target, fields=fields
            )
            row = await self._row(connection, domain_id, channel_id)
        return self._changed(row)

    async def remove(self, domain_id: UUID, channel_id: UUID, by: Caller | None = None) -> None:
        """Takes the channel away with its credentials. Its conversations stay as they are."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await self._row(connection, domain_id, channel_id)
            await _store.set_state(connection, domain_id, channel_id, "removed", None)
            technical = await self.domains.technical(connection, domain_id)
            kept = without_channel(technical, row.kind, row.address)
            if kept != technical:
                await self.domains.set_technical(connection, domain_id, kept)
            target = f"{row.kind} {row.address}"
            await self.domains.record(connection, domain_id, by, "channel.remove", target)
        self._changed(row)

    async def heard(
        self, domain_id: UUID, channel_id: UUID
    ) -> tuple[datetime | None, datetime | None]:
        """When a customer wrote last, and when the carrier last told of a message's way."""
        async with self.db.tenant_tx(domain_id) as connection:
            return await _store.heard(connection, domain_id, channel_id)

    def webhook_signed(self, channel: Channel, moment: datetime) -> None:
        """Notes that the carrier's signature fitted."""
        self._webhooks.setdefault(channel.channel_id, Webhook()).signed_at = moment

    def webhook_refused(self, channel: Channel, moment: datetime, why: str) -> None:
        known = self._webhooks.setdefault(channel.channel_id, Webhook())
        known.refused_at, known.refusal = moment, why

    def webhook(self, channel_id: UUID) -> Webhook:
        """What this process knows of the channel's last webhooks."""
        return self._webhooks.get(channel_id, Webhook())

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

    async def _row(self, connection: Connection, domain_id: UUID, channel_id: UUID) -> ChannelRow:
        found = await _store.by_id(connection, domain_id, channel_id)
        if found is None or found[0].state == "removed":
            raise NotFound(f"channel {channel_id} does not exist")
        return found[0]

    async def _set_own(
        self, connection: Connection, domain_id: UUID, key: str, own: dict[str, str] | None
    ) -> None:
        """Keeps a channel's own pair in the domain's metadata."""
        if own is None:
            return
        technical = await self.domains.technical(connection, domain_id)
        pairs = {**own_pairs(technical), key: own}
        technical = {**technical, OWN: pairs}
        check_json("the metadata", technical)
        await self.domains.set_technical(connection, domain_id, technical)

    def _changed(self, row: ChannelRow) -> ChannelRow:
        self._cache.clear()
        self.db.changes.tell_settings(row.domain_id, "channels", row.channel_id)
        return row

    async def _insert(
        self, connection: Connection, domain_id: UUID, kind: ChannelKind, address: str
    ) -> None:
        await _store.insert(
            connection, domain_id, new_id(), kind, "twilio", address, DEFAULT_RATES[kind]
        )

    def _with_credentials(self, row: ChannelRow, sealed: bytes | None) -> Channel:
        technical = self.domains.open_technical(row.domain_id, sealed)
        pair = credentials(row.kind, technical, self.environment, row.address)
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
