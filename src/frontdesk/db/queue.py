"""The job queue: PgQueuer on the same database, so that jobs commit with the data.

A job names a lane of one conversation: 32 bytes, the domain's id and the conversation's. Nothing
else is in it, so a job that is run twice or late reads the truth from the tables.

Adding and counting jobs is plain SQL: only workers load PgQueuer, 16 MB and a third of a second
(`frontdesk.db.queue_engine`).
"""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from frontdesk.db.pool import Connection, Session

Lane = Literal["turn", "deliver", "media"]


async def is_installed(connection: Session) -> bool:
    """Whether `install` ran to its end: the functions come last."""
    return bool(await connection.fetchval("SELECT to_regprocedure('worker_key(uuid)') IS NOT NULL"))


async def enqueue(
    connection: Connection,
    lane: Lane,
    domain_id: UUID,
    conversation_id: UUID,
    *,
    delay: timedelta = timedelta(0),
) -> None:
    """Adds a job inside the caller's transaction."""
    await connection.execute(
        "SELECT enqueue($1, $2, $3, $4)", lane, domain_id, conversation_id, delay
    )


async def wake(connection: Connection, lane: Lane) -> None:
    """Tells the lane's workers that there are jobs; without it they look every few seconds."""
    await connection.execute("SELECT wake($1)", lane)


def lane_of(payload: bytes | None) -> tuple[UUID, UUID]:
    """The domain and the conversation that a job names."""
    if payload is None or len(payload) != 32:
        raise ValueError(f"a job's payload has 32 bytes, this one {payload!r}")
    return UUID(bytes=payload[:16]), UUID(bytes=payload[16:])


async def backlog(connection: Connection) -> tuple[int, float]:
    """How many jobs wait, and how long the oldest has been due, in seconds."""
    row = await connection.fetchrow(
        "SELECT count(*), coalesce(extract(epoch FROM now() - min(execute_after)), 0)::float8"
        " FROM queue.pgqueuer WHERE status = 'queued' AND execute_after <= now()"
    )
    assert row is not None
    return row[0], max(0.0, row[1])


async def release_dead(connection: Connection) -> int:
    """Gives back the jobs of workers that are gone. Returns how many.

    A worker holds an advisory lock named after it for as long as its session lives, so a killed
    process is known as soon as its socket closes, without waiting for its heartbeat to go stale.
    """
    released = await connection.fetchval(
        """
        WITH gone AS (
            SELECT worker FROM (
                SELECT DISTINCT queue_manager_id AS worker FROM queue.pgqueuer
                WHERE status = 'picked' AND queue_manager_id IS NOT NULL
            ) holding
            WHERE NOT EXISTS (
                SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND ((classid::bigint << 32) | objid::bigint) = worker_key(worker)
            )
        ), released AS (
            UPDATE queue.pgqueuer SET status = 'queued', queue_manager_id = NULL, updated = now()
            WHERE status = 'picked' AND queue_manager_id IN (SELECT worker FROM gone)
            RETURNING id
        )
        SELECT count(*), wake('turn'), wake('deliver'), wake('media')
        FROM released HAVING count(*) > 0
        """
    )
    return released or 0


async def hold_worker(connection: Connection, worker: UUID) -> None:
    """Marks a worker as alive for as long as this connection's session lives."""
    await connection.execute("SELECT pg_advisory_lock(worker_key($1))", worker)


async def prune_log(connection: Connection) -> None:
    """Drops PgQueuer's record of jobs that are over: messages carry their own timeline."""
    await connection.execute(
        "DELETE FROM queue.pgqueuer_log WHERE id IN ("
        " SELECT id FROM queue.pgqueuer_log WHERE created < now() - interval '1 hour'"
        " ORDER BY id LIMIT 50000)"
    )
