"""Makes a domain's channels those that its metadata names."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from frontdesk.channels._store import channels as _store
from frontdesk.channels.model import DEFAULT_RATES, Named
from frontdesk.db.pool import Connection
from frontdesk.kernel.errors import Conflict
from frontdesk.kernel.ids import new_id
from frontdesk.ports import ChannelKind

TAKEN = {
    "channels_by_address": "a number was taken by another channel at the same moment",
    "channels_by_carrier_address": "a channel has this phone number ID already",
}
"""What a unique key that refuses a channel comes to."""


async def match(
    connection: Connection,
    domain_id: UUID,
    before: Mapping[tuple[str, ChannelKind], Named],
    wanted: dict[tuple[str, ChannelKind], Named],
) -> None:
    """Makes, keeps and removes channels. Raises Conflict when another has an address."""
    for row in await _store.of_domain(connection, domain_id):
        key: tuple[str, ChannelKind] = (row.carrier, row.kind)
        channel_id = row.channel_id
        was, will_be = before.get(key), wanted.get(key)
        if will_be is not None and will_be.address == row.address:
            # Saving is how a person says that a stopped channel is mended.
            if row.state == "stopped":
                await _store.set_state(connection, domain_id, channel_id, "active", None)
            if row.carrier_address != will_be.carrier_address:
                await _store.set_carrier_address(
                    connection, domain_id, channel_id, will_be.carrier_address
                )
            del wanted[key]
        elif was is not None and was.address == row.address:
            await _store.set_state(connection, domain_id, channel_id, "removed", None)
    for each in wanted.values():
        owner = await _store.owner_of(connection, each.kind, each.address)
        if owner is not None:
            whose = "another domain" if owner != domain_id else "this domain already"
            raise Conflict(f"{each.address} is a {each.kind} channel of {whose}")
        await insert(connection, domain_id, each)


async def insert(connection: Connection, domain_id: UUID, channel: Named) -> UUID:
    return await _store.insert(
        connection,
        domain_id,
        new_id(),
        channel.kind,
        channel.carrier,
        channel.address,
        DEFAULT_RATES[channel.kind],
        channel.carrier_address,
    )


def taken(error: asyncpg.UniqueViolationError) -> Conflict:
    # The name of the key stands in PostgreSQL's text.
    said = next((text for key, text in TAKEN.items() if key in str(error)), None)
    return Conflict(said or "another channel has it already")
