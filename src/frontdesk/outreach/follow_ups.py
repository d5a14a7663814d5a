"""Use cases of follow-ups: what is sent in a conversation when nobody answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.channels.templates_model import render
from frontdesk.conversations.responses import first_id
from frontdesk.db.pool import Connection
from frontdesk.kernel.errors import Conflict, NotFound, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.outreach._store import follow_ups, places
from frontdesk.outreach._store.follow_ups import FollowUpRow
from frontdesk.outreach.dispatch import Dispatcher
from frontdesk.outreach.model import LONGEST_AHEAD, LONGEST_CONTENT, check_hours, check_variables

MOST_LISTED = 100
MOST_WAITING = 20


@dataclass(frozen=True)
class FollowUpPlan:
    """After so many hours, or at a moment: a template, or a text for an open window."""

    after_hours: float | None = None
    due_at: datetime | None = None
    template_id: UUID | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    content: str | None = None


@dataclass(frozen=True)
class FollowUpService:
    dispatcher: Dispatcher

    async def of_conversation(self, domain_id: UUID, conversation_id: UUID) -> list[FollowUpRow]:
        async with self.dispatcher.db.tenant_tx(domain_id) as connection:
            return await follow_ups.of_conversation(
                connection, domain_id, conversation_id, MOST_LISTED
            )

    async def domain_of(self, domain_ids: Sequence[UUID], follow_up_id: UUID) -> UUID:
        """Raises NotFound."""
        for domain_id in domain_ids:
            async with self.dispatcher.db.tenant_tx(domain_id) as connection:
                if await follow_ups.one(connection, domain_id, follow_up_id) is not None:
                    return domain_id
        raise NotFound(f"follow-up {follow_up_id} does not exist")

    async def add(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        plan: FollowUpPlan,
        person_id: UUID,
        key: str | None = None,
    ) -> FollowUpRow:
        """Under one key it makes one follow-up."""
        now = self.dispatcher.clock()
        row = FollowUpRow(
            domain_id,
            first_id(conversation_id, person_id, key),
            conversation_id,
            None,
            now,
            _due(plan, now),
            plan.template_id,
            check_variables(plan.variables),
            _content(plan),
            "waiting",
            None,
            new_id(),
            person_id,
            now,
        )
        async with self.dispatcher.db.tenant_tx(domain_id) as connection:
            known = await follow_ups.one(connection, domain_id, row.follow_up_id)
            if known is None:
                await self._check(connection, row)
                await follow_ups.insert(connection, [row])
                known = await follow_ups.one(connection, domain_id, row.follow_up_id)
        self.dispatcher.db.changes.tell(domain_id, conversation_id)
        return known or row

    async def _check(self, connection: Connection, row: FollowUpRow) -> None:
        """Raises NotFound, Unprocessable and Conflict."""
        domain_id, conversation_id = row.domain_id, row.conversation_id
        known = await places.of_conversations(connection, domain_id, [conversation_id])
        if conversation_id not in known:
            raise NotFound(f"conversation {conversation_id} does not exist")
        if row.template_id is not None:
            templates = self.dispatcher.templates
            template = await templates.get(connection, domain_id, row.template_id)
            templates.usable(template, known[conversation_id][0])
            render(template, row.variables)
        listed = await follow_ups.of_conversation(
            connection, domain_id, conversation_id, MOST_LISTED
        )
        if sum(each.status == "waiting" for each in listed) >= MOST_WAITING:
            raise Conflict(f"the conversation has {MOST_WAITING} follow-ups already, the most")

    async def cancel(self, domain_id: UUID, follow_up_id: UUID) -> None:
        """Raises Conflict for one that is no longer waiting."""
        async with self.dispatcher.db.tenant_tx(domain_id) as connection:
            done = await follow_ups.cancel(connection, domain_id, follow_up_id)
            row = await follow_ups.one(connection, domain_id, follow_up_id)
        if row is None:
            raise NotFound(f"follow-up {follow_up_id} does not exist")
        if not done and row.status != "canceled":
            raise Conflict(f"the follow-up is {row.status}; only a waiting one can be canceled")
        self.dispatcher.db.changes.tell(domain_id, row.conversation_id)


def _content(plan: FollowUpPlan) -> str | None:
    content = (plan.content or "").replace("\x00", "").strip()
    if (plan.template_id is None) == (not content):
        raise Unprocessable("a follow-up has either a template_id or a content")
    if len(content) > LONGEST_CONTENT:
        raise Unprocessable(f"content has {len(content)} characters; use up to {LONGEST_CONTENT}")
    return content or None


def _due(plan: FollowUpPlan, now: datetime) -> datetime:
    if (plan.after_hours is None) == (plan.due_at is None):
        raise Unprocessable("a follow-up has either after_hours or due_at")
    if plan.after_hours is not None:
        return now + timedelta(hours=check_hours(plan.after_hours))
    due_at = plan.due_at
    assert due_at is not None
    if due_at.tzinfo is None:
        raise Unprocessable("due_at has no time zone; end it with Z or an offset such as +02:00")
    if not now < due_at <= now + LONGEST_AHEAD:
        raise Unprocessable(
            f"due_at is {due_at.isoformat()}; use a moment in the next {LONGEST_AHEAD.days} days"
        )
    return due_at
