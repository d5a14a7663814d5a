"""The worker: takes jobs from the queue and runs turns and deliveries until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import structlog

from frontdesk.billing.ledger import LedgerService
from frontdesk.channels.templates import TemplateService
from frontdesk.conversations.desk import DeskService
from frontdesk.conversations.manual import ManualService
from frontdesk.conversations.service import RESCUE_ACTIVE, RESCUE_ALL, ConversationService
from frontdesk.db import queue
from frontdesk.db.pool import PLANNING, keep
from frontdesk.pipeline.catch_up import CatchUp
from frontdesk.pipeline.deliver import Deliver
from frontdesk.pipeline.email import EmailLane
from frontdesk.pipeline.imports import ImportLane
from frontdesk.pipeline.media import MediaLane
from frontdesk.pipeline.outreach import CHANNEL, OutreachLane
from frontdesk.pipeline.turn import TurnLane
from frontdesk.search.service import SearchService
from frontdesk.web.failures import DATABASE_AWAY

if TYPE_CHECKING:
    # Loaded by the processes that run a worker only: `app` knows this module in all of them.
    from pgqueuer.domain.models import Job

    from frontdesk.db.queue_engine import LaneManager

log = structlog.get_logger()

CONCURRENT: dict[queue.Lane, int] = {"turn": 64, "deliver": 128, "media": 64}
"""Jobs of one lane that one worker runs at once; models and carriers mostly make them wait.
Deliveries share their round trips: the more there are, the less each costs."""
BATCHES = 4
"""Batches of jobs that make so many."""
HEARTBEAT = timedelta(seconds=10)
POLL = timedelta(seconds=2)
UPKEEP_SECONDS = 1.0
TIDY_EVERY = 5
RESCUE_EVERY = 20
CATCH_UP_EVERY = 60
RETRY_DELAY = timedelta(seconds=1)
LONGEST_RECONNECT = 2.0

Run = Callable[[UUID, UUID, int], Awaitable[None]]


@dataclass
class Worker:
    """One process's share of the work. `run` returns after `stop` is set and jobs are finished."""

    dsn: str
    conversations: ConversationService
    desk: DeskService
    manual: ManualService
    search: SearchService
    turn: TurnLane
    deliver: Deliver
    media: MediaLane
    catch_up: CatchUp
    templates: TemplateService
    emails: EmailLane
    outreach: OutreachLane
    imports: ImportLane
    ledger: LedgerService
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        wait = 0.1
        while not self.stop.is_set():
            try:
                await self._session()
                wait = 0.1
            except (*DATABASE_AWAY, asyncpg.PostgresError, RuntimeError, ExceptionGroup) as error:
                log.warning("worker lost the database", error=repr(error)[:300], again_in=wait)
                await self._pause(wait)
                wait = min(wait * 2, LONGEST_RECONNECT)

    async def answer(self, domain_id: UUID, conversation_id: UUID, job: int) -> None:
        """Runs a turn and hands its answer over, without a second job between the two."""
        lane = await self.turn.run(domain_id, conversation_id, job)
        if lane is not None:
            await self.deliver.empty(lane)
        else:
            # The worker that had this job may have died between the turn's end and the delivery's.
            await self.deliver.run(domain_id, conversation_id, job)

    async def _session(self) -> None:
        """Works over one set of connections until they fail or the worker is stopped."""
        life = await asyncpg.connect(
            self.dsn, server_settings={"application_name": "frontdesk life"}
        )
        try:
            # PgQueuer reads JSON as text, so it has connections without our codecs. What it
            # commits is lost without harm: a job that is taken or ended twice finds its lane so.
            relaxed = {
                **PLANNING,
                "synchronous_commit": "off",
                "application_name": "frontdesk queue",
            }
            async with asyncpg.create_pool(
                self.dsn, min_size=2, max_size=8, reset=keep, server_settings=relaxed
            ) as pool:
                await self._work(life, pool)
        finally:
            life.terminate()

    async def _work(self, life: asyncpg.Connection, pool: asyncpg.Pool) -> None:
        from frontdesk.db import queue_engine

        lanes: dict[queue.Lane, Run] = {
            "turn": self.answer,
            "deliver": self.deliver.run,
            "media": self.media.run,
        }
        managers: list[LaneManager] = []
        # A lane each: a person's message must not wait for turns that wait for models.
        for lane, run in lanes.items():
            manager = queue_engine.manager(pool, lane)
            manager.entrypoint(lane)(_handler(run))
            await queue.hold_worker(life, manager.queue_manager_id)
            managers.append(manager)

        def abandon(*_: object) -> None:
            # Without this session others take us for dead and take our jobs: begin anew.
            for manager in managers:
                manager.shutdown.set()

        life.add_termination_listener(abandon)
        await life.add_listener(CHANNEL, self.outreach.wake)
        await queue.release_dead(life)
        log.info("worker ready")
        helpers = [
            asyncio.create_task(self._upkeep(life)),
            asyncio.create_task(self.templates.keep_synced()),
            asyncio.create_task(self.emails.run()),
            asyncio.create_task(self.outreach.run()),
            asyncio.create_task(self.imports.run()),
            asyncio.create_task(self._stop(abandon)),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for manager in managers:
                    group.create_task(_manage(manager, abandon))
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _stop(self, abandon: Callable[[], None]) -> None:
        await self.stop.wait()
        abandon()

    async def _upkeep(self, life: asyncpg.Connection) -> None:
        """What keeps promises after failures: dead workers, lost lanes, parked statuses;
        and what people put off: snoozed conversations, scheduled messages.

        One that fails is tried again when it is due again, and keeps no other from its turn.
        """
        widely = iter((RESCUE_ALL,))
        steps: list[tuple[int, Callable[[], Awaitable[object]]]] = [
            (1, partial(self._release_dead, life)),
            (1, self.conversations.unpark),
            (1, self.desk.wake_snoozed),
            (1, self.manual.send_due),
            (RESCUE_EVERY, lambda: self._rescue(next(widely, RESCUE_ACTIVE))),
            (TIDY_EVERY, self.search.tidy),
            (TIDY_EVERY, self.ledger.tell_low),
            (CATCH_UP_EVERY, partial(queue.prune_log, life)),
            (CATCH_UP_EVERY, self._forget_parked),
            (CATCH_UP_EVERY, self.media.upkeep),
            (CATCH_UP_EVERY, self.catch_up.run),
        ]
        tick = 0
        while True:
            for every, step in steps:
                if tick % every == 0:
                    await self._keep_up(step)
            tick += 1
            await asyncio.sleep(UPKEEP_SECONDS)

    async def _keep_up(self, step: Callable[[], Awaitable[object]]) -> None:
        try:
            await step()
        except DATABASE_AWAY as error:
            # Whoever lost the database for good is ended by the loss of its own connection.
            log.warning("upkeep put off", error=repr(error)[:300])
        except Exception as error:
            log.error("upkeep failed", exc_info=error)

    async def _release_dead(self, life: asyncpg.Connection) -> None:
        if released := await queue.release_dead(life):
            log.info("released a dead worker's jobs", jobs=released)

    async def _rescue(self, active_within: timedelta) -> None:
        rescued = await self.conversations.rescue_lanes(active_within=active_within)
        if rescued:
            log.warning("lanes had lost their job", lanes=rescued)

    async def _forget_parked(self) -> None:
        forgotten = await self.conversations.forget_parked()
        if forgotten:
            log.warning("statuses of messages that were not sent from here", dropped=forgotten)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)


async def _manage(manager: "LaneManager", abandon: Callable[[], None]) -> None:
    from pgqueuer.domain.types import QueueExecutionMode

    try:
        await manager.run(
            dequeue_timeout=POLL,
            batch_size=CONCURRENT[manager.lane] // BATCHES,
            mode=QueueExecutionMode.continuous,
            max_concurrent_tasks=CONCURRENT[manager.lane],
            shutdown_on_listener_failure=True,
            heartbeat_timeout=HEARTBEAT,
            log_aggregation_interval=timedelta(0),
        )
    finally:
        abandon()


def _handler(run: Run) -> "Callable[[Job], Awaitable[None]]":
    from pgqueuer.domain.errors import RetryRequested

    async def handle(job: "Job") -> None:
        try:
            domain_id, conversation_id = queue.lane_of(job.payload)
            await run(domain_id, conversation_id, int(job.id))
        except Exception as error:
            if not isinstance(error, DATABASE_AWAY):
                log.error("job failed", lane=job.entrypoint, job=int(job.id), exc_info=error)
            # The same job again: the lane is still marked as this job's.
            raise RetryRequested(RETRY_DELAY, reason=repr(error)[:200]) from error

    return handle
