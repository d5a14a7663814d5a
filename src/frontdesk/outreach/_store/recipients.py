"""The SQL of a campaign's recipients: how far each got, and how many got how far."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from frontdesk.db.pool import Connection
from frontdesk.outreach._store.scanning import Asked, like, states

LONG_SECONDS = 120
"""What counting a million recipients may take."""

# One word for how far a recipient got: the message says what the row cannot know. A canceled
# campaign's rows are canceled in batches; what still waits in it will not be sent either.
EFFECTIVE = """
CASE WHEN o.status = 'waiting' AND c.status = 'canceled' THEN 'canceled'
    WHEN o.status <> 'sent' THEN o.status
    WHEN m.status IN ('failed', 'canceled') THEN m.status
    WHEN m.status IN ('read', 'played') THEN 'read'
    WHEN m.status = 'delivered' THEN 'delivered'
    ELSE 'sent' END
"""
LINES = """
SELECT * FROM outreach o WHERE o.campaign_id = $2 AND o.domain_id = $1 AND o.line > $3
ORDER BY o.line
"""
BESIDE = """
CROSS JOIN LATERAL (
    SELECT c.status FROM campaigns c
    WHERE c.domain_id = o.domain_id AND c.campaign_id = o.campaign_id LIMIT 1
) c
LEFT JOIN LATERAL (
    SELECT m.status, m.error, m.error_code, m.sent_at, m.delivered_at, m.read_at, m.created_at
    FROM messages m
    WHERE o.status = 'sent' AND m.message_id = o.message_id AND m.domain_id = o.domain_id LIMIT 1
) m ON true
LEFT JOIN LATERAL (
    SELECT v.last_inbound_at FROM conversations v
    WHERE o.status = 'sent' AND v.domain_id = o.domain_id
    AND v.conversation_id = o.conversation_id LIMIT 1
) v ON true
"""
JOINED = f"FROM outreach o {BESIDE}"
ANSWERED = "coalesce(v.last_inbound_at > coalesce(m.sent_at, m.created_at), false)"

COUNTS = f"""
SELECT {EFFECTIVE} AS effective, count(*) AS rows, count(*) FILTER (WHERE {ANSWERED}) AS answered
{JOINED}
WHERE o.campaign_id = $2 AND o.domain_id = $1
GROUP BY 1
"""

REASONS = f"""
SELECT status, code, min(reason) AS reason, count(*) AS count,
    min(reason) IS DISTINCT FROM max(reason) AS differ FROM (
    SELECT {EFFECTIVE} AS status, coalesce(m.error_code, o.reason_code) AS code,
        coalesce(m.error, o.reason) AS reason
    {JOINED}
    WHERE o.campaign_id = $2 AND o.domain_id = $1
) r
WHERE status IN ('skipped', 'failed', 'canceled')
GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 30
"""

# The ledger's own column: a message's charge names its campaign, and so does its refund.
COST = """
SELECT coalesce(-sum(l.amount), 0) FROM ledger l WHERE l.campaign_id = $2 AND l.domain_id = $1
"""

OUTCOMES = f"""
SELECT o.outreach_id, o.line, o.address AS phone_number, o.name, {EFFECTIVE} AS status,
    coalesce(m.error, o.reason) AS reason, o.conversation_id, o.message_id,
    {ANSWERED} AS answered, m.sent_at, m.delivered_at, m.read_at, o.channel, o.email
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """What came of one row."""

    outreach_id: UUID
    line: int
    phone_number: str
    name: str | None
    status: str
    reason: str | None
    conversation_id: UUID | None
    message_id: UUID | None
    answered: bool
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    channel: str
    email: str | None


async def counts(
    connection: Connection, domain_id: UUID, campaign_id: UUID
) -> list[asyncpg.Record]:
    """Rows by how far they got."""
    await connection.execute(f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'")
    return await connection.fetch(COUNTS, domain_id, campaign_id, timeout=LONG_SECONDS)


async def reasons(
    connection: Connection, domain_id: UUID, campaign_id: UUID
) -> list[asyncpg.Record]:
    """Why rows got nothing, the most frequent first."""
    await connection.execute(f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'")
    return await connection.fetch(REASONS, domain_id, campaign_id, timeout=LONG_SECONDS)


async def cost(connection: Connection, domain_id: UUID, campaign_id: UUID) -> Decimal:
    found = await connection.fetchval(COST, domain_id, campaign_id, timeout=LONG_SECONDS)
    return found or Decimal(0)


async def page(
    connection: Connection,
    domain_id: UUID,
    campaign_id: UUID,
    *,
    after: int,
    status: str | None,
    q: str | None,
    most: int,
    reach: int,
) -> list[Recipient]:
    """In the order of their lines, of up to `reach` lines after one."""
    asked = Asked(domain_id, campaign_id, after)
    narrow = ""
    if q:
        place = asked.value(like(q.lower()))
        narrow += f" AND (o.address LIKE {place} OR lower(o.name) LIKE {place})"
    if status is not None:
        narrow += f" AND o.status = ANY({asked.value(list(states(status)))}::text[])"
        # Whoever answered has also got it, or read it: it is no step of its own.
        wanted = ANSWERED if status == "answered" else f"{EFFECTIVE} = {asked.value(status)}"
        narrow += f" AND {wanted}"
    rows = await connection.fetch(
        f"{OUTCOMES} FROM ({LINES} LIMIT {reach:d}) o {BESIDE}"
        f" WHERE true{narrow} ORDER BY o.line LIMIT {asked.value(most)}",
        *asked.values,
    )
    return [Recipient(*row.values()) for row in rows]


async def reached(
    connection: Connection, domain_id: UUID, campaign_id: UUID, after: int, reach: int
) -> int | None:
    """The last line that a page looked at; None when there are no more."""
    return await connection.fetchval(
        "SELECT o.line FROM outreach o"
        " WHERE o.campaign_id = $2 AND o.domain_id = $1 AND o.line > $3"
        " ORDER BY o.line OFFSET $4 LIMIT 1",
        domain_id,
        campaign_id,
        after,
        reach - 1,
    )
