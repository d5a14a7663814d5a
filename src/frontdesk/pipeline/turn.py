"""Turn: a conversation's waiting messages, answered once, in order, by its assistant.

Commands and opt-out words are answered here; runs of other texts between them go to the assistant
together, so that three quick messages get one answer.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, cast
from uuid import UUID

import structlog

from frontdesk.assistants import commands
from frontdesk.assistants.model import (
    Answer,
    Assistant,
    AssistantFailed,
    HistoryItem,
)
from frontdesk.assistants.model import Turn as Question
from frontdesk.assistants.service import AssistantService
from frontdesk.conversations.model import (
    Finished,
    Lane,
    Outcome,
    Reply,
    Sender,
    Turn,
    Waiting,
    describe,
)
from frontdesk.conversations.service import Claim, ConversationService
from frontdesk.domains.model import DEFAULT_FALLBACK
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.markup import to_plain, to_whatsapp
from frontdesk.kernel.optout import keyword
from frontdesk.kernel.split import split
from frontdesk.ports import Capabilities, Carrier
from frontdesk.web import metrics
from frontdesk.web.failures import DATABASE_AWAY

log = structlog.get_logger()

MOST_ATTEMPTS = 4
MOST_DEATHS = 10
"""A turn that takes its worker with it each time is not tried for ever."""
LONGEST_PAUSE = 3.0
"""Seconds: somebody who never stops writing is answered all the same."""
UNANSWERED_KINDS = ("reaction", "unsupported")
NO_ASSISTANT = "the domain has no assistant"
HANDED_OFF = "I am getting a person for you. They will answer here."
STOPPED = "You will get no more messages here. Write START to get them again."
STARTED = "Welcome back! You will get messages here again. Write STOP to end them."


@dataclass(frozen=True)
class TurnLane:
    """Runs the turns that jobs name."""

    conversations: ConversationService
    assistants: AssistantService
    carriers: Mapping[str, Carrier]
    answer_max_age: timedelta
    clock: Clock = field(default=utc_now)

    async def run(self, domain_id: UUID, conversation_id: UUID, job: int) -> Lane | None:
        """Answers what waits, or gives the turn back with a delay.

        Returns the delivery lane that came with the answer: it is the caller's to empty.
        """
        async with self.conversations.db.autocommit() as connection:
            claim = await self.conversations.claim_turn(
                connection, domain_id, conversation_id, job, self.clock()
            )
            if claim is None:
                return None
            turn = claim.turn
            assistant = await self.assistants.chosen(
                connection,
                domain_id,
                turn.assistant_id,
                turn.default_assistant_id,
                turn.assistants_version,
            )
        began = time.perf_counter()
        waiting = await self._settled(claim, assistant)
        finished = await self._finish(claim, waiting, assistant)
        if finished is None:
            return None
        seconds = time.perf_counter() - began
        metrics.stage_seconds.labels("turn").observe(seconds)
        traces = [str(message.trace_id) for message in waiting]
        log.info("answered", traces=traces, seconds=round(seconds, 4))
        return finished.lane

    async def _finish(
        self, claim: Claim, waiting: list[Waiting], assistant: Assistant | None
    ) -> Finished | None:
        upto = waiting[-1].seq if waiting else claim.after
        try:
            if claim.turn.attempts > MOST_DEATHS:
                raise RuntimeError("workers died while they answered this")
            outcome = await self._decide(claim.turn, waiting, assistant)
            return await self.conversations.finish_turn(claim, upto, outcome)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            failed = await self._failed(claim.turn, waiting, error)
            return failed and await self.conversations.finish_turn(claim, upto, failed)

    async def _settled(self, claim: Claim, assistant: Assistant | None) -> list[Waiting]:
        """The waiting messages, once the customer has paused for as long as a model needs."""
        waiting = claim.turn.waiting
        pause = assistant.pause_seconds if assistant and claim.turn.mode == "assistant" else 0.0
        deadline = self.clock() + timedelta(seconds=LONGEST_PAUSE)
        while waiting and pause and commands.parse(waiting[-1].content) is None:
            now = self.clock()
            rest = pause - (now - waiting[-1].created_at).total_seconds()
            rest = min(rest, (deadline - now).total_seconds())
            if rest <= 0:
                break
            await asyncio.sleep(rest)
            waiting = await self.conversations.waiting(claim)
        return waiting

    async def _decide(
        self, turn: Turn, waiting: list[Waiting], assistant: Assistant | None
    ) -> Outcome:
        decision = Decision(
            turn=turn,
            lane=self,
            assistant=assistant,
            capabilities=self.carriers[turn.carrier].capabilities[turn.channel_kind],
            opted_out=turn.opted_out,
            context_seq=turn.context_seq,
        )
        texts: list[Waiting] = []
        for message in waiting:
            if decision.is_for_the_assistant(message):
                texts.append(message)
                continue
            await decision.answer(texts)
            texts = []
            await decision.handle(message)
        await decision.answer(texts)
        for message, reason in decision.failures:
            log.error("assistant failed", reason=reason)
            await self._put_aside(turn, message, reason)
        return decision.outcome

    async def _failed(self, turn: Turn, waiting: list[Waiting], error: Exception) -> Outcome | None:
        """Tries again later; at last tells the customer, and asks people to look."""
        log.error("turn failed", attempts=turn.attempts, exc_info=error)
        if turn.attempts < MOST_ATTEMPTS:
            await self.conversations.turn_again(turn, timedelta(seconds=2.0**turn.attempts))
            return None
        reason = f"{error!r}"[:300]
        await self._put_aside(turn, waiting[-1] if waiting else None, reason)
        capabilities = self.carriers[turn.carrier].capabilities[turn.channel_kind]
        trace_id = waiting[-1].trace_id if waiting else new_id()
        text = str(turn.domain_settings.get("fallback_text") or DEFAULT_FALLBACK)
        return Outcome(
            replies=replies_of(text, "system", trace_id, capabilities),
            needs_people=f"the assistant failed: {reason}",
        )

    async def _put_aside(self, turn: Turn, message: Waiting | None, reason: str) -> None:
        metrics.dead_letters.labels("turn").inc()
        await self.conversations.dead_letter(
            turn.domain_id,
            "turn",
            reason,
            channel_id=turn.channel_id,
            conversation_id=turn.conversation_id,
            message_id=message.message_id if message else None,
        )

    async def ask(
        self,
        turn: Turn,
        assistant: Assistant,
        messages: Sequence[Waiting],
        language: str | None,
        context_seq: int,
        capabilities: Capabilities,
    ) -> Answer:
        """The assistant's answer to the messages, with what was said before them."""
        history: list[HistoryItem] = []
        if assistant.kind != "builtin" and assistant.options.max_history_messages:
            rows = await self.conversations.history(
                replace(turn, context_seq=context_seq),
                messages[0].seq - 1,
                assistant.options.max_history_messages,
            )
            history = [_history_item(*row) for row in rows]
        prefix = capabilities.session_prefix
        question = Question(
            texts=[describe(m.kind, m.content, m.structured) for m in messages],
            history=history,
            language=language,
            contact_name=turn.display_name,
            contact_address=turn.address,
            session_id=f"{prefix}-{turn.address}",
            user_email=turn.email or f"{turn.address}@{prefix}.user",
            trace_id=str(messages[-1].trace_id),
            source=capabilities.source,
        )
        answer = await self.assistants.runtime.answer(assistant, question)
        if not answer.text.strip() and not answer.hand_off:
            raise AssistantFailed("the assistant gave an empty answer")
        return answer


