"""Outreach: the worker's part. Sends what is due, campaign by campaign in turns, and has assistants
write what they are to write."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from frontdesk.assistants.model import Assistant, AssistantFailed
from frontdesk.assistants.model import Turn as Question
from frontdesk.assistants.service import AssistantService
from frontdesk.billing.usage import about
from frontdesk.kernel.errors import NotFound, PaymentRequired
from frontdesk.outreach.dispatch import Dispatcher, Due
from frontdesk.outreach.following import Following
from frontdesk.outreach.model import Outreach, texts
from frontdesk.outreach.telling import Telling
from frontdesk.outreach.writing import Task, Writing
from frontdesk.pipeline.decision import NO_ASSISTANT
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

CHANNEL = "frontdesk_outreach"
"""What is notified when something may be due at once."""
BATCH = 200
FOLLOW_UPS = 100
WRITERS = 8
WRITTEN_AHEAD = 16
"""Rows of a campaign that are with assistants: the others wait where they can be paused."""
IDLE_SECONDS = 1.0
HELD_SECONDS = 0.1
"""How soon to look again when something is due that its channel has no room for."""
SIGN_OF_LIFE_SECONDS = 15.0
MOST_ODD = 1_000
BUILTIN_WITH_MAIL = (
    "a built-in assistant sends an instruction as it is, and here it holds somebody's e-mail; "
    "give the mailbox a template, or an assistant with a model"
)
UNFORESEEN = "Frontdesk could not send this: an error that it did not expect is in its log."
"""What people read of it; what happened is for those who have the log."""


class NeverWritten(AssistantFailed):
    """Nothing was written, and another try would end likewise."""


@dataclass
class OutreachLane:
    """One process's share: any number of them work side by side."""

    dispatcher: Dispatcher
    writing: Writing
    following: Following
    assistants: AssistantService
    telling: Telling
    _awake: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _odd: set[tuple[UUID, UUID | None]] = field(default_factory=set[tuple[UUID, UUID | None]])
    """Whose last batch failed as a whole: their rows go one by one until one of them is found."""

    def wake(self, *_: object) -> None:
        """Looks again at once; also what a notification calls."""
        self._awake.set()

    async def run(self) -> None:
        """Until it is canceled."""
        try:
            while True:
                self._awake.clear()
                seconds = await self._round()
                if seconds:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._awake.wait(), seconds)
        finally:
            for writer in self._writers:
                writer.cancel()
            await asyncio.gather(*self._writers, return_exceptions=True)

    async def _round(self) -> float:
        """A batch for everybody who has something due; how long there is nothing more to do."""
        try:
            due = await self.dispatcher.look()
            progressed = [await self._work(each) for each in due]
        except DATABASE_AWAY:
            return IDLE_SECONDS
        except Exception as error:
            log.error("outreach failed", exc_info=error)
            return IDLE_SECONDS
        if any(progressed):
            return 0.0
        return HELD_SECONDS if due else IDLE_SECONDS

    async def _work(self, due: Due) -> bool:
        """True when something came of it."""
        if due.what == "writing" or due.domain_id is None:
            return await self._write_some()
        if due.what == "follow_up":
            return await self.following.send_due(due.domain_id, FOLLOW_UPS) > 0
        most = BATCH
        if due.writes and due.campaign_id is not None:
            writing = await self.dispatcher.writing_of(due.domain_id, due.campaign_id)
            most = min(most, WRITTEN_AHEAD - writing)
        return most > 0 and await self._send(due.domain_id, due.campaign_id, most)

    async def _send(self, domain_id: UUID, campaign_id: UUID | None, most: int) -> bool:
        place = (domain_id, campaign_id)
        most = 1 if place in self._odd else most
        try:
            batch = await self.dispatcher.send_batch(domain_id, campaign_id, most)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.error("batch failed", campaign=str(campaign_id), rows=most, exc_info=error)
            if place in self._odd:
                await self.dispatcher.put_off(domain_id, campaign_id, UNFORESEEN)
                self._odd.discard(place)
            elif len(self._odd) < MOST_ODD:
                self._odd.add(place)
            return False
        if campaign_id is not None and (batch.progressed or batch.paused):
            self.telling.tell(domain_id, campaign_id, now=batch.paused is not None)
        return batch.progressed

    # Writing ----------------------------------------------------------------------------------

    async def _write_some(self) -> bool:
        free = WRITERS - len(self._writers)
        if free <= 0:
            return False
        claimed = await self.writing.claim(free)
        for row, token in claimed:
            writer = asyncio.create_task(self._write(row, token))
            self._writers.add(writer)
            writer.add_done_callback(self._written)
        return bool(claimed)

    def _written(self, writer: asyncio.Task[None]) -> None:
        self._writers.discard(writer)
        self.wake()

    async def _write(self, row: Outreach, token: UUID) -> None:
        try:
            task = await self.writing.begin(row, token)
            if task is None:
                return
            try:
                text = await self._ask(task)
            except PaymentRequired:
                await self.writing.unpaid(task)
                return
            except AssistantFailed as error:
                final = isinstance(error, NeverWritten)
                await self.writing.failed(row, token, error.detail, at_once=final)
                return
            await self.writing.send(task, text)
            if row.campaign_id is not None:
                self.telling.tell(row.domain_id, row.campaign_id)
        except DATABASE_AWAY:
            return  # taken over by whoever sees the row silent
        except asyncio.CancelledError:
            with suppress(*DATABASE_AWAY):
                await self.writing.give_back(row, token)
            raise
        except Exception as error:
            log.error("not written", outreach=str(row.outreach_id), exc_info=error)
            with suppress(*DATABASE_AWAY):
                await self.writing.failed(row, token, UNFORESEEN)

    async def _ask(self, task: Task) -> str:
        """The first message in the assistant's words. Raises AssistantFailed, PaymentRequired."""
        assistant = await self._assistant(task)
        if assistant.kind == "builtin":
            if task.row.source == "email":
                raise NeverWritten(BUILTIN_WITH_MAIL)
            return task.instruction
        sign = asyncio.create_task(self._show_life(task))
        try:
            asked, row = question(task, assistant), task.row
            what = about(asked.trace_id, outreach_id=row.outreach_id, campaign_id=row.campaign_id)
            answer = await self.assistants.ask(assistant, asked, what)
        finally:
            sign.cancel()
        if answer.hand_off:
            raise AssistantFailed("the assistant asked for a person instead of writing")
        return answer.text

    async def _assistant(self, task: Task) -> Assistant:
        if task.named is not None:
            # Never somebody else in its place, who would write something else.
            try:
                return await self.assistants.get(task.domain_id, task.named)
            except NotFound as error:
                raise NeverWritten(error.detail) from None
        wanted = (task.place.assistant_id, await self.assistants.default_id(task.domain_id))
        for assistant_id in wanted:
            with suppress(NotFound):
                if assistant_id is not None:
                    return await self.assistants.get(task.domain_id, assistant_id)
        raise NeverWritten(NO_ASSISTANT)

    async def _show_life(self, task: Task) -> None:
        while True:
            await asyncio.sleep(SIGN_OF_LIFE_SECONDS)
            with suppress(*DATABASE_AWAY):
                await self.writing.alive(task)


def question(task: Task, assistant: Assistant) -> Question:
    """What an assistant is asked for a first message."""
    row, prefix = task.row, task.capabilities.session_prefix
    facts = {"Kind of message": row.call_type.replace("_", " "), "Name": row.name}
    facts |= {"E-mail": row.email, **texts(dict(row.variables))}
    lines = [f"- {name}: {' '.join(value.split())}" for name, value in facts.items() if value]
    text = (
        "Write the first message of a conversation that the business begins with a customer. "
        "Answer with the message's text and nothing else.\n\n"
        f"What it is for: {task.instruction}\n\n"
        "What is known:\n" + "\n".join(lines)
    )
    return Question(
        texts=[text],
        language=task.place.language,
        contact_name=row.name,
        contact_address=row.address,
        session_id=f"{prefix}-{row.address}",
        user_email=row.email or f"{row.address}@{prefix}.user",
        trace_id=str(row.message_id or row.outreach_id),
        source=task.capabilities.source,
        opening=True,
    )
