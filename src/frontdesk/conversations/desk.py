"""Use cases of people who work on conversations: whose each is, its status, what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

import asyncpg

from frontdesk.conversations._store import desk
from frontdesk.conversations.filters import Priority, Status
from frontdesk.conversations.model import Mode
from frontdesk.conversations.paying import refund_canceled
from frontdesk.db.pool import Connection
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import ROLES, Role
from frontdesk.kernel.clock import Clock, iso, utc_now
from frontdesk.kernel.errors import NotFound, Unprocessable

WAKE_BATCH = 200
LONGEST_SNOOZE = timedelta(days=366)
ASSIGNABLE: Role = "agent"
"""The least role of whom conversations are assigned to."""


class Change(TypedDict, total=False):
    """What is to be different; what is not there stays."""

    mode: Mode
    status: Status
    snoozed_until: datetime | None
    """With status `snoozed`; None: until the customer writes."""
    assignee_id: UUID | None
    team_id: UUID | None
    priority: Priority
    labels: list[UUID]


@dataclass(frozen=True)
class _Resolved:
    """A change whose people and team exist, as events show them."""

    change: Change
    by: dict[str, Any] | None
    assignee: dict[str, Any] | None
    team: dict[str, Any] | None


@dataclass
class _Step:
    """What a change comes to for one conversation: columns, and events that tell of it."""

    values: dict[str, Any]
    events: list[dict[str, Any]]


@dataclass(frozen=True)
class DeskService:
    db: Database
    clock: Clock = utc_now

    async def change(
        self, domain_id: UUID, conversation_id: UUID, change: Change, person_id: UUID
    ) -> None:
        """Raises NotFound, and Unprocessable for what cannot be."""
        if not await self.change_many(domain_id, [conversation_id], change, person_id):
            raise NotFound(f"conversation {conversation_id} does not exist")

    async def change_many(
        self, domain_id: UUID, conversation_ids: Sequence[UUID], change: Change, person_id: UUID
    ) -> int:
        """Changes all or none; how many of them exist."""
        self._check(change)
        changed: dict[UUID, list[UUID]] = {}
        async with self.db.tenant_tx(domain_id) as connection:
            resolved = await _resolve(connection, domain_id, change, person_id)
            # Locked in one order, so that two people who change the same ones never deadlock.
            for conversation_id in sorted(set(conversation_ids)):
                messages = await _apply(connection, domain_id, conversation_id, resolved, person_id)
                if messages is not None:
                    changed[conversation_id] = messages
            if change.get("mode") == "manual":
                ids = [message for messages in changed.values() for message in messages]
                await refund_canceled(connection, domain_id, ids)
        for conversation_id, messages in changed.items():
            self.db.changes.tell(domain_id, conversation_id, *messages)
        return len(changed)

    async def read(self, domain_id: UUID, conversation_id: UUID, person_id: UUID) -> int:
        """The person has read everything; how many inbound messages that is."""
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            count = await desk.read(connection, domain_id, conversation_id, person_id)
        return self._read(domain_id, conversation_id, person_id, count)

    async def unread(self, domain_id: UUID, conversation_id: UUID, person_id: UUID) -> int:
        """The last inbound message is unread again."""
        async with self.db.tenant_tx(domain_id, durable=False) as connection:
            count = await desk.unread(connection, domain_id, conversation_id, person_id)
        return self._read(domain_id, conversation_id, person_id, count)

    def _read(
        self, domain_id: UUID, conversation_id: UUID, person_id: UUID, count: int | None
    ) -> int:
        if count is None:
            raise NotFound(f"conversation {conversation_id} does not exist")
        self.db.changes.tell_read(domain_id, conversation_id, person_id, count)
        return count

    async def wake_snoozed(self) -> int:
        """Opens the conversations that were snoozed until now; how many."""
        async with self.db.system_tx() as connection:
            due = await desk.wake_snoozed(connection, WAKE_BATCH)
            told = [
                (*ids, await desk.add_events(connection, *ids, [_status_event("open", None, None)]))
                for ids in due
            ]
        for domain_id, conversation_id, messages in told:
            self.db.changes.tell(domain_id, conversation_id, *messages)
        return len(due)

    def _check(self, change: Change) -> None:
        until = change.get("snoozed_until")
        if until is None:
            return
        if change.get("status") != "snoozed":
            raise Unprocessable("snoozed_until goes with status 'snoozed'")
        now = self.clock()
        if until.tzinfo is None or not now < until <= now + LONGEST_SNOOZE:
            raise Unprocessable(
                f"snoozed_until is {until.isoformat()}; use a moment with its time zone "
                f"within the next {LONGEST_SNOOZE.days} days"
            )


async def take_over(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    person_id: UUID | None,
) -> list[UUID]:
    """A person answers: the conversation is people's, inside the transaction that stores the
    answer, before it. The messages that this added or canceled."""
    row = await desk.lock(connection, domain_id, conversation_id)
    if row is None or (
        row["mode"] == "manual" and row["assignee_id"] is not None and not row["needs_people"]
    ):
        return []
    person = await desk.person(connection, domain_id, person_id)
    by = _ref(person)
    events: list[dict[str, Any]] = []
    silenced: list[UUID] = []
    if row["mode"] != "manual":
        silenced = await desk.silence(connection, domain_id, conversation_id)
        events.append({"event": "mode", "mode": "manual", "by": by})
    assignee_id = None
    if row["assignee_id"] is None and person is not None and _is_assignable(person):
        assignee_id = person["person_id"]
        events.append({"event": "assigned", "assignee": by, "by": by})
    if events or row["needs_people"]:
        await desk.take_over(connection, domain_id, conversation_id, person_id, assignee_id)
    return silenced + await desk.add_events(connection, domain_id, conversation_id, events)


async def handed_over(
    connection: Connection, domain_id: UUID, conversation_id: UUID, reason: str
) -> list[UUID]:
    """Tells in the thread that people are asked to look; the event's id."""
    event = {"event": "handoff", "reason": reason, "by": None}
    return await desk.add_events(connection, domain_id, conversation_id, [event])


