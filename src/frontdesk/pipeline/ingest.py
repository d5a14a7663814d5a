"""Ingest: what carriers tell us, committed before they are answered.

Requests that wait at the same time share one transaction: one round trip and one flush to disk
for all of them, and each is answered only after that commit.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from frontdesk.conversations.model import Arrival, Report
from frontdesk.conversations.service import ConversationService
from frontdesk.kernel.errors import Unavailable
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Capabilities, Channel, Inbound, Status, StatusUpdate
from frontdesk.web import metrics
from frontdesk.web.failures import DATABASE_AWAY, RETRY_AFTER_DATABASE, in_words

log = structlog.get_logger()

BATCH = 200
MOST_EVENTS = 1_000
"""Messages and statuses after which a batch takes no further request: one may hold thousands."""
IN_FLIGHT = 1
"""Batches on their way at once. A second would wait for the rows that the first has locked, and
smaller batches cost more a message."""
WAITING_MOST = 20_000


@dataclass(slots=True)
class Parcel:
    """What one request brought, and who waits for its commit."""

    arrivals: list[Arrival]
    reports: list[Report]
    done: asyncio.Future[None]


@dataclass
class Ingestor:
    """`submit` returns once what it was given is committed."""

    conversations: ConversationService
    _waiting: deque[Parcel] = field(default_factory=deque[Parcel])
    _draining: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def submit(self, arrivals: list[Arrival], reports: list[Report]) -> None:
        """Raises Unavailable when it could not be committed: then nothing of it was."""
        if not arrivals and not reports:
            return
        if len(self._waiting) >= WAITING_MOST:
            raise Unavailable(f"{WAITING_MOST} requests are waiting already", retry_after=1)
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(Parcel(arrivals, reports, done))
        if self._draining < IN_FLIGHT:
            self._draining += 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await done

    async def _drain(self) -> None:
        try:
            # Requests that arrive in the same turn of the loop join the first batch.
            await asyncio.sleep(0)
            while self._waiting:
                parcels = self._next_batch()
                metrics.ingest_batch.observe(len(parcels))
                await self._commit(parcels)
        finally:
            # In the same step as the last look at what waits: who submits next starts another.
            self._draining -= 1

    def _next_batch(self) -> list[Parcel]:
        parcels: list[Parcel] = []
        events = 0
        while self._waiting and len(parcels) < BATCH and events < MOST_EVENTS:
            parcels.append(self._waiting.popleft())
            events += len(parcels[-1].arrivals) + len(parcels[-1].reports)
        return parcels

    async def _commit(self, parcels: list[Parcel]) -> None:
        began = time.perf_counter()
        try:
            await self.conversations.record(*_merge(parcels))
        except DATABASE_AWAY as error:
            log.warning("not committed", waiting=len(parcels), error=repr(error)[:300])
            _fail(parcels, Unavailable("try again shortly", retry_after=RETRY_AFTER_DATABASE))
        except Exception as error:
            await self._commit_apart(parcels, error)
        except BaseException:
            _fail(parcels, Unavailable("shutting down", retry_after=RETRY_AFTER_DATABASE))
            raise
        else:
            metrics.stage_seconds.labels("ingest").observe(time.perf_counter() - began)
            if traces := [str(a.message_id) for parcel in parcels for a in parcel.arrivals]:
                log.info("taken in", traces=traces)
            for parcel in parcels:
                if not parcel.done.done():
                    parcel.done.set_result(None)
            arrivals = [arrival for parcel in parcels for arrival in parcel.arrivals]
            if arrivals:
                await self._wake(with_files=any(arrival.files for arrival in arrivals))

    async def _wake(self, *, with_files: bool) -> None:
        try:
            await self.conversations.wake(with_files=with_files)
        except DATABASE_AWAY as error:
            # What is committed is committed: workers look for jobs by themselves as well.
            log.warning("workers not told", error=repr(error)[:300])

    async def _commit_apart(self, parcels: list[Parcel], error: Exception) -> None:
        """One bad request must not cost the others theirs; the bad one is put aside, not lost."""
        if len(parcels) > 1:
            middle = len(parcels) // 2
            await self._commit(parcels[:middle])
            await self._commit(parcels[middle:])
            return
        parcel = parcels[0]
        if len(parcel.arrivals) + len(parcel.reports) > 1:
            await self._commit_parts(parcel)
            return
        carrier_ids = [each.carrier_id for each in (*parcel.arrivals, *parcel.reports)]
        log.error("not taken in", carrier_ids=carrier_ids, exc_info=error)
        try:
            for arrival in parcel.arrivals:
                payload = {
                    "body": arrival.body.decode("latin-1"),
                    "carrier_id": arrival.carrier_id,
                }
                await self._put_aside(arrival, payload, error)
            for report in parcel.reports:
                await self._put_aside(report, {"report": written(report)}, error)
        except DATABASE_AWAY:
            _fail(parcels, Unavailable("try again shortly", retry_after=RETRY_AFTER_DATABASE))
        else:
            if not parcel.done.done():
                parcel.done.set_result(None)

    async def _commit_parts(self, parcel: Parcel) -> None:
        """One request in halves, until what is bad is alone."""
        loop = asyncio.get_running_loop()
        arrivals, reports = (len(parcel.arrivals) + 1) // 2, len(parcel.reports) // 2
        parts = [
            Parcel(parcel.arrivals[:arrivals], parcel.reports[:reports], loop.create_future()),
            Parcel(parcel.arrivals[arrivals:], parcel.reports[reports:], loop.create_future()),
        ]
        for part in parts:
            await self._commit([part])
        failures = [failure for part in parts if (failure := part.done.exception()) is not None]
        if parcel.done.done():
            return
        if failures:
            # The carrier sends all of it again: what is committed is known by its id.
            parcel.done.set_exception(failures[0])
        else:
            parcel.done.set_result(None)

    async def _put_aside(
        self, what: Arrival | Report, payload: dict[str, Any], error: Exception
    ) -> None:
        metrics.dead_letters.labels("ingest").inc()
        await self.conversations.dead_letter(
            what.domain_id,
            "ingest",
            f"could not be stored: {in_words(error)}"[:500],
            channel_id=what.channel_id,
            payload=payload,
        )


def _merge(parcels: list[Parcel]) -> tuple[list[Arrival], list[Report]]:
    """All of the parcels' content, each carrier id once: a repeat is answered with the first."""
    arrivals: dict[tuple[object, str], Arrival] = {}
    reports: list[Report] = []
    for parcel in parcels:
        for arrival in parcel.arrivals:
            arrivals.setdefault((arrival.channel_id, arrival.carrier_id), arrival)
        reports.extend(parcel.reports)
    return list(arrivals.values()), reports


