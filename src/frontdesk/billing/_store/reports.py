"""Sums over the ledger, by days in UTC."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection

TOTALS = """
SELECT (at AT TIME ZONE 'UTC')::date AS day, channel, direction, category, country, call_type,
    coalesce(sum(CASE kind WHEN 'refund' THEN -quantity ELSE quantity END)
        FILTER (WHERE kind IN ('charge', 'settlement', 'refund')), 0) AS quantity,
    count(*) FILTER (WHERE kind = 'charge' AND message_id IS NOT NULL)
        - count(*) FILTER (WHERE kind = 'refund' AND message_id IS NOT NULL) AS messages,
    -sum(amount) AS amount
FROM ledger
WHERE domain_id = $1 AND at > '-infinity' AND at >= $2 AND at < $3
AND kind NOT IN ('top_up', 'adjustment')
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2 NULLS FIRST, 3 NULLS FIRST, 4 NULLS FIRST, 5 NULLS FIRST, 6 NULLS FIRST
"""

# Days without any entry are not there.
DAILY = """
SELECT (at AT TIME ZONE 'UTC')::date AS day,
    coalesce(-sum(amount) FILTER (WHERE kind NOT IN ('top_up', 'adjustment')), 0) AS spent,
    coalesce(sum(amount) FILTER (WHERE kind IN ('top_up', 'adjustment')), 0) AS topped_up,
    (SELECT balance FROM credit_accounts WHERE domain_id = $1) AS balance
FROM ledger
WHERE domain_id = $1 AND at > '-infinity' AND at >= $2
GROUP BY 1
"""


async def totals(
    connection: Connection, domain_id: UUID, since: datetime, until: datetime
) -> list[asyncpg.Record]:
    return await connection.fetch(TOTALS, domain_id, since, until)


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


async def daily(connection: Connection, domain_id: UUID, since: datetime) -> list[asyncpg.Record]:
    return await connection.fetch(DAILY, domain_id, since)
