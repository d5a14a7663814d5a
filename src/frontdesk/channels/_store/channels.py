"""The SQL of channels."""

from datetime import datetime
from uuid import UUID

from frontdesk.channels.model import ChannelRow
from frontdesk.db.pool import Connection

CHANNEL = "domain_id, channel_id, kind, carrier, address, state, state_reason, rate, caught_up_to"


async def by_address(
    connection: Connection, kind: str, address: str
) -> tuple[ChannelRow, bytes | None] | None:
    """The channel that owns an address, with its domain's sealed metadata."""
    row = await connection.fetchrow(
        "SELECT c.domain_id, c.channel_id, c.kind, c.carrier, c.address, c.state, c.state_reason,"
        " c.rate, c.caught_up_to, d.technical"
        " FROM channels c JOIN domains d USING (domain_id)"
        " WHERE c.kind = $1 AND c.address = $2 AND c.state <> 'removed'",
        kind,
        address,
    )
    if row is None:
        return None
    *columns, technical = row.values()
    return ChannelRow(*columns), technical


async def by_id(
    connection: Connection, domain_id: UUID, channel_id: UUID
) -> tuple[ChannelRow, bytes | None] | None:
    row = await connection.fetchrow(
        "SELECT c.domain_id, c.channel_id, c.kind, c.carrier, c.address, c.state, c.state_reason,"
        " c.rate, c.caught_up_to, d.technical"
        " FROM channels c JOIN domains d USING (domain_id)"
        " WHERE c.domain_id = $1 AND c.channel_id = $2",
        domain_id,
        channel_id,
    )
    if row is None:
        return None
    *columns, technical = row.values()
    return ChannelRow(*columns), technical


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
) -> UUID:
    """Adds the channel, or brings back the removed one so that its conversations go on; its id."""
    back = await connection.fetchval(
        "UPDATE channels SET state = 'active', state_reason = NULL WHERE channel_id = ("
        " SELECT channel_id FROM channels WHERE domain_id = $1 AND kind = $2 AND address = $3"
        " AND state = 'removed' ORDER BY created_at DESC LIMIT 1) AND domain_id = $1"
        " RETURNING channel_id",
        domain_id,
        kind,
        address,
    )
    if back is not None:
        return back
    await connection.execute(
        "INSERT INTO channels"
        " (domain_id, channel_id, kind, carrier, address, rate, caught_up_to)"
        " VALUES ($1, $2, $3, $4, $5, $6, now())",
        domain_id,
        channel_id,
        kind,
        carrier,
        address,
        rate,
    )
    return channel_id


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


async def reserve(
    connection: Connection, domain_id: UUID, channel_id: UUID, within: float
) -> float | None:
    """Reserves the channel's next place by GCRA; returns the seconds to wait for it.

    None when that is over `within` seconds: then no place is taken. Whoever comes back later asks
    anew, and places that nobody uses would keep all others waiting for ever.

    The burst is one second's worth of messages. One statement, its own transaction, committed
    without waiting for the disk: every message of a channel updates this row, and whoever holds it
    through a flush lets the whole channel send no faster than the disk flushes.
    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
    """
    wait = await connection.fetchval(
        "UPDATE channels SET rate_reserved_until ="
        " greatest(rate_reserved_until, clock_timestamp()) + make_interval(secs => 1.0 / rate)"
        " FROM (SELECT set_config('synchronous_commit', 'off', true)) AS relaxed (setting)"
        " WHERE domain_id = $1 AND channel_id = $2 AND relaxed.setting = 'off'"
        " AND greatest(rate_reserved_until, clock_timestamp()) + make_interval(secs => 1.0 / rate)"
        " <= clock_timestamp() + make_interval(secs => 1.0 + $3::float8)"
        " RETURNING extract(epoch FROM rate_reserved_until - clock_timestamp())::float8 - 1.0",
        domain_id,
        channel_id,
        within,
    )
    return None if wait is None else max(0.0, wait)
