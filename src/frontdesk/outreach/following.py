"""Sends the follow-ups that are due to those who have not answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from frontdesk.billing.model import Charge
from frontdesk.db.pool import Connection
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.outreach import placing
from frontdesk.outreach._store import follow_ups, places
from frontdesk.outreach._store.follow_ups import Ended, FollowUpRow
from frontdesk.outreach._store.outreach import Plan
from frontdesk.outreach.composing import Content, Opening, charges, spoken, templated, total
from frontdesk.outreach.deciding import NO_CREDIT, Rules, pick
from frontdesk.outreach.dispatch import Dispatcher, Short, retried
from frontdesk.outreach.judging import NOBODY, Place, Refusal, judge
from frontdesk.outreach.model import texts
from frontdesk.ports import Capabilities

UNDELIVERED = ("failed", "canceled")
SOURCE = "follow_up"


@dataclass
class _Work:
    ended: list[Ended] = field(default_factory=list[Ended])
    openings: list[Opening] = field(default_factory=list[Opening])
    rows: dict[UUID, FollowUpRow] = field(default_factory=dict[UUID, FollowUpRow])
    charges: list[Charge] = field(default_factory=list[Charge])

    def end(self, row: FollowUpRow, status: str, reason: str | None = None) -> None:
        cut = None if reason is None else reason[:500]
        self.ended.append(Ended(row.follow_up_id, status, row.due_at, cut))


@dataclass(frozen=True)
class Following:
    dispatcher: Dispatcher

    async def send_due(self, domain_id: UUID, most: int) -> int:
        """Ends up to `most` that are due, each by sending it or by saying why not; how many."""
        try:
            number, changed = await retried(lambda: self._send(domain_id, most))
        except Short:
            return 0
        for conversation_id, message_ids in changed:
            self.dispatcher.db.changes.tell(domain_id, conversation_id, *message_ids)
        return number

    async def _send(
        self, domain_id: UUID, most: int
    ) -> tuple[int, list[tuple[UUID, Sequence[UUID]]]]:
        now = self.dispatcher.clock()
        async with self.dispatcher.db.tenant_tx(domain_id, durable=False) as connection:
            rows = await follow_ups.due(connection, domain_id, now, most)
            if not rows:
                return 0, []
            rules = await self.dispatcher.rules(connection, domain_id, Plan(), now)
            known = await places.of_conversations(
                connection, domain_id, [row.conversation_id for row in rows]
            )
            work = _Work()
            for row in rows:
                channel_id, place = known.get(row.conversation_id, (None, NOBODY))
                await self._decide(connection, rules, work, row, channel_id, place)
            placed = await placing.put(connection, domain_id, work.openings)
            for key, each in placed.items():
                row = work.rows[key]
                work.ended.append(Ended(key, "sent", row.due_at, message_id=each.message_ids[0]))
            await follow_ups.end(connection, domain_id, work.ended)
            if work.charges and not await self.dispatcher.ledger.charge(
                connection, domain_id, work.charges
            ):
                raise Short
        changed = [(each.conversation_id, each.message_ids) for each in placed.values()]
        return len(rows), [*changed, *((row.conversation_id, []) for row in rows)]

    async def _decide(
        self,
        connection: Connection,
        rules: Rules,
        work: _Work,
        row: FollowUpRow,
        channel_id: UUID | None,
        place: Place,
    ) -> None:
        if place.last_inbound_at is not None and place.last_inbound_at > row.after:
            work.end(row, "answered")
            return
        if row.first_status in UNDELIVERED:
            work.end(row, "canceled", f"the message before it was {row.first_status}")
            return
        channel = next((each for each in rules.channels if each.channel_id == channel_id), None)
        channel = channel and pick(rules.channels, channel.kind, channel_id)
        capabilities = rules.capabilities(channel)
        refusal = judge(
            place, channel, capabilities, template=row.template_id is not None, now=rules.now
        )
        if refusal is not None or channel is None or capabilities is None:
            work.end(row, "failed", refusal and f"{refusal.code}: {refusal.text}")
            return
        content = await self._content(connection, rules, row, channel.channel_id, capabilities)
        if isinstance(content, Refusal):
            work.end(row, "failed", f"{content.code}: {content.text}")
            return
        opening = Opening(
            key=row.follow_up_id,
            channel=channel,
            place=place,
            address=place.conversation_address or place.address or "",
            content=content,
            message_id=row.message_id or new_id(),
            source=SOURCE,
            outreach_id=row.outreach_id,
        )
        self._take(rules, work, row, opening)

    def _take(self, rules: Rules, work: _Work, row: FollowUpRow, opening: Opening) -> None:
        cost = charges(opening, rules.prices) if rules.prices is not None else []
        if total([*work.charges, *cost]) > rules.affordable:
            work.end(row, "failed", f"no_credit: {NO_CREDIT}")
            return
        work.charges += cost
        work.openings.append(opening)
        work.rows[opening.key] = row

    async def _content(
        self,
        connection: Connection,
        rules: Rules,
        row: FollowUpRow,
        channel_id: UUID,
        capabilities: Capabilities,
    ) -> Content | Refusal:
        if row.template_id is None:
            content = spoken(row.content or "", capabilities)
            return content if content.texts else Refusal("nothing_to_say", "The text is empty.")
        channel = next(each for each in rules.channels if each.channel_id == channel_id)
        template = await rules.template(connection, row.template_id, channel)
        if isinstance(template, Refusal):
            return template
        try:
            return templated(template, texts(row.variables), capabilities)
        except Unprocessable as error:
            return Refusal("bad_variables", error.detail)
