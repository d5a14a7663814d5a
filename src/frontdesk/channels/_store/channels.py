"""The SQL of channels."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from frontdesk.channels.model import ChannelRow
from frontdesk.db.pool import Connection, Row

CHANNEL = (
    "domain_id, channel_id, kind, carrier, address, state, state_reason, rate, caught_up_to,"
    " carrier_address"
)
WITH_DOMAIN = (
    "SELECT c.domain_id, c.channel_id, c.kind, c.carrier, c.address, c.state, c.state_reason,"
    " c.rate, c.caught_up_to, c.carrier_address, d.technical"
    " FROM channels c JOIN domains d USING (domain_id)"
)
"""Each with its domain's sealed metadata."""


async def by_address(
    connection: Connection, kind: str, address: str
) -> tuple[ChannelRow, bytes | None] | None:
    """The channel that owns an address, with its domain's sealed metadata."""
    row = await connection.fetchrow(
        f"{WITH_DOMAIN} WHERE c.kind = $1 AND c.address = $2 AND c.state <> 'removed'",
        kind,
        address,
    )
    return None if row is None else _with_domain(row)


async def by_carrier_address(
    connection: Connection, kind: str, carrier_address: str
) -> tuple[ChannelRow, bytes | None] | None:
    row = await connection.fetchrow(
        f"{WITH_DOMAIN} WHERE c.kind = $1 AND c.carrier_address = $2 AND c.state <> 'removed'",
        kind,
        carrier_address,
    )
    return None if row is None else _with_domain(row)


async def of_carrier(connection: Connection, carrier: str) -> list[tuple[ChannelRow, bytes | None]]:
    """Its active channels in every domain."""
    rows = await connection.fetch(
        f"{WITH_DOMAIN} WHERE c.carrier = $1 AND c.state = 'active'", carrier
    )
    return [_with_domain(row) for row in rows]


def _with_domain(row: Row) -> tuple[ChannelRow, bytes | None]:
    *columns, technical = row.values()
    return ChannelRow(*columns), technical


async def by_id(
    connection: Connection, domain_id: UUID, channel_id: UUID
) -> tuple[ChannelRow, bytes | None] | None:
    row = await connection.fetchrow(
        f"{WITH_DOMAIN} WHERE c.domain_id = $1 AND c.channel_id = $2",
        domain_id,
        channel_id,
    )
    return None if row is None else _with_domain(row)


async def of_domain(connection: Connection, domain_id: UUID) -> list[ChannelRow]:
    rows = await connection.fetch(
        f"SELECT {CHANNEL} FROM channels WHERE domain_id = $1 AND state <> 'removed'"
        " ORDER BY kind, address",
        domain_id,
    )
    return [ChannelRow(*row.values()) for row in rows]


async def all_active(connection: Connection) -> list[ChannelRow]:
    rows = await connection.fetch(f"SELECT {CHANNEL} FROM channels WHERE state = 'active'")
    return [ChannelRow(*row.values()) for row in rows]


async def owner_of(connection: Connection, kind: str, address: str) -> UUID | None:
    return await connection.fetchval(
        "SELECT domain_id FROM channels WHERE kind = $1 AND address = $2 AND state <> 'removed'",
        kind,
        address,
    )


async def insert(
    connection: Connection,
    domain_id: UUID,
    channel_id: UUID,
    kind: str,
    carrier: str,
    address: str,
    rate: float,
    carrier_address: str | None = None,
) -> UUID:
    """Adds the channel, or brings back the removed one so that its conversations go on; its id."""
    back = await connection.fetchval(
        "UPDATE channels SET state = 'active', state_reason = NULL, carrier = $4,"
        " carrier_address = $5 WHERE channel_id = ("
        " SELECT channel_id FROM channels WHERE domain_id = $1 AND kind = $2 AND address = $3"
        " AND state = 'removed' ORDER BY created_at DESC LIMIT 1) AND domain_id = $1"
        " RETURNING channel_id",
        domain_id,
        kind,
        address,
        carrier,
        carrier_address,
    )
    if back is not None:
        return back
    await connection.execute(
        "INSERT INTO channels"
        " (domain_id, channel_id, kind, carrier, address, rate, carrier_address, caught_up_to)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, now())",
        domain_id,
        channel_id,
        kind,
        carrier,
        address,
        rate,
        carrier_address,
    )
    return channel_id


async def set_carrier_address(
    connection: Connection, domain_id: UUID, channel_id: UUID, carrier_address: str | None
) -> None:
    await connection.execute(
        "UPDATE channels SET carrier_address = $3 WHERE domain_id = $1 AND channel_id = $2",
        domain_id,
        channel_id,
        carrier_address,
    )


async def set_rate(connection: Connection, domain_id: UUID, channel_id: UUID, rate: float) -> None:
    await connection.execute(
        "UPDATE channels SET rate = $3 WHERE domain_id = $1 AND channel_id = $2",
        domain_id,
        channel_id,
        rate,
    )