@dataclass
class Decision:
    """The outcome of one turn while it is being made."""

    turn: Turn
    lane: TurnLane
    assistant: Assistant | None
    capabilities: Capabilities
    opted_out: bool
    context_seq: int
    outcome: Outcome = field(default_factory=Outcome)
    failures: list[tuple[Waiting, str]] = field(default_factory=list[tuple[Waiting, str]])
    """The last message of each run that the assistant could not answer, and why."""

    @property
    def silent(self) -> bool:
        """Whether people have the conversation, or the customer wants no messages."""
        manual = (self.outcome.mode or self.turn.mode) == "manual"
        return manual or self.opted_out

    def is_for_the_assistant(self, message: Waiting) -> bool:
        return commands.parse(message.content) is None and self._keyword(message) is None

    def _keyword(self, message: Waiting) -> Literal["stop", "start", "help"] | None:
        """An opt-out word. START and YES are ordinary words to somebody who did not opt out."""
        word = keyword(message.content)
        return None if word == "start" and not self.opted_out else word

    async def answer(self, messages: Sequence[Waiting]) -> None:
        """Has the assistant answer a run of messages."""
        limit = self.lane.clock() - self.lane.answer_max_age
        fresh = [
            message
            for message in messages
            if message.kind not in UNANSWERED_KINDS
            and (message.sent_at_carrier or message.created_at) >= limit
        ]
        if not fresh or self.silent:
            return
        if self.assistant is None:
            self._fail(NO_ASSISTANT, fresh[-1])
            return
        try:
            answer = await self.lane.ask(
                self.turn,
                self.assistant,
                fresh,
                self.outcome.language or self.turn.language,
                self.context_seq,
                self.capabilities,
            )
        except AssistantFailed as error:
            # Only this run: a STOP or a command beside it still counts.
            self._fail(error.detail, fresh[-1])
            return
        text = answer.text.strip() or HANDED_OFF
        text = (to_whatsapp if self.capabilities.markup == "whatsapp" else to_plain)(text)
        self._reply(text, "assistant", fresh[-1], answer)
        if answer.hand_off:
            self.outcome.mode = "manual"
            reason = (answer.hand_off_reason or "").replace("\x00", "")
            self.outcome.needs_people = reason or "the assistant asked for a person"

    def _fail(self, reason: str, message: Waiting) -> None:
        """Tells the customer, once, and asks people to look."""
        if not self.failures:
            text = self.turn.domain_settings.get("fallback_text") or DEFAULT_FALLBACK
            self._reply(str(text), "system", message)
        self.failures.append((message, reason))
        self.outcome.needs_people = f"the assistant failed: {reason}"

    async def handle(self, message: Waiting) -> None:
        """Does what a command or an opt-out word asks for."""
        word = self._keyword(message)
        if word is not None:
            self._opt(word, message)
            return
        command = commands.parse(message.content)
        # A command is answered also while people have the conversation: it asks for one thing.
        if command is None or self.opted_out:
            return
        listed = await self.lane.assistants.all_of(self.turn.domain_id)
        if self.assistant is None:
            self._fail(NO_ASSISTANT, message)
            return
        reply = commands.respond(
            command,
            display_name=self.turn.domain_display_name,
            assistants=listed,
            current=self.assistant,
        )
        self._apply(reply.effect, listed, message)
        self._reply(reply.text, "system", message)

    def _apply(
        self, effect: commands.Effect | None, listed: Sequence[Assistant], message: Waiting
    ) -> None:
        match effect:
            case commands.Switch(assistant_id):
                self.outcome.assistant_id = assistant_id
                self.assistant = next(a for a in listed if a.assistant_id == assistant_id)
            case commands.HandOff(reason):
                self.outcome.mode = "manual"
                self.outcome.needs_people = reason
            case commands.Reset():
                self.outcome.reset_context = True
                self.context_seq = message.seq
            case commands.SetLanguage(code):
                self.outcome.language = code
            case None:
                pass

    def _opt(self, word: Literal["stop", "start", "help"], message: Waiting) -> None:
        """Carriers answer these words themselves on SMS; elsewhere it is ours to do."""
        answers = self.capabilities.markup != "plain"
        if word == "stop":
            self.opted_out = True
            self.outcome.opt_out, self.outcome.opt_in = message.content.strip()[:40], False
            if answers:
                self._reply(STOPPED, "system", message, notice=True)
        elif word == "start":
            self.opted_out = False
            self.outcome.opt_in, self.outcome.opt_out = True, None
            if answers:
                self._reply(STARTED, "system", message, notice=True)
        elif answers or not (message.structured or {}).get("opt_out_type"):
            text = commands.help_text(self.turn.domain_display_name)
            self._reply(text, "system", message, notice=True)

    def _reply(
        self,
        text: str,
        sender: Sender,
        message: Waiting,
        answer: Answer | None = None,
        *,
        notice: bool = False,
    ) -> None:
        self.outcome.replies.extend(
            replies_of(text, sender, message.trace_id, self.capabilities, answer, notice=notice)
        )


