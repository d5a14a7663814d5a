"""Lanes that lost their job: found and given one again, whatever the reason was."""

from datetime import timedelta

from frontdesk.db.pool import Connection

RESCUE = """
WITH lost AS (
    SELECT v.domain_id, v.conversation_id
    FROM domains d CROSS JOIN LATERAL (
        SELECT * FROM conversations v
        WHERE v.domain_id = d.domain_id AND v.created_at > '-infinity'
        AND v.active_step > now() - $2::interval
        AND v.{lane} <> 'idle' AND v.{lane}_at < now() - $1::interval
        FOR UPDATE SKIP LOCKED
    ) v
    WHERE uuid_send(v.domain_id) || uuid_send(v.conversation_id) NOT IN (
        SELECT payload FROM queue.pgqueuer
        WHERE entrypoint = '{job}' AND status IN ('queued', 'picked') AND payload IS NOT NULL
    )
    LIMIT 1000
), queued AS (
    UPDATE conversations v SET {lane} = 'queued', {lane}_at = now()
    FROM lost l WHERE v.domain_id = l.domain_id AND v.conversation_id = l.conversation_id
    RETURNING v.domain_id, v.conversation_id
)
SELECT count(enqueue('{job}', domain_id, conversation_id, interval '0') IS NULL) FROM queued
"""


async def rescue(connection: Connection, older_than: timedelta, active_within: timedelta) -> int:
    """Returns how many lanes had no job although they were not idle.

    Only conversations active lately are looked at: a lane moves when its conversation does.
    """
    found = 0
    for lane, job in (("turn", "turn"), ("delivery", "deliver")):
        found += (
            await connection.fetchval(RESCUE.format(lane=lane, job=job), older_than, active_within)
            or 0
        )
    return found