async def heard(
    connection: Connection, domain_id: UUID, channel_id: UUID
) -> tuple[datetime | None, datetime | None]:
    """When a customer wrote last, and when the carrier last told of a message's way.

    Of the conversations that were active last: one page of each index, however many there are.
    """
    row = await connection.fetchrow(
        "WITH latest AS ("
        " SELECT v.* FROM unnest(ARRAY['open', 'snoozed', 'closed']) AS s (status)"
        " CROSS JOIN LATERAL ("
        "  SELECT conversation_id, last_inbound_at FROM conversations v"
        "  WHERE v.channel_id = $2 AND v.status = s.status AND v.domain_id = $1"
        "  ORDER BY v.active_step DESC LIMIT 20"
        " ) v"
        ") SELECT (SELECT max(last_inbound_at) FROM latest) AS inbound, ("
        " SELECT max(greatest(m.delivered_at, m.read_at)) FROM latest CROSS JOIN LATERAL ("
        "  SELECT delivered_at, read_at FROM messages m WHERE m.domain_id = $1"
        "  AND m.conversation_id = latest.conversation_id ORDER BY m.seq DESC LIMIT 20"
        " ) m) AS status",
        domain_id,
        channel_id,
    )
    assert row is not None
    return row["inbound"], row["status"]


async def set_state(
    connection: Connection, domain_id: UUID, channel_id: UUID, state: str, reason: str | None
) -> None:
    await connection.execute(
        "UPDATE channels SET state = $3, state_reason = $4"
        " WHERE domain_id = $1 AND channel_id = $2",
        domain_id,
        channel_id,
        state,
        reason,
    )


async def set_caught_up(
    connection: Connection, domain_id: UUID, channel_id: UUID, moment: datetime
) -> None:
    await connection.execute(
        "UPDATE channels SET caught_up_to = greatest(caught_up_to, $3)"
        " WHERE domain_id = $1 AND channel_id = $2",
        domain_id,
        channel_id,
        moment,
    )


RESERVE = """
WITH channel AS MATERIALIZED (
    SELECT c.*, wanted.places, wanted.within
    FROM (SELECT set_config('synchronous_commit', 'off', true)) AS relaxed (setting)
    CROSS JOIN unnest($1::uuid[], $2::uuid[], $3::int[], $4::float8[])
        AS wanted (domain_id, channel_id, places, within)
    CROSS JOIN LATERAL (
        SELECT c.domain_id, c.channel_id, c.rate, c.rate_reserved_until FROM channels c
        WHERE c.domain_id = wanted.domain_id AND c.channel_id = wanted.channel_id
        LIMIT 1 FOR UPDATE
    ) c
    WHERE relaxed.setting = 'off'
), room AS MATERIALIZED (
    SELECT domain_id, channel_id, rate, places, within, clock_timestamp() AS now,
        greatest(rate_reserved_until, clock_timestamp()) AS begin
    FROM channel
), taken AS (
    SELECT *, greatest(0, least(places,
        floor((greatest(1.0, 1.0 / rate) + within - extract(epoch FROM begin - now)::float8)
            * rate + 1e-6)::int
    )) AS free
    FROM room
)
UPDATE channels c SET rate_reserved_until =
    taken.begin + make_interval(secs => taken.free / taken.rate)
FROM taken
WHERE c.domain_id = taken.domain_id AND c.channel_id = taken.channel_id
RETURNING c.domain_id, c.channel_id, taken.free, taken.rate,
    extract(epoch FROM taken.begin - taken.now)::float8 AS begins
"""


async def reserve(
    connection: Connection, wanted: Sequence[tuple[UUID, UUID, float]]
) -> dict[int, float | None]:
    """Reserves places of channels (domain, channel, seconds) by GCRA; the seconds to wait for each.

    None when that is over so many seconds: then no place is taken. Whoever comes back later asks
    anew, and places that nobody uses would keep all others waiting for ever.

    The burst is one second's worth of messages, one at least. One statement, its own transaction,
    committed without waiting for the disk: every message of a channel updates this row, and whoever
    holds it through a flush lets the whole channel send no faster than the disk flushes.
    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
    """
    groups: dict[tuple[UUID, UUID], list[int]] = {}
    for place, (domain_id, channel_id, _) in enumerate(wanted):
        groups.setdefault((domain_id, channel_id), []).append(place)
    # In the order of their ids: another worker's batch may hold one and wait for the next.
    order = sorted(groups)
    rows = await connection.fetch(
        RESERVE,
        [domain_id for domain_id, _ in order],
        [channel_id for _, channel_id in order],
        [len(groups[each]) for each in order],
        [min(wanted[place][2] for place in groups[each]) for each in order],
    )
    found = {(row["domain_id"], row["channel_id"]): row for row in rows}
    waits: dict[int, float | None] = {}
    for key, places in groups.items():
        row = found.get(key)
        for number, place in enumerate(places, 1):
            if row is None or number > row["free"]:
                waits[place] = None
            else:
                burst = max(1.0, 1.0 / row["rate"])
                waits[place] = max(0.0, row["begins"] + number / row["rate"] - burst)
    return waits
