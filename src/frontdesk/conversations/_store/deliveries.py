"""The delivery lane: one worker at a time hands a conversation's messages over, in order."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from frontdesk.conversations.model import TAKEN_OVER, Delivery, Lane
from frontdesk.db.pool import Connection, Row
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Status

FACTS = """
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
        SELECT FROM opt_outs o WHERE o.domain_id = v.domain_id AND o.channel_id = v.channel_id
        AND o.contact_id = v.contact_id
    ) AS opted_out,
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
) -> None:
    """Puts a message back that the carrier certainly did not take, while the lane is ours.

    An assistant's is canceled instead when a person took over meanwhile.
    """
    await connection.execute(
        UNSENT,
        lane.domain_id,
        lane.conversation_id,
        delivery.seq,
        code,
        error,
        lane.token,
        TAKEN_OVER,
    )


async def failed(connection: Connection, delivery: Delivery, code: str, error: str) -> None:
    await connection.execute(
        "UPDATE messages SET status = 'failed', status_rank = 4, error_code = $4, error = $5,"
        " failed_at = now(), updated_at = now()"
        " WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3 AND status_rank < 4",
        delivery.domain_id,
        delivery.conversation_id,
        delivery.seq,
        code,
        error,
    )


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
