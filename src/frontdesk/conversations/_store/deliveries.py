"""The delivery lane: one worker at a time hands a conversation's messages over, in order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from frontdesk.billing.model import WEIGHTS
from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations.model import TAKEN_OVER, Delivery, Fare, Lane, Payment
from frontdesk.db.pool import Connection, Row
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Status

FACTS = f"""
SELECT v.delivery_wanted AS wanted, v.channel_id, v.contact_id, v.address, m.seq, m.message_id,
    m.content,
    m.structured,
    m.status, m.attempts, m.trace_id, m.created_at, m.sending_at,
    m.updated_at AS attempted_at, m.reply_to, v.last_inbound_at, v.blocked,
    (
        SELECT q.received_at FROM messages q WHERE q.domain_id = v.domain_id
        AND q.conversation_id = v.conversation_id AND q.seq = m.answers_seq
    ) AS received_at,
    EXISTS (
        SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id
        AND o.channel_id IN (v.channel_id, '{ALL_CHANNELS}') AND o.contact_id = v.contact_id
    ) AS opted_out,
    EXISTS (SELECT FROM credit_accounts a WHERE a.domain_id = v.domain_id) AS billed,
    h.state AS channel_state, h.state_reason AS channel_state_reason
FROM v
CROSS JOIN LATERAL (
    SELECT * FROM channels h
    WHERE h.domain_id = v.domain_id AND h.channel_id = v.channel_id LIMIT 1
) h
LEFT JOIN LATERAL (
    SELECT * FROM messages m WHERE m.domain_id = v.domain_id
    AND m.conversation_id = v.conversation_id AND m.status IN ('queued', 'sending')
    ORDER BY m.seq LIMIT 1
) m ON true
"""

CLAIM = f"""
WITH v AS (
    UPDATE conversations SET delivery = 'running', delivery_job = $3, delivery_token = $4,
        delivery_at = now(), delivery_attempts = delivery_attempts + 1
    WHERE domain_id = $1 AND conversation_id = $2
    AND (delivery = 'queued' OR delivery = 'running' AND delivery_job = $3)
    RETURNING *
)
{FACTS}
"""

NEXT = f"""
WITH v AS (
    SELECT * FROM conversations
    WHERE domain_id = $1 AND conversation_id = $2 AND delivery = 'running' AND delivery_token = $3
)
{FACTS}
"""

# Whoever adds a message counts `delivery_wanted` up on the row that this waits for. So a message
# that was added after `wanted` was read keeps the lane, though this statement cannot see it.
RELEASE = """
UPDATE conversations SET delivery = 'idle', delivery_at = now(), delivery_attempts = 0
WHERE domain_id = $1 AND conversation_id = $2 AND delivery = 'running' AND delivery_token = $3
AND delivery_wanted = $4
"""

AGAIN = """
WITH conversation AS (
    UPDATE conversations SET delivery = 'queued', delivery_at = now()
    WHERE domain_id = $1 AND conversation_id = $2 AND delivery = 'running' AND delivery_token = $3
    RETURNING 1
)
SELECT enqueue('deliver', $1, $2, $4) FROM conversation
"""

# This waits for the disk, whatever the session does otherwise: after its commit the carrier is
# called.
SENDING = """
UPDATE messages SET status = 'sending', status_rank = 2, attempts = attempts + 1,
    sending_at = coalesce(sending_at, now()), updated_at = now()
