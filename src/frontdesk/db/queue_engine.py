"""PgQueuer itself: its tables, and the queries that workers take jobs with."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

from frontdesk.db.pool import Pool, Session
from frontdesk.db.queue import Lane

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


class LaneManager(QueueManager):
    """PgQueuer's loop, whose probe of the listener waits for the listener to be there.

    Version 1.6 sends the first probe while LISTEN may still be on its way; the probe then fails
    after ten seconds and would end a healthy worker's session.
    """

    async def _run_periodic_health_check(self, interval: timedelta = timedelta(seconds=10)) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.shutdown.wait(), interval.total_seconds())
            return
        await super()._run_periodic_health_check(interval)


def manager(pool: Pool, lane: Lane) -> LaneManager:
    """A lane's loop, over a pool of its own: PgQueuer wants JSON as text, unlike ours."""
    queries = _queries(AsyncpgPoolDriver(pool), settings(lane))
    return LaneManager(queries, channel=queries.qbe.settings.channel)


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