def _fail(parcels: Iterable[Parcel], error: Unavailable) -> None:
    for parcel in parcels:
        if not parcel.done.done():
            parcel.done.set_exception(error)


def arrival(
    event: Inbound,
    channel: Channel,
    capabilities: Capabilities,
    body: bytes,
    now: datetime,
) -> Arrival:
    """A carrier's message as it will be stored."""
    return Arrival(
        domain_id=channel.domain_id,
        channel_id=channel.channel_id,
        carrier_id=event.carrier_id,
        body=body,
        received_at=now,
        address=event.contact_address,
        contact_address=event.contact_address,
        external_user_id=event.external_user_id,
        profile_name=event.profile_name,
        kind=event.kind,
        source=capabilities.source,
        text=event.text,
        structured=_with_ids(event.content) or None,
        reply_to=event.reply_to,
        sent_at=event.sent_at,
        message_id=new_id(),
    )


def _with_ids(content: dict[str, Any]) -> dict[str, Any]:
    """A message's content whose files have the ids that they will be known by."""
    if "media" not in content:
        return content
    return {**content, "media": [{**item, "media_id": str(new_id())} for item in content["media"]]}


def report(event: StatusUpdate, channel: Channel, now: datetime) -> Report:
    """A carrier's status as it will be applied."""
    return Report(
        domain_id=channel.domain_id,
        channel_id=channel.channel_id,
        carrier_id=event.carrier_id,
        message_id=event.message_id,
        status=event.status,
        carrier_status=event.carrier_status,
        error_code=event.error_code,
        error=event.error,
        stops_contact=event.remedy == "stop_contact",
        at=event.at or now,
    )


def written(report: Report) -> dict[str, Any]:
    """A status as JSON, for `reread`."""
    return {
        "carrier_id": report.carrier_id,
        "message_id": report.message_id and str(report.message_id),
        "status": report.status.value,
        "carrier_status": report.carrier_status,
        "error_code": report.error_code,
        "error": report.error,
        "stops_contact": report.stops_contact,
        "at": report.at.isoformat(),
    }


def reread(channel: Channel, kept: Mapping[str, Any]) -> Report:
    """What `written` made of a status."""
    message_id = kept.get("message_id")
    return Report(
        domain_id=channel.domain_id,
        channel_id=channel.channel_id,
        carrier_id=kept["carrier_id"],
        message_id=UUID(message_id) if message_id else None,
        status=Status(kept["status"]),
        carrier_status=kept["carrier_status"],
        error_code=kept["error_code"],
        error=kept["error"],
        stops_contact=kept["stops_contact"],
        at=datetime.fromisoformat(kept["at"]),
    )