FROM (SELECT set_config('synchronous_commit', 'on', true)) AS durable (setting)
WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3 AND status_rank = 1
AND durable.setting = 'on'
AND EXISTS (
    SELECT FROM conversations WHERE domain_id = $1 AND conversation_id = $2
    AND delivery = 'running' AND delivery_token = $4
)
"""

RANK = " + ".join(
    f"CASE WHEN p.{column} IS NULL THEN 0 ELSE {weight} END" for column, weight in WEIGHTS.items()
)

# The same for a domain that pays: the message goes when it is paid for, here or where it was
# queued. Its row is locked first, so that a worker that was given up pays nothing; the account's
# last. Without enough credit nothing changes.
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

# A status callback may have come before the carrier's own answer: it is never taken back.
SENT = """
WITH early AS (
    DELETE FROM parked_statuses
    WHERE domain_id = $1 AND channel_id = $4 AND carrier_id = $5
    RETURNING status, status_rank, carrier_status, error_code, error, stops_contact, at
), best AS (
    SELECT max(status_rank) AS rank, (array_agg(status ORDER BY status_rank DESC))[1] AS status,
        (array_agg(carrier_status ORDER BY status_rank DESC))[1] AS carrier_status,
        max(error_code) AS error_code, max(error) AS error,
        min(at) FILTER (WHERE status = 'delivered') AS delivered_at,
        min(at) FILTER (WHERE status IN ('read', 'played')) AS read_at,
        min(at) FILTER (WHERE status = 'failed') AS failed_at
    FROM early
), stopped AS (
    INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)
    SELECT $1, $4, $7, coalesce(error_code, 'carrier') FROM early WHERE stops_contact LIMIT 1
    ON CONFLICT DO NOTHING
    RETURNING contact_id, reason
), logged AS (
    INSERT INTO opt_out_log (
        domain_id, entry_id, contact_id, channel_id, address, action, via, reason
    )
    SELECT $1, gen_random_uuid(), s.contact_id, $4, c.address, 'stopped', 'carrier', s.reason
    FROM stopped s CROSS JOIN LATERAL (
        SELECT address FROM contacts c
        WHERE c.domain_id = $1 AND c.contact_id = s.contact_id LIMIT 1
    ) c
), sent AS (
    UPDATE messages m SET
        carrier_id = $5,
        status = CASE WHEN greatest(m.status_rank, 3) >= coalesce(b.rank, 0)
            THEN CASE WHEN m.status_rank >= 3 THEN m.status ELSE 'sent' END ELSE b.status END,
        status_rank = greatest(m.status_rank, 3, b.rank),
        carrier_status = coalesce(b.carrier_status, m.carrier_status, $6),
        error_code = coalesce(b.error_code, m.error_code),
        error = coalesce(b.error, m.error),
        sent_at = coalesce(m.sent_at, now()),
        delivered_at = coalesce(m.delivered_at, b.delivered_at),
        read_at = coalesce(m.read_at, b.read_at),
        failed_at = coalesce(m.failed_at, b.failed_at),
        updated_at = now()
    FROM best b
    WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.seq = $3
    RETURNING 1
), message AS (
    SELECT count(*) AS number FROM sent
)
-- The message's row is locked before the conversation's, as everywhere.
UPDATE conversations SET delivery = 'idle', delivery_at = now(), delivery_attempts = 0
FROM message
WHERE domain_id = $1 AND conversation_id = $2 AND delivery = 'running' AND delivery_token = $8
AND delivery_wanted = $9 AND NOT EXISTS (
    SELECT FROM messages o WHERE o.domain_id = $1 AND o.conversation_id = $2
    AND o.status IN ('queued', 'sending') AND o.seq <> $3
)
"""

UNSENT = """
UPDATE messages m SET
    status = CASE WHEN v.taken_over THEN 'canceled' ELSE 'queued' END,
    status_rank = CASE WHEN v.taken_over THEN 4 ELSE 1 END,
    sending_at = NULL,
    error_code = coalesce($4, m.error_code),
    error = CASE WHEN v.taken_over THEN $7 ELSE coalesce($5, m.error) END,
    updated_at = now()
FROM (
    SELECT c.mode = 'manual' AND c.mode_changed_by IS NOT NULL AND c.mode_changed_at > o.queued_at
        AND o.sender = 'assistant' AS taken_over
    FROM conversations c, messages o
    WHERE c.domain_id = $1 AND c.conversation_id = $2
    AND c.delivery = 'running' AND c.delivery_token = $6
    AND o.domain_id = $1 AND o.conversation_id = $2 AND o.seq = $3
) v
WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.seq = $3 AND m.status = 'sending'
RETURNING m.status
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


async def claim(
    connection: Connection, domain_id: UUID, conversation_id: UUID, job: int
) -> tuple[Lane, Delivery | None] | None:
    """Takes the lane, and says what its oldest message is that is not handed over yet.

    None when the lane is not this job's to take.
    """
    token = new_id()
    row = await connection.fetchrow(CLAIM, domain_id, conversation_id, job, token)
    if row is None:
        return None
    return _found(Lane(domain_id, conversation_id, token), row)