def replies_of(
    text: str,
    sender: Sender,
    trace_id: UUID,
    capabilities: Capabilities,
    answer: Answer | None = None,
    *,
    notice: bool = False,
) -> list[Reply]:
    """The text as messages within the channel's limit, in order."""
    # PostgreSQL keeps no NUL, and a model may say one.
    text = text.replace("\x00", "")
    thinking = answer.thinking.replace("\x00", "") if answer and answer.thinking else None
    structured: dict[str, Any] = {}
    if notice:
        structured["opt_out_notice"] = True
    if answer and answer.sources:
        structured["sources"] = [
            {"document": source.document, "heading": source.heading} for source in answer.sources
        ]
    return [
        Reply(
            message_id=new_id(),
            sender=sender,
            source=capabilities.source,
            content=part,
            trace_id=trace_id,
            part=number,
            thinking=thinking if number == 0 else None,
            structured=structured or None,
        )
        for number, part in enumerate(split(text, capabilities.text_limit))
    ]


def _history_item(sender: str, kind: str, content: str, structured: object) -> HistoryItem:
    role: Literal["user", "assistant", "human"] = "assistant"
    if sender == "user":
        role = "user"
    elif sender == "human":
        role = "human"
    return HistoryItem(role, describe(kind, content, cast("dict[str, Any] | None", structured)))
