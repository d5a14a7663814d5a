"""Statuses: applied forwards only, parked while their message is not known."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from frontdesk.conversations.model import Report
from frontdesk.db.pool import Connection
from frontdesk.ports import Status

Place: TypeAlias = tuple[UUID, UUID, UUID]
"""A message's domain, conversation and id."""

APPLY = """
WITH input AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::smallint[], $7::text[],
        $8::text[], $9::text[], $10::timestamptz[], $11::boolean[]
    ) AS t (
        domain_id, channel_id, carrier_id, message_id, status, rank, carrier_status, error_code,
        error, at, stops_contact
    )
), found AS MATERIALIZED (
    SELECT i.*, m.conversation_id, m.seq
    FROM input i
    LEFT JOIN LATERAL (
        SELECT conversation_id, seq FROM (
            SELECT b.conversation_id, b.seq, 0 AS preference FROM messages b
            WHERE b.domain_id = i.domain_id AND b.message_id = i.message_id
            AND b.channel_id = i.channel_id AND b.sender <> 'user'
            AND (b.carrier_id IS NULL OR b.carrier_id = i.carrier_id)
            UNION ALL
            SELECT b.conversation_id, b.seq, 1 FROM messages b
            WHERE b.domain_id = i.domain_id AND b.channel_id = i.channel_id
            AND b.carrier_id = i.carrier_id AND b.sender <> 'user'
        ) either ORDER BY preference LIMIT 1
    ) m ON true
), best AS (
    SELECT domain_id, conversation_id, seq,
        max(rank) AS rank,
        (array_agg(status ORDER BY rank DESC))[1] AS status,
        (array_agg(carrier_status ORDER BY rank DESC))[1] AS carrier_status,
        max(carrier_id) AS carrier_id,
        max(error_code) AS error_code, max(error) AS error,
        min(at) FILTER (WHERE status = 'sent') AS sent_at,
        min(at) FILTER (WHERE status = 'delivered') AS delivered_at,
        min(at) FILTER (WHERE status IN ('read', 'played')) AS read_at,
        min(at) FILTER (WHERE status = 'failed') AS failed_at
    FROM found WHERE seq IS NOT NULL
    GROUP BY domain_id, conversation_id, seq
    ORDER BY domain_id, conversation_id, seq
), applied AS (
    UPDATE messages m SET
        carrier_id = coalesce(m.carrier_id, b.carrier_id),
        status = CASE WHEN b.rank > m.status_rank THEN b.status ELSE m.status END,
        carrier_status =
            CASE WHEN b.rank >= m.status_rank THEN b.carrier_status ELSE m.carrier_status END,
        status_rank = greatest(m.status_rank, b.rank),
        error_code = coalesce(b.error_code, m.error_code),
        error = coalesce(b.error, m.error),
        sent_at = coalesce(m.sent_at, b.sent_at),
        delivered_at = coalesce(m.delivered_at, b.delivered_at),
        read_at = coalesce(m.read_at, b.read_at),
        failed_at = coalesce(m.failed_at, b.failed_at),
        updated_at = now()
    FROM best b
    WHERE m.domain_id = b.domain_id AND m.conversation_id = b.conversation_id AND m.seq = b.seq
    RETURNING m.domain_id, m.conversation_id, m.message_id
), parked AS (
    INSERT INTO parked_statuses (
        domain_id, channel_id, carrier_id, status, status_rank, carrier_status, error_code, error,
        stops_contact, at
    )
    SELECT domain_id, channel_id, carrier_id, status, rank, carrier_status, error_code, error,
        stops_contact, at
    FROM found WHERE seq IS NULL
    ON CONFLICT DO NOTHING
    RETURNING 1
), stopped AS (
    INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)
    SELECT DISTINCT f.domain_id, f.channel_id, c.contact_id, coalesce(f.error_code, 'carrier')
    FROM found f JOIN conversations c USING (domain_id, conversation_id)
    WHERE f.stops_contact
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
)
SELECT array_agg(domain_id) AS domain_ids, array_agg(conversation_id) AS conversation_ids,
    array_agg(message_id) AS message_ids, (SELECT count(*) FROM parked) AS parked
FROM applied
"""


async def apply(connection: Connection, reports: Sequence[Report]) -> list[Place]:
    """Applies what it can and parks the rest; returns where the messages are that it changed."""
    row = await connection.fetchrow(
        APPLY,
        [r.domain_id for r in reports],
        [r.channel_id for r in reports],
        [r.carrier_id for r in reports],
        [r.message_id for r in reports],
        [r.status for r in reports],
        [r.rank for r in reports],
        [r.carrier_status for r in reports],
        [r.error_code for r in reports],
        [r.error for r in reports],
        [r.at for r in reports],
        [r.stops_contact for r in reports],
    )
    assert row is not None
    columns = (row["domain_ids"] or (), row["conversation_ids"] or (), row["message_ids"] or ())
    return list(zip(*columns, strict=True))


async def forget(connection: Connection, before: datetime, most: int) -> int:
    """Drops parked statuses of messages that nobody here sent."""
    done = await connection.execute(
        "DELETE FROM parked_statuses WHERE ctid = ANY(ARRAY("
        " SELECT ctid FROM parked_statuses WHERE at < $1 LIMIT $2))",
        before,
        most,
    )
    return int(done.rpartition(" ")[2])


async def unpark(connection: Connection, most: int) -> list[Report]:
    """Takes out the parked statuses whose message has come to be known."""
    rows = await connection.fetch(
        "DELETE FROM parked_statuses p USING messages m"
        " WHERE m.domain_id = p.domain_id AND m.channel_id = p.channel_id"
        " AND m.carrier_id = p.carrier_id AND p.ctid = ANY(ARRAY("
        "  SELECT q.ctid FROM parked_statuses q JOIN messages n"
        "  ON n.domain_id = q.domain_id AND n.channel_id = q.channel_id"
        "  AND n.carrier_id = q.carrier_id LIMIT $1 FOR UPDATE OF q SKIP LOCKED))"
        " RETURNING p.domain_id, p.channel_id, p.carrier_id, m.message_id, p.status,"
        " p.carrier_status, p.error_code, p.error, p.stops_contact, p.at",
        most,
    )
    return [
        Report(
            domain_id=row["domain_id"],
            channel_id=row["channel_id"],
            carrier_id=row["carrier_id"],
            message_id=row["message_id"],
            status=Status(row["status"]),
            carrier_status=row["carrier_status"],
            error_code=row["error_code"],
            error=row["error"],
            stops_contact=row["stops_contact"],
            at=row["at"],
        )
        for row in rows
    ]
