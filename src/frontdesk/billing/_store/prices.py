"""A domain's own prices."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from frontdesk.billing.model import Price
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id


async def of_domain(connection: Connection, domain_id: UUID) -> list[asyncpg.Record]:
    return await connection.fetch(
        "SELECT price, unit, channel, direction, call_type, category, country FROM prices"
        " WHERE domain_id = $1 ORDER BY unit, channel NULLS FIRST, direction NULLS FIRST,"
        " call_type NULLS FIRST, category NULLS FIRST, country NULLS FIRST",
        domain_id,
    )


async def of_billed(connection: Connection, domain_id: UUID) -> list[asyncpg.Record] | None:
    """None: the domain is not billed."""
    rows = await connection.fetch(
        "SELECT p.price, p.unit, p.channel, p.direction, p.call_type, p.category, p.country"
        " FROM credit_accounts a LEFT JOIN prices p ON p.domain_id = a.domain_id"
        " WHERE a.domain_id = $1",
        domain_id,
    )
    return [row for row in rows if row["price"] is not None] if rows else None


async def replace(connection: Connection, domain_id: UUID, prices: Sequence[Price]) -> None:
    """The domain's row is locked meanwhile: two lists never mix."""
    await connection.execute(
        "SELECT FROM domains WHERE domain_id = $1 FOR NO KEY UPDATE", domain_id
    )
    await connection.execute("DELETE FROM prices WHERE domain_id = $1", domain_id)
    await connection.execute(
        "INSERT INTO prices (domain_id, price_id, price, unit, channel, direction, call_type,"
        " category, country)"
        " SELECT $1, p.* FROM unnest($2::uuid[], $3::numeric[], $4::text[], $5::text[],"
        " $6::text[], $7::text[], $8::text[], $9::text[]) AS p",
        domain_id,
        [new_id() for _ in prices],
        [each.price for each in prices],
        [each.unit for each in prices],
        [each.channel for each in prices],
        [each.direction for each in prices],
        [each.call_type for each in prices],
        [each.category for each in prices],
        [each.country for each in prices],
    )
