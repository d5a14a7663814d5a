"""PgQueuer itself: its tables, and the queries that workers take jobs with."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta

import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.buffers import JobStatusLogBuffer
from pgqueuer.core.executors import AbstractEntrypointExecutor
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.models import Context, Job
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel, JobId, QueueEntrypoint
from pgqueuer.ports.repository import EntrypointExecutionParameter

from frontdesk.db.pool import Pool, Session
from frontdesk.db.queue import Lane

log = structlog.get_logger()

# A NOTIFY takes a lock on the whole database until its commit is over, flush to disk included. So
# PgQueuer's trigger, which notifies at every change, is taken off: `wake` notifies one lane, and is
# called where no flush follows.
FUNCTIONS = """
DROP TRIGGER IF EXISTS tg_pgqueuer_changed ON queue.pgqueuer;
CREATE OR REPLACE FUNCTION wake(lane text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('frontdesk_' || lane, json_build_object(
        'channel', 'frontdesk_' || lane, 'operation', 'insert', 'sent_at', now(),
        'table', 'pgqueuer', 'type', 'table_changed_event')::text)
$$;
-- SECURITY DEFINER: a tenant's transaction may add a job without seeing anybody's jobs.
CREATE OR REPLACE FUNCTION enqueue(lane text, domain_id uuid, conversation_id uuid, delay interval)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO queue.pgqueuer (priority, entrypoint, payload, status, execute_after)
    VALUES (0, lane, uuid_send(domain_id) || uuid_send(conversation_id), 'queued', now() + delay);
    SELECT wake(lane)
$$;
GRANT EXECUTE ON FUNCTION enqueue TO frontdesk_tenant;
CREATE OR REPLACE FUNCTION worker_key(worker uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended(worker::text, 1956)
$$;
"""


def settings(lane: Lane) -> DBSettings:
    """PgQueuer's names in our database; each lane's workers listen on a channel of their own."""
    return DBSettings(
        db_schema="queue", channel=Channel(f"frontdesk_{lane}"), durability=Durability.balanced
    )


NEXT_DUE = """
SELECT extract(epoch FROM min(execute_after) - now())::float8 AS seconds FROM queue.pgqueuer
WHERE entrypoint = $1 AND status = 'queued'
"""
SOON = timedelta(milliseconds=5)
BUSY = timedelta(milliseconds=100)


class LaneManager(QueueManager):
    """PgQueuer's loop with fewer questions to the database: two a wake-up where it asks five.

    Its probe of the listener waits for the listener to be there: version 1.6 sends the first one
    while LISTEN may still be on its way, and would then end a healthy worker's session.
    """

    lane: Lane = "turn"
    concurrent: int = 0
    room: asyncio.Event
    """Set when jobs have ended since it was full."""

    async def fetch_jobs(
        self,
        batch_size: int,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> AsyncGenerator[Job, None]:
        """Yields what is due. A batch that is not full was the last one."""
        unlimited = {QueueEntrypoint(self.lane): EntrypointExecutionParameter(concurrency_limit=0)}
        self.concurrent = global_concurrency_limit or 0
        while not self.shutdown.is_set():
            jobs = await self.queries.dequeue(
                batch_size=batch_size,
                entrypoints=unlimited,
                queue_manager_id=self.queue_manager_id,
                global_concurrency_limit=global_concurrency_limit,
                heartbeat_timeout=heartbeat_timeout,
            )
            for job in jobs:
                yield job
            if len(jobs) < batch_size:
                return

    async def _effective_dequeue_timeout(self, dequeue_timeout: timedelta) -> timedelta:
        """How long nothing will be due, unless a notification comes before."""
        if self.concurrent and len(self.job_context) >= self.concurrent:
            # Nothing can be taken before a job ends, and then at once.
            self.room.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.room.wait(), BUSY.total_seconds())
            return SOON
        rows = await self.queries.driver.fetch(NEXT_DUE, self.lane)
        seconds = rows[0]["seconds"]
        if not isinstance(seconds, float):
            return dequeue_timeout
        rest = timedelta(seconds=seconds)
        return max(min(rest, dequeue_timeout), SOON)

    async def log_failure(
        self,
        job: Job,
        executor: AbstractEntrypointExecutor,
        exc: Exception,
        jbuff: JobStatusLogBuffer,
    ) -> None:
        """Leaves the job as it is. Handlers have everything tried again that fails, so what comes
        here could not even be put back: it was the database, and dropped once that is there again,
        the job would leave its lane to the rescue. Picked, it is soon somebody's."""
        log.warning("job is put back later", lane=self.lane, job=int(job.id), error=repr(exc))

    def forget_job(self, job_id: JobId, context: Context, task: asyncio.Task[None]) -> None:
        super().forget_job(job_id, context, task)
        if len(self.job_context) <= self.concurrent * 3 // 4:
            self.room.set()

    async def _run_periodic_health_check(self, interval: timedelta = timedelta(seconds=10)) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.shutdown.wait(), interval.total_seconds())
            return
        await super()._run_periodic_health_check(interval)


def manager(pool: Pool, lane: Lane) -> LaneManager:
    """A lane's loop, over a pool of its own: PgQueuer wants JSON as text, unlike ours."""
    queries = _queries(AsyncpgPoolDriver(pool), settings(lane))
    made = LaneManager(queries, channel=queries.qbe.settings.channel)
    made.lane = lane
    made.room = asyncio.Event()
    return made


def _queries(driver: AsyncpgDriver | AsyncpgPoolDriver, names: DBSettings) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(names),
        qbq=QueryQueueBuilder(names),
        qbs=QuerySchedulerBuilder(names),
    )


async def install(connection: Session) -> None:
    """Makes or upgrades the queue's tables; the caller holds the migration lock."""
    queries = _queries(AsyncpgDriver(connection), settings("turn"))
    if await queries.schema_is_installed():
        await queries.apply_upgrade()
    else:
        await queries.install()
        await queries.optimize_autovacuum()
    await connection.execute(FUNCTIONS)
