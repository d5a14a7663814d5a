"""What is done around an assistant that writes the first message: claims, credit, the sending.

Credit for one message is taken before the assistant is asked, under the key of the message that
will be; it comes back when there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from frontdesk.billing.model import PriceList, message_key
from frontdesk.channels.model import ChannelRow
from frontdesk.db.pool import Connection
from frontdesk.kernel.ids import new_id
from frontdesk.outreach import placing
from frontdesk.outreach._store import outreach
from frontdesk.outreach._store.outreach import Mark, Plan
from frontdesk.outreach.composing import Content, Opening, charges, spoken, total, with_files
from frontdesk.outreach.deciding import (
    NEVER_SENT,
    NO_CREDIT,
    Rules,
    concerns_all,
    files_of,
    opening_of,
)
from frontdesk.outreach.dispatch import (
    GONE_AFTER,
    MOST_ATTEMPTS,
    Dispatcher,
    Short,
    retried,
    sent_mark,
)
from frontdesk.outreach.judging import Place, Refusal
from frontdesk.outreach.model import Outreach, State
from frontdesk.ports import Capabilities

WRITING = ("writing",)
STOPPED: Mapping[str, State] = {"paused": "waiting", "canceled": "canceled", "failed": "canceled"}
"""What the rows of a campaign become that people stopped while they were written."""


@dataclass(frozen=True)
class Task:
    """A first message that is to be written, with what the assistant is told."""

    row: Outreach
    token: UUID
    channel: ChannelRow
    capabilities: Capabilities
    place: Place
    instruction: str
    named: str | None
    """The assistant that the row or its campaign asks for."""
    domain_id: UUID


@dataclass(frozen=True)
class Writing:
    dispatcher: Dispatcher

    async def claim(self, most: int) -> list[tuple[Outreach, UUID]]:
        """Rows of any domain that an assistant is to write for, each with the claim's token."""
        token, now = new_id(), self.dispatcher.clock()
        async with self.dispatcher.db.system_tx() as connection:
            rows = await outreach.claim_writing(connection, token, now, now - GONE_AFTER, most)
        return [(row, token) for row in rows]

    async def begin(self, row: Outreach, token: UUID) -> Task | None:
        """Judges once more and takes the credit. None: the row has ended, or waits again."""
        db = self.dispatcher.db
        if row.attempts > MOST_ATTEMPTS:
            await self.failed(row, token, "workers died while they wrote it", at_once=True)
            return None
        async with db.tenant_tx(row.domain_id) as connection:
            task = await self._task(connection, row, token)
            if task is None:
                return None
            rules = await self._rules(connection, row)
            cost = charges(self._opening(task, rules, Content([""])), rules.prices or PriceList())
            ledger = self.dispatcher.ledger
            if await ledger.charge(connection, row.domain_id, cost):
                return task
            await self._end(connection, row, Refusal("no_credit", NO_CREDIT, of_channel=True))
        return None

    async def alive(self, task: Task) -> bool:
        """A sign of life while the assistant thinks; False: somebody else has the row."""
        row = task.row
        async with self.dispatcher.db.tenant_tx(row.domain_id, durable=False) as connection:
            now = self.dispatcher.clock()
            found = await outreach.still_writing(
                connection, row.domain_id, row.outreach_id, task.token, now
            )
        return found is not None

    async def give_back(self, row: Outreach, token: UUID) -> None:
        """For a worker that stops: others need not wait until it is taken for dead."""
        async with self.dispatcher.db.tenant_tx(row.domain_id) as connection:
            await outreach.give_back(connection, row.domain_id, row.outreach_id, token)

    async def send(self, task: Task, text: str) -> bool:
        """Queues what was written, unless it may not be sent any more."""
        content = spoken(text, task.capabilities)
        if not content.texts:
            await self.failed(task.row, task.token, "the assistant wrote nothing")
            return False
        try:
            placed = await retried(lambda: self._send(task, content))
        except Short:
            await self.unpaid(task)
            return False
        if placed is not None:
            self.dispatcher.db.changes.tell(
                task.domain_id, placed.conversation_id, *placed.message_ids
            )
        return placed is not None

    async def unpaid(self, task: Task) -> None:
        """What the balance does not cover; a campaign stops until somebody tops up."""
        row, now = task.row, self.dispatcher.clock()
        async with self.dispatcher.db.tenant_tx(row.domain_id) as connection:
            ids = (row.domain_id, row.outreach_id)
            if await outreach.still_writing(connection, *ids, task.token, now) is not None:
                await self._end(connection, row, Refusal("no_credit", NO_CREDIT, True))

    async def failed(
        self, row: Outreach, token: UUID, reason: str, *, at_once: bool = False
    ) -> None:
        """Tries again later, a few times; then the credit comes back."""
        now = self.dispatcher.clock()
        async with self.dispatcher.db.tenant_tx(row.domain_id) as connection:
            mine = await outreach.still_writing(
                connection, row.domain_id, row.outreach_id, token, now
            )
            if mine is None:
                return
            if not at_once and row.attempts < MOST_ATTEMPTS:
                again = now + timedelta(seconds=2.0**row.attempts)
                await outreach.write_later(
                    connection, row.domain_id, row.outreach_id, again, reason[:500]
                )
                return
            await self._end(connection, row, Refusal("assistant", reason))

    # Inside a transaction ---------------------------------------------------------------------

    async def _task(self, connection: Connection, row: Outreach, token: UUID) -> Task | None:
        """The row with everything around it, judged now; a row that is refused has ended."""
        now = self.dispatcher.clock()
        mine = await outreach.still_writing(connection, row.domain_id, row.outreach_id, token, now)
        if mine is None:
            return None
        rules = await self._rules(connection, mine)
        if stopped := STOPPED.get(rules.plan.status or ""):
            await self._stop(connection, mine, stopped)
            return None
        place = (await self.dispatcher.people(connection, rules, [mine]))[mine.outreach_id]
        channel = rules.channel(mine)
        capabilities = rules.capabilities(channel)
        refusal = rules.judge(mine, place, channel, template=False)
        if refusal is not None or channel is None or capabilities is None:
            assert refusal is not None
            await self._end(connection, mine, refusal)
            return None
        return Task(
            mine,
            token,
            channel,
            capabilities,
            place,
            mine.instruction or rules.plan.instruction or "",
            mine.assistant_id or rules.plan.assistant_id,
            mine.domain_id,
        )

    async def _send(self, task: Task, content: Content) -> placing.Placed | None:
        row, now = task.row, self.dispatcher.clock()
        async with self.dispatcher.db.tenant_tx(row.domain_id) as connection:
            fresh = await self._task(connection, row, task.token)
            if fresh is None:
                await self._canceled(connection, row)
                return None
            rules = await self._rules(connection, row)
            files = await files_of(connection, row)
            opening = self._opening(fresh, rules, with_files(content, files, fresh.capabilities))
            placed = await placing.put(connection, row.domain_id, [opening])
            place = placed[row.outreach_id]
            mark = sent_mark(row, place, opening.content)
            await outreach.mark(connection, row.domain_id, [mark], now, of=WRITING)
            await self.dispatcher.follow(connection, rules, [row], placed)
            cost = charges(opening, rules.prices) if rules.prices is not None else []
            if total(cost) and not await self.dispatcher.ledger.charge(
                connection, row.domain_id, cost
            ):
                raise Short
        return place

    async def _canceled(self, connection: Connection, row: Outreach) -> None:
        """Gives back what was taken for a row that people canceled while it was written."""
        found = await outreach.one(connection, row.domain_id, row.outreach_id)
        if found is not None and found.status == "canceled" and row.message_id is not None:
            await self.dispatcher.ledger.refund(
                connection, row.domain_id, message_key(row.message_id), "canceled"
            )

    def _opening(self, task: Task, rules: Rules, content: Content) -> Opening:
        return opening_of(task.row, rules.plan, task.channel, task.place, content)

    async def _rules(self, connection: Connection, row: Outreach) -> Rules:
        plan = Plan()
        if row.campaign_id is not None:
            found = await outreach.plan(connection, row.domain_id, row.campaign_id)
            plan = found or Plan(status="canceled")  # it was deleted meanwhile
        return await self.dispatcher.rules(connection, row.domain_id, plan, self.dispatcher.clock())

    async def _end(self, connection: Connection, row: Outreach, refusal: Refusal) -> None:
        """Ends a row; where it holds for the whole campaign, that one stops and the row waits."""
        waits = False
        if row.campaign_id is not None:
            plan = await outreach.plan(connection, row.domain_id, row.campaign_id) or Plan()
            waits = concerns_all(refusal, row, plan)
        if waits and row.campaign_id is not None:
            reason = f"{refusal.code}: {refusal.text}"[:500]
            await outreach.pause(connection, row.domain_id, row.campaign_id, reason)
        if waits:
            await self._stop(connection, row, "waiting")
            return
        status = "skipped" if refusal.code in NEVER_SENT else "failed"
        await self._stop(connection, row, status, refusal)

    async def _stop(
        self, connection: Connection, row: Outreach, status: State, refusal: Refusal | None = None
    ) -> None:
        """Takes a row from its writer, and gives back what was taken for it."""
        mark = Mark(
            row.outreach_id,
            status,
            row.due_at,
            refusal and refusal.code,
            refusal and refusal.text[:500],
            # What was given back is not charged again under its old name.
            message_id=new_id() if status == "waiting" else None,
        )
        now = self.dispatcher.clock()
        await outreach.mark(connection, row.domain_id, [mark], now, of=WRITING)
        if row.message_id is not None:
            code = refusal.code if refusal else status
            key = message_key(row.message_id)
            await self.dispatcher.ledger.refund(connection, row.domain_id, key, code)