async def _resolve(
    connection: Connection, domain_id: UUID, change: Change, person_id: UUID
) -> _Resolved:
    by = _ref(await desk.person(connection, domain_id, person_id))
    assignee = team = None
    if (assignee_id := change.get("assignee_id")) is not None:
        found = await desk.person(connection, domain_id, assignee_id)
        if found is None or not _is_assignable(found):
            raise Unprocessable(
                f"assignee_id is {assignee_id}; use a person of this domain who is "
                f"{ASSIGNABLE} or above"
            )
        assignee = _ref(found)
    if (team_id := change.get("team_id")) is not None:
        found = await desk.team(connection, domain_id, team_id)
        if found is None:
            raise Unprocessable(f"team_id is {team_id}; use a team of this domain")
        team = {"team_id": str(found["team_id"]), "name": found["name"]}
    return _Resolved(change, by, assignee, team)


async def _apply(
    connection: Connection,
    domain_id: UUID,
    conversation_id: UUID,
    resolved: _Resolved,
    person_id: UUID,
) -> list[UUID] | None:
    """The messages that this added or canceled; None when there is no such conversation."""
    change, ids = resolved.change, (domain_id, conversation_id)
    row = await desk.lock(connection, *ids)
    if row is None:
        return None
    step = _Step({}, [])
    silenced: list[UUID] = []
    if "mode" in change:
        _decide_mode(step, row, change["mode"], resolved, person_id)
        if change["mode"] == "manual":
            silenced = await desk.silence(connection, *ids)
    if "status" in change:
        _decide_status(step, row, change["status"], change.get("snoozed_until"), resolved)
    _decide_owners(step, row, resolved)
    if "priority" in change and change["priority"] != row["priority"]:
        step.values["priority"] = change["priority"]
    if step.values:
        await desk.change(connection, *ids, step.values)
    if "labels" in change:
        try:
            await desk.set_labels(connection, *ids, change["labels"])
        except asyncpg.ForeignKeyViolationError as error:
            raise Unprocessable("labels names a label that this domain does not have") from error
    return silenced + await desk.add_events(connection, *ids, step.events)


def _decide_mode(
    step: _Step, row: asyncpg.Record, mode: Mode, resolved: _Resolved, person_id: UUID
) -> None:
    """Who takes over or hands back has looked."""
    step.values |= {"needs_people": False, "needs_people_reason": None}
    if mode != row["mode"]:
        step.values |= {"mode": mode, "mode_changed_by": person_id}
        step.events.append({"event": "mode", "mode": mode, "by": resolved.by})


def _decide_status(
    step: _Step, row: asyncpg.Record, status: Status, until: datetime | None, resolved: _Resolved
) -> None:
    if (status, until) != (row["status"], row["snoozed_until"]):
        step.values |= {"status": status, "snoozed_until": until}
        step.events.append(_status_event(status, until, resolved.by))
    if status == "closed":
        step.values |= {"needs_people": False, "needs_people_reason": None}


def _decide_owners(step: _Step, row: asyncpg.Record, resolved: _Resolved) -> None:
    change, by = resolved.change, resolved.by
    if "assignee_id" in change and change["assignee_id"] != row["assignee_id"]:
        step.values["assignee_id"] = change["assignee_id"]
        step.events.append({"event": "assigned", "assignee": resolved.assignee, "by": by})
    if "team_id" in change and change["team_id"] != row["team_id"]:
        step.values["team_id"] = change["team_id"]
        step.events.append({"event": "team", "team": resolved.team, "by": by})


def _status_event(
    status: Status, until: datetime | None, by: dict[str, Any] | None
) -> dict[str, Any]:
    return {"event": "status", "status": status, "snoozed_until": iso(until), "by": by}


def _is_assignable(person: asyncpg.Record) -> bool:
    return ROLES.index(person["role"]) <= ROLES.index(ASSIGNABLE)


def _ref(person: asyncpg.Record | None) -> dict[str, Any] | None:
    """A person as an event keeps them: it outlives their account."""
    if person is None:
        return None
    return {
        "person_id": str(person["person_id"]),
        "name": person["name"],
        "email": person["email"],
    }
