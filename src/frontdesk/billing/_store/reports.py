"""Sums over the ledger, by days: each begins at a moment that the caller names, and the last one
ends at the last of them. Days that no time zone knows here are so the same everywhere."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection

TOTALS = """
SELECT width_bucket(at, $2::timestamptz[]) AS day, channel, direction, category, country, call_type,
    coalesce(sum(CASE kind WHEN 'refund' THEN -quantity ELSE quantity END)
        FILTER (WHERE kind IN ('charge', 'settlement', 'refund')), 0) AS quantity,
    count(*) FILTER (WHERE kind = 'charge' AND message_id IS NOT NULL)
        - count(*) FILTER (WHERE kind = 'refund' AND message_id IS NOT NULL) AS messages,
    -sum(amount) AS amount
FROM ledger
WHERE domain_id = $1 AND at > '-infinity'
AND at >= ($2::timestamptz[])[1] AND at < ($2::timestamptz[])[cardinality($2::timestamptz[])]
AND kind NOT IN ('top_up', 'adjustment')
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2 NULLS FIRST, 3 NULLS FIRST, 4 NULLS FIRST, 5 NULLS FIRST, 6 NULLS FIRST
"""

# Days without any entry are not there.
DAILY = """
SELECT width_bucket(at, $2::timestamptz[]) AS day,
    coalesce(-sum(amount) FILTER (WHERE kind NOT IN ('top_up', 'adjustment')), 0) AS spent,
    coalesce(sum(amount) FILTER (WHERE kind IN ('top_up', 'adjustment')), 0) AS topped_up,
    (SELECT balance FROM credit_accounts WHERE domain_id = $1) AS balance
FROM ledger
WHERE domain_id = $1 AND at > '-infinity' AND at >= ($2::timestamptz[])[1]
GROUP BY 1
"""


async def totals(
    connection: Connection, domain_id: UUID, begins: Sequence[datetime]
) -> list[asyncpg.Record]:
    """Days by number, from 1."""
    return await connection.fetch(TOTALS, domain_id, begins)


async def paid_in(
    connection: Connection, domain_id: UUID, since: datetime, until: datetime
) -> Decimal:
    found = await connection.fetchval(
        "SELECT sum(amount) FROM ledger"
        " WHERE domain_id = $1 AND at > '-infinity' AND at >= $2 AND at < $3"
        " AND kind IN ('top_up', 'adjustment')",
        domain_id,
        since,
        until,
    )
    return found or Decimal(0)


async def daily(
    connection: Connection, domain_id: UUID, begins: Sequence[datetime]
) -> list[asyncpg.Record]:
    """Days by number, from 1; the last one has not ended."""
    return await connection.fetch(DAILY, domain_id, begins)
