"""The delivery lane: one worker at a time hands a conversation's messages over, in order.

What every message costs a statement is asked for many lanes at once. Of several, a row that
somebody else holds is left out, so that no batch waits for one conversation or crosses another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from frontdesk.contacts.model import ALL_CHANNELS
from frontdesk.conversations.model import TAKEN_OVER, Delivery, Lane
from frontdesk.db.pool import Connection, Row
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Sent, Status

Found: TypeAlias = tuple[Lane, Delivery | None]
OF_THE_LANE = ("place", "token", "wanted")

FACTS = f"""
SELECT v.place, v.delivery_token AS token, v.delivery_wanted AS wanted, v.channel_id, v.contact_id,
    v.address, m.seq, m.message_id, m.content, m.structured,
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
WITH job AS MATERIALIZED (
    SELECT job.* FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) WITH ORDINALITY
        AS job (domain_id, conversation_id, token, job, place)
    CROSS JOIN LATERAL (
        SELECT FROM conversations c
        WHERE c.domain_id = job.domain_id AND c.conversation_id = job.conversation_id
        AND (c.delivery = 'queued' OR c.delivery = 'running' AND c.delivery_job = job.job)
        LIMIT 1 FOR UPDATE SKIP LOCKED
    ) free
), v AS (
    UPDATE conversations c SET delivery = 'running', delivery_job = job.job,
        delivery_token = job.token, delivery_at = now(),
        delivery_attempts = delivery_attempts + 1
    FROM job
    WHERE c.domain_id = job.domain_id AND c.conversation_id = job.conversation_id
    AND (c.delivery = 'queued' OR c.delivery = 'running' AND c.delivery_job = job.job)
    RETURNING c.*, job.place
)
{FACTS}
"""


NEXT = f"""
WITH v AS (
    SELECT c.*, lane.place
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
        AS lane (domain_id, conversation_id, token, place)
    CROSS JOIN LATERAL (
        SELECT * FROM conversations c
        WHERE c.domain_id = lane.domain_id AND c.conversation_id = lane.conversation_id
        AND c.delivery = 'running' AND c.delivery_token = lane.token LIMIT 1
    ) c
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


# After its commit the carrier is called, so this waits for the disk, whatever the session does
# otherwise. What has a charge key goes only when it is paid for.
SENDING = """
WITH item AS MATERIALIZED (
    SELECT item.*, item.charge_key IS NULL OR charge.paid IS NOT NULL AS paid
    FROM (SELECT set_config('synchronous_commit', 'on', true)) AS durable (setting)
    CROSS JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[])
        WITH ORDINALITY AS item (domain_id, conversation_id, token, seq, charge_key, place)
    CROSS JOIN LATERAL (
        SELECT FROM messages m
        WHERE m.domain_id = item.domain_id AND m.conversation_id = item.conversation_id
        AND m.seq = item.seq AND m.status_rank = 1
        LIMIT 1 FOR UPDATE SKIP LOCKED
    ) m
    LEFT JOIN LATERAL (
        SELECT true AS paid FROM ledger l
        WHERE l.charge_key = item.charge_key AND l.domain_id = item.domain_id LIMIT 1
    ) charge ON true
    WHERE durable.setting = 'on'
), going AS (
    UPDATE messages m SET status = 'sending', status_rank = 2, attempts = attempts + 1,
        sending_at = coalesce(sending_at, now()), updated_at = now()
    FROM item
    WHERE item.paid AND m.domain_id = item.domain_id
    AND m.conversation_id = item.conversation_id AND m.seq = item.seq AND m.status_rank = 1
    AND EXISTS (
        SELECT FROM conversations c
        WHERE c.domain_id = item.domain_id AND c.conversation_id = item.conversation_id
        AND c.delivery = 'running' AND c.delivery_token = item.token
    )
    RETURNING item.place
)
SELECT item.place, going.place IS NOT NULL AS goes
FROM item LEFT JOIN going ON going.place = item.place
"""


# A status callback may have come before the carrier's own answer: it is never taken back. A
# message's row is locked before its conversation's, as everywhere. A conversation that somebody
# else holds keeps its lane.
SENT = """
WITH item AS MATERIALIZED (
    SELECT item.*, v.free FROM unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::uuid[], $7::text[],
        $8::text[], $9::bigint[]
    ) WITH ORDINALITY AS item (
        domain_id, conversation_id, token, seq, channel_id, contact_id, carrier_id, carrier_status,
        wanted, place
    )
    CROSS JOIN LATERAL (
        SELECT FROM messages m
        WHERE m.domain_id = item.domain_id AND m.conversation_id = item.conversation_id
        AND m.seq = item.seq LIMIT 1 FOR UPDATE SKIP LOCKED
    ) m
    LEFT JOIN LATERAL (
        SELECT true AS free FROM conversations c
        WHERE c.domain_id = item.domain_id AND c.conversation_id = item.conversation_id
        LIMIT 1 FOR UPDATE SKIP LOCKED
    ) v ON true
), early AS (
    DELETE FROM parked_statuses p USING item
    WHERE p.domain_id = item.domain_id AND p.channel_id = item.channel_id
    AND p.carrier_id = item.carrier_id
    RETURNING item.place, item.contact_id, p.*
), best AS (
    SELECT item.place, max(e.status_rank) AS rank,
        (array_agg(e.status ORDER BY e.status_rank DESC))[1] AS status,
        (array_agg(e.carrier_status ORDER BY e.status_rank DESC))[1] AS carrier_status,
        max(e.error_code) AS error_code, max(e.error) AS error,
        min(e.at) FILTER (WHERE e.status = 'delivered') AS delivered_at,
        min(e.at) FILTER (WHERE e.status IN ('read', 'played')) AS read_at,
        min(e.at) FILTER (WHERE e.status = 'failed') AS failed_at
    FROM item LEFT JOIN early e ON e.place = item.place GROUP BY item.place
), stopped AS (
    INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)
    SELECT DISTINCT ON (domain_id, channel_id, contact_id) domain_id, channel_id, contact_id,
        coalesce(error_code, 'carrier')
    FROM early WHERE stops_contact
    ON CONFLICT DO NOTHING
    RETURNING domain_id, channel_id, contact_id, reason
), logged AS (
    INSERT INTO opt_out_log (
        domain_id, entry_id, contact_id, channel_id, address, action, via, reason
    )
    SELECT s.domain_id, gen_random_uuid(), s.contact_id, s.channel_id, c.address, 'stopped',
        'carrier', s.reason
    FROM stopped s CROSS JOIN LATERAL (
        SELECT address FROM contacts c
        WHERE c.domain_id = s.domain_id AND c.contact_id = s.contact_id LIMIT 1
    ) c
), sent AS (
    UPDATE messages m SET
        carrier_id = item.carrier_id,
        status = CASE WHEN greatest(m.status_rank, 3) >= coalesce(b.rank, 0)
            THEN CASE WHEN m.status_rank >= 3 THEN m.status ELSE 'sent' END ELSE b.status END,
        status_rank = greatest(m.status_rank, 3, b.rank),
        carrier_status = coalesce(b.carrier_status, m.carrier_status, item.carrier_status),
        error_code = coalesce(b.error_code, m.error_code),
        error = coalesce(b.error, m.error),
        sent_at = coalesce(m.sent_at, now()),
        delivered_at = coalesce(m.delivered_at, b.delivered_at),
        read_at = coalesce(m.read_at, b.read_at),
        failed_at = coalesce(m.failed_at, b.failed_at),
        updated_at = now()
    FROM item JOIN best b ON b.place = item.place
    WHERE m.domain_id = item.domain_id AND m.conversation_id = item.conversation_id
    AND m.seq = item.seq
    RETURNING item.*
), released AS (
    UPDATE conversations c
    SET delivery = 'idle', delivery_at = now(), delivery_attempts = 0
    FROM sent
    WHERE sent.free AND c.domain_id = sent.domain_id
    AND c.conversation_id = sent.conversation_id
    AND c.delivery = 'running' AND c.delivery_token = sent.token
    AND c.delivery_wanted = sent.wanted
    AND NOT EXISTS (
        SELECT FROM messages o
        WHERE o.domain_id = sent.domain_id AND o.conversation_id = sent.conversation_id
        AND o.status IN ('queued', 'sending') AND o.seq <> sent.seq
    )
    RETURNING sent.place
)
SELECT sent.place, released.place IS NOT NULL AS last
FROM sent LEFT JOIN released ON released.place = sent.place
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


def _patient(statement: str, batch: Sequence[object]) -> str:
    """The statement for a batch: what is alone waits for a row that somebody else holds."""
    return statement if len(batch) > 1 else statement.replace(" SKIP LOCKED", "")


async def claim(connection: Connection, jobs: Sequence[tuple[UUID, UUID, int]]) -> dict[int, Found]:
    """Takes lanes (domain, conversation, job), and says what the oldest message of each is that is
    not handed over yet. Without a result: the lane is not the job's to take."""
    rows = await connection.fetch(
        _patient(CLAIM, jobs),
        [domain_id for domain_id, _, _ in jobs],
        [conversation_id for _, conversation_id, _ in jobs],
        [new_id() for _ in jobs],
        [job for _, _, job in jobs],
    )
    found: dict[int, Found] = {}
    for row in rows:
        domain_id, conversation_id, _ = jobs[row["place"] - 1]
        lane, delivery = _found(domain_id, conversation_id, row)
        # The row may be newer than the messages that were seen with it: `release` must not fit it.
        found[row["place"] - 1] = (lane if delivery else replace(lane, wanted=-1), delivery)
    return found


async def next_message(connection: Connection, lanes: Sequence[Lane]) -> dict[int, Found]:
    """What `claim` says, once more. Without a result: the lane was taken from us."""
    rows = await connection.fetch(NEXT, *_places(lanes))
    found: dict[int, Found] = {}
    for row in rows:
        lane = lanes[row["place"] - 1]
        found[row["place"] - 1] = _found(lane.domain_id, lane.conversation_id, row)
    return found


def _places(lanes: Iterable[Lane]) -> tuple[list[UUID], list[UUID], list[UUID]]:
    keys = [(lane.domain_id, lane.conversation_id, lane.token) for lane in lanes]
    return [key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]


def _found(domain_id: UUID, conversation_id: UUID, row: Row) -> Found:
    lane = Lane(domain_id, conversation_id, row["token"], row["wanted"])
    if row["seq"] is None:
        return lane, None
    facts = {key: value for key, value in row.items() if key not in OF_THE_LANE}
    facts["status"] = Status(row["status"])
    return lane, Delivery(domain_id=domain_id, conversation_id=conversation_id, **facts)


async def release(connection: Connection, lane: Lane) -> bool:
    """Gives the lane back. False when there is a message after all, or the lane was taken."""
    done = await connection.execute(
        RELEASE, lane.domain_id, lane.conversation_id, lane.token, lane.wanted
    )
    return done == "UPDATE 1"


async def again(connection: Connection, lane: Lane, delay: timedelta) -> None:
    """Gives the lane back to be run once more after a delay."""
    await connection.execute(AGAIN, lane.domain_id, lane.conversation_id, lane.token, delay)


async def sending(
    connection: Connection, going: Sequence[tuple[Lane, Delivery, str | None]]
) -> dict[int, bool]:
    """Marks queued messages. False: the lane was taken, or the charge key is not paid. Without a
    result: it is not queued any more."""
    rows = await connection.fetch(
        _patient(SENDING, going),
        *_places(lane for lane, _, _ in going),
        [delivery.seq for _, delivery, _ in going],
        [key for _, _, key in going],
    )
    return {row["place"] - 1: row["goes"] for row in rows}


async def sent(
    connection: Connection, taken: Sequence[tuple[Lane, Delivery, Sent]]
) -> dict[int, bool]:
    """Records what the carrier took. True where that was all, and the lane is given back."""
    lanes = [lane for lane, _, _ in taken]
    rows = await connection.fetch(
        _patient(SENT, taken),
        *_places(lanes),
        [delivery.seq for _, delivery, _ in taken],
        [delivery.channel_id for _, delivery, _ in taken],
        [delivery.contact_id for _, delivery, _ in taken],
        [sent.carrier_id for _, _, sent in taken],
        [sent.status.value for _, _, sent in taken],
        [lane.wanted for lane in lanes],
    )
    return {row["place"] - 1: row["last"] for row in rows}


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