async def next_message(connection: Connection, lane: Lane) -> tuple[Lane, Delivery | None] | None:
    """What `claim` says, once more. None when the lane was taken from us."""
    row = await connection.fetchrow(NEXT, lane.domain_id, lane.conversation_id, lane.token)
    return None if row is None else _found(lane, row)


def _found(lane: Lane, row: Row) -> tuple[Lane, Delivery | None]:
    lane = replace(lane, wanted=row["wanted"])
    if row["seq"] is None:
        return lane, None
    own = ("status", "wanted")
    facts = {key: value for key, value in row.items() if key not in own}
    return lane, Delivery(
        domain_id=lane.domain_id,
        conversation_id=lane.conversation_id,
        status=Status(row["status"]),
        **facts,
    )


async def release(connection: Connection, lane: Lane) -> bool:
    """Gives the lane back. False when there is a message after all, or the lane was taken."""
    done = await connection.execute(
        RELEASE, lane.domain_id, lane.conversation_id, lane.token, lane.wanted
    )
    return done == "UPDATE 1"


async def again(connection: Connection, lane: Lane, delay: timedelta) -> None:
    """Gives the lane back to be run once more after a delay."""
    await connection.execute(AGAIN, lane.domain_id, lane.conversation_id, lane.token, delay)


async def sending(connection: Connection, lane: Lane, delivery: Delivery) -> bool:
    """Marks a queued message. False when it is not queued any more, or the lane was taken."""
    done = await connection.execute(
        SENDING, lane.domain_id, lane.conversation_id, delivery.seq, lane.token
    )
    return done == "UPDATE 1"


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


async def sent(
    connection: Connection, lane: Lane, delivery: Delivery, carrier_id: str, carrier_status: str
) -> bool:
    """Records what the carrier took. True when that was all, and the lane is given back."""
    done = await connection.execute(
        SENT,
        lane.domain_id,
        lane.conversation_id,
        delivery.seq,
        delivery.channel_id,
        carrier_id,
        carrier_status,
        delivery.contact_id,
        lane.token,
        lane.wanted,
    )
    return done == "UPDATE 1"


async def unsent(
    connection: Connection, lane: Lane, delivery: Delivery, code: str | None, error: str | None
) -> bool:
    """Puts a message back that the carrier certainly did not take, while the lane is ours.

    An assistant's is canceled instead when a person took over meanwhile: then True.
    """
    status = await connection.fetchval(
        UNSENT,
        lane.domain_id,
        lane.conversation_id,
        delivery.seq,
        code,
        error,
        lane.token,
        TAKEN_OVER,
    )
    return status == "canceled"


async def failed(connection: Connection, delivery: Delivery, code: str, error: str) -> bool:
    """Marks a message that can never be sent. True when the carrier never had it."""
    return bool(
        await connection.fetchval(
            "UPDATE messages SET status = 'failed', status_rank = 4, error_code = $4, error = $5,"
            " failed_at = now(), updated_at = now()"
            " WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3 AND status_rank < 4"
            " RETURNING carrier_id IS NULL",
            delivery.domain_id,
            delivery.conversation_id,
            delivery.seq,
            code,
            error,
        )
    )


async def canceled_keys(
    connection: Connection, domain_id: UUID, message_ids: Sequence[UUID]
) -> list[str]:
    """What those of the messages that were canceled had been charged under."""
    rows = await connection.fetch(CANCELED, domain_id, list(message_ids))
    return [row["charge_key"] for row in rows]


async def carrier_ids(
    connection: Connection, domain_id: UUID, conversation_id: UUID, most: int
) -> set[str]:
    """The carrier's ids of the conversation's latest outbound messages."""
    rows = await connection.fetch(
        "SELECT carrier_id FROM messages WHERE domain_id = $1 AND conversation_id = $2"
        " AND sender <> 'user' AND carrier_id IS NOT NULL ORDER BY seq DESC LIMIT $3",
        domain_id,
        conversation_id,
        most,
    )
    return {row["carrier_id"] for row in rows}
