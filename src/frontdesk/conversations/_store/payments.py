"""What a delivery costs its domain: paid in the statement that commits `sending`."""

from collections.abc import Sequence
from uuid import UUID

from frontdesk.billing.model import WEIGHTS
from frontdesk.conversations.model import Delivery, Fare, Lane, Payment
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id

RANK = " + ".join(
    f"CASE WHEN p.{column} IS NULL THEN 0 ELSE {weight} END" for column, weight in WEIGHTS.items()
)

# One message of a domain that pays: it goes when it is paid for, here or where it was queued. Its
# row is locked first, so that a worker that was given up pays nothing; the account's last. Without
# enough credit nothing changes.
SENDING_PAID = f"""
WITH message AS MATERIALIZED (
    SELECT m.message_id, o.outreach_id, o.campaign_id, o.call_type,
        EXISTS (
            SELECT FROM ledger l WHERE l.charge_key = $5::text AND l.domain_id = $1
        ) AS paid,
        coalesce((
            SELECT p.price FROM prices p
            WHERE p.domain_id = $1 AND p.unit = 'message'
            AND (p.channel IS NULL OR p.channel = $6::text)
            AND (p.direction IS NULL OR p.direction = 'out')
            AND (p.call_type IS NULL OR p.call_type = o.call_type)
            AND (p.category IS NULL OR p.category = $7::text)
            AND (p.country IS NULL OR p.country = $8::text)
            ORDER BY {RANK} DESC LIMIT 1
        ), $9::numeric) AS price
    FROM (SELECT set_config('synchronous_commit', 'on', true)) AS durable (setting)
    CROSS JOIN messages m
    LEFT JOIN LATERAL (
        SELECT o.outreach_id, o.campaign_id, o.call_type FROM outreach o
        WHERE o.conversation_id = $2 AND o.domain_id = $1 AND o.message_id = m.message_id LIMIT 1
    ) o ON true
    WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.seq = $3 AND m.status_rank = 1
    AND durable.setting = 'on'
    AND EXISTS (
        SELECT FROM conversations WHERE domain_id = $1 AND conversation_id = $2
        AND delivery = 'running' AND delivery_token = $4
    )
    FOR UPDATE OF m
), paid AS (
    UPDATE credit_accounts a SET balance = a.balance - m.price
    FROM message m
    WHERE a.domain_id = $1 AND NOT m.paid AND m.price > 0 AND a.balance >= m.price
    RETURNING 1
), entry AS (
    INSERT INTO ledger (
        domain_id, entry_id, charge_key, kind, amount, channel, direction, call_type, category,
        country, message_id, conversation_id, outreach_id, campaign_id, at
    )
    SELECT $1, $10, $5, 'charge', -m.price, $6, 'out', m.call_type, $7, $8, m.message_id, $2,
        m.outreach_id, m.campaign_id, clock_timestamp()
    FROM message m, paid
), going AS (
    UPDATE messages SET status = 'sending', status_rank = 2, attempts = attempts + 1,
        sending_at = coalesce(sending_at, now()), updated_at = now()
    FROM message m
    WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3
    AND (m.paid OR m.price = 0 OR EXISTS (SELECT FROM paid))
    RETURNING 1
)
SELECT EXISTS (SELECT FROM going) AS goes, price FROM message
"""

# What they were charged under, where they were: each time a message is sent anew is another key.
CANCELED = """
SELECT l.charge_key FROM ledger l
WHERE l.charge_key = ANY(ARRAY(
    SELECT 'message:' || m.message_id || coalesce(':' || ((m.structured ->> 'resent')::int + 1), '')
    FROM messages m
    WHERE m.domain_id = $1 AND m.message_id = ANY($2::uuid[]) AND m.status = 'canceled'
)) AND l.domain_id = $1
"""


async def sending_paid(
    connection: Connection, lane: Lane, delivery: Delivery, fare: Fare
) -> Payment | None:
    """`sending`, with the price paid. None when it is not queued any more, or the lane was taken;
    with enough credit it goes."""
    row = await connection.fetchrow(
        SENDING_PAID,
        lane.domain_id,
        lane.conversation_id,
        delivery.seq,
        lane.token,
        fare.key,
        fare.channel,
        fare.category,
        fare.country,
        fare.otherwise,
        new_id(),
    )
    return None if row is None else Payment(*row.values())


async def canceled_keys(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> list[str]:
    """What those of the messages that were canceled had been charged under."""
    rows = await connection.fetch(CANCELED, domain_id, list(message_ids))
    return [row["charge_key"] for row in rows]
