"""Use cases of channels: found by address, made from metadata, with credentials resolved."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.channels import meta_model as meta
from frontdesk.channels._store import channels as _store
from frontdesk.channels.matching import insert, match, taken
from frontdesk.channels.model import (
    MASK,
    OWN,
    ChannelRow,
    Credentials,
    Named,
    changed_own,
    channel_credentials,
    check_address,
    check_destination,
    check_own,
    check_rate,
    mask,
    merge,
    named,
    own_key,
    own_pairs,
    without_channel,
)
from frontdesk.db.batching import Batcher
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller, check_json
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Conflict, NotFound, Unavailable
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
    meta_base_url: str = ""
    """Where Meta's channels call, unless their domain says; empty: Meta itself."""
    _cache: dict[tuple[str, str], tuple[float, Channel]] = field(
        default_factory=dict[tuple[str, str], tuple[float, Channel]], repr=False
    )
    _webhooks: dict[UUID, Webhook] = field(default_factory=dict[UUID, Webhook], repr=False)
    _verify_tokens: dict[str, tuple[float, frozenset[bytes]]] = field(
        default_factory=dict[str, tuple[float, frozenset[bytes]]], repr=False
    )
    _reserve: Batcher[tuple[UUID, UUID, float], float | None] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reserve", Batcher(self.reserve_all))

    async def find(
        self, kind: ChannelKind, address: str, *, by_carrier: bool = False, fresh: bool = False
    ) -> Channel:
        """The channel that owns an address; `by_carrier`: an id of the carrier's for one.

        Raises NotFound.
        """
        key = (f"{kind} at its carrier", address) if by_carrier else (kind, address)
        known = self._cache.get(key)
        if known is not None and not fresh and known[0] > time.monotonic():
            return known[1]
        of = _store.by_carrier_address if by_carrier else _store.by_address
        async with self.db.pool.acquire() as connection:
            found = await of(connection, kind, address)
        if found is None:
            raise NotFound(f"no {kind} channel has the address {address[:80]}")
        channel = self._with_credentials(*found)
        return self._keep(key, channel)

    async def knows_verify_token(self, carrier: str, token: str) -> bool:
        """Whether an active channel of the carrier has it, as far as is known since a moment."""
        expires, known = self._verify_tokens.get(carrier, (0.0, frozenset[bytes]()))
        if expires <= time.monotonic():
            async with self.db.system_tx() as connection:
                found = await _store.of_carrier(connection, carrier)
            known = frozenset(meta.digest(each) for each in map(self._verify_token, found) if each)
            self._verify_tokens[carrier] = (time.monotonic() + CACHE_SECONDS, known)
        # Of digests: how long the comparison takes tells nothing of the tokens.
        return meta.digest(token) in known

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
                await match(connection, domain_id, named(current), named(technical))
                await self.domains.record(connection, domain_id, by, "metadata.save", "")
        except asyncpg.UniqueViolationError as error:
            raise taken(error) from error
        self._forget()
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
                await insert(connection, domain_id, Named("twilio", kind, address))

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
        given: Mapping[str, str] | None = None,
        by: Caller | None = None,
    ) -> ChannelRow:
        """Gives the domain a channel, with credentials of its own if any are given.

        Raises Conflict when a channel has the address already.
        """
        address = check_address(kind, address)
        own = None if given is None else check_own(carrier, given)
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                known = await _store.of_domain(connection, domain_id)
                if any((row.kind, row.address) == (kind, address) for row in known):
                    raise Conflict(f"{address} is a {kind} channel of this domain already")
                if len(known) >= MOST_CHANNELS:
                    raise Conflict(f"the domain has {MOST_CHANNELS} channels already, the most")
                technical = await self.domains.technical(connection, domain_id)
                carrier_address = None
                if carrier == meta.CARRIER:
                    own, carrier_address = meta.completed_own(technical, own or {}, address)
                channel_id = await insert(
                    connection, domain_id, Named(carrier, kind, address, carrier_address)
                )
                await self._set_own(connection, domain_id, own_key(kind, address), own)
                await self.domains.record(
                    connection, domain_id, by, "channel.create", f"{kind} {address}"
                )
                row = await self._row(connection, domain_id, channel_id)
        except asyncpg.UniqueViolationError as error:
            if "channels_by_carrier_address" in str(error):
                raise taken(error) from None
            raise Conflict(f"{address} is a {kind} channel of another domain") from None
        return self._changed(row)

    async def change(
        self,
        domain_id: UUID,
        channel_id: UUID,
        *,
        rate: float | None = None,
        state: str | None = None,
        given: Mapping[str, str] | None = None,
        by: Caller | None = None,
    ) -> ChannelRow:
        """Changes what is given: `state` is active or stopped, `given` credentials."""
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                row = await self._row(connection, domain_id, channel_id)
                if rate is not None:
                    await _store.set_rate(connection, domain_id, channel_id, check_rate(rate))
                if given is not None:
                    await self._change_own(connection, row, given)
                if state is not None and state != row.state:
                    reason = f"stopped by {(by and (by.name or by.email)) or 'the operator'}"
                    reason = None if state == "active" else reason[:200]
                    await _store.set_state(connection, domain_id, channel_id, state, reason)
                asked = {"rate": rate, "state": state, "credentials": given}
                fields = sorted(name for name, value in asked.items() if value is not None)
                target = f"{row.kind} {row.address}"
                await self.domains.record(
                    connection, domain_id, by, "channel.change", target, fields=fields
                )
                row = await self._row(connection, domain_id, channel_id)
        except asyncpg.UniqueViolationError as error:
            raise taken(error) from None
        return self._changed(row)

    async def remove(self, domain_id: UUID, channel_id: UUID, by: Caller | None = None) -> None:
        """Takes the channel away with its credentials. Its conversations stay as they are."""
        async with self.db.tenant_tx(domain_id) as connection:
            row = await self._row(connection, domain_id, channel_id)
            await _store.set_state(connection, domain_id, channel_id, "removed", None)
            technical = await self.domains.technical(connection, domain_id)
            others = await _store.of_domain(connection, domain_id)
            kept = without_channel(technical, row, others)
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
        return await self._reserve((channel.domain_id, channel.channel_id, within))

    async def reserve_all(
        self, wanted: Sequence[tuple[UUID, UUID, float]]
    ) -> Mapping[int, float | None]:
        async with self.db.autocommit() as connection:
            return await _store.reserve(connection, wanted)

    async def set_caught_up(self, channel: Channel, moment: datetime) -> None:
        async with self.db.tenant_tx(channel.domain_id) as connection:
            await _store.set_caught_up(connection, channel.domain_id, channel.channel_id, moment)

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

    async def _change_own(
        self, connection: Connection, row: ChannelRow, given: Mapping[str, str]
    ) -> None:
        technical = await self.domains.technical(connection, row.domain_id)
        own, carrier_address = changed_own(row, technical, given)
        if row.carrier_address != carrier_address:
            await _store.set_carrier_address(
                connection, row.domain_id, row.channel_id, carrier_address
            )
        await self._set_own(connection, row.domain_id, own_key(row.kind, row.address), own)

    def _changed(self, row: ChannelRow) -> ChannelRow:
        self._forget()
        self.db.changes.tell_settings(row.domain_id, "channels", row.channel_id)
        return row

    def _forget(self) -> None:
        """After a change in this process; others notice within `CACHE_SECONDS`."""
        self._cache.clear()
        self._verify_tokens.clear()

    def _verify_token(self, found: tuple[ChannelRow, bytes | None]) -> str:
        try:
            return self._with_credentials(*found).details.get("verify_token", "")
        except Unavailable:
            # One domain whose secrets do not open must not stand in the others' way.
            return ""

    def _with_credentials(self, row: ChannelRow, sealed: bytes | None) -> Channel:
        technical = self.domains.open_technical(row.domain_id, sealed)
        pair = channel_credentials(row, technical, self.environment, self.meta_base_url)
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
            details=pair.details,
        )

    def _keep(self, key: tuple[str, str], channel: Channel) -> Channel:
        if len(self._cache) >= CACHE_SIZE:
            self._cache.clear()
        self._cache[key] = (time.monotonic() + CACHE_SECONDS, channel)
        return channel
