"""Turn: a conversation's waiting messages, answered once, in order, by its assistant.

Runs of texts between commands go to the assistant together, so that three quick messages get one
answer.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal
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
from frontdesk.channels.templates import TemplateService
from frontdesk.channels.templates_model import Template
from frontdesk.conversations.model import (
    Finished,
    Lane,
    Outcome,
    Turn,
    Waiting,
    describe,
)
from frontdesk.conversations.service import Claim, ConversationService, Said
from frontdesk.domains.model import DEFAULT_FALLBACK
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.ids import new_id
from frontdesk.outreach.context import ContextService
from frontdesk.pipeline.away import say_away
from frontdesk.pipeline.credit import TurnCredit
from frontdesk.pipeline.decision import Decision, replies_of
from frontdesk.ports import Capabilities, Carrier
from frontdesk.web import metrics
from frontdesk.web.failures import DATABASE_AWAY, in_words

log = structlog.get_logger()

MOST_ATTEMPTS = 4
MOST_DEATHS = 10
"""A turn that takes its worker with it each time is not tried for ever."""
LONGEST_PAUSE = 3.0
"""Seconds: somebody who never stops writing is answered all the same."""
LONGEST_FILES = 20.0
"""Seconds: after that the assistant answers without what is in a customer's file."""


@dataclass(frozen=True)
class TurnLane:
    """Runs the turns that jobs name."""

    conversations: ConversationService
    assistants: AssistantService
    carriers: Mapping[str, Carrier]
    answer_max_age: timedelta
    contexts: ContextService
    credit: TurnCredit
    templates: TemplateService
    clock: Clock = field(default=utc_now)
    longest_files: float = LONGEST_FILES

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
        if await self._waits_for_files(turn, waiting):
            return None
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
                raise AssistantFailed("workers died while they answered this")
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

    async def _waits_for_files(self, turn: Turn, waiting: Sequence[Waiting]) -> bool:
        """Whether the turn was given back until what customers sent is understood."""
        with_files = [message for message in waiting if "media" in (message.structured or ())]
        if not with_files or turn.mode == "manual" or turn.opted_out or turn.blocked:
            return False
        passed = self.clock() - min(message.created_at for message in with_files)
        rest = self.longest_files - passed.total_seconds()
        if rest <= 0:
            return False
        message_ids = [message.message_id for message in with_files]
        return await self.conversations.wait_for_files(turn, message_ids, rest)

    async def _decide(
        self, turn: Turn, waiting: list[Waiting], assistant: Assistant | None
    ) -> Outcome:
        asked_at = await self.conversations.asked_at(turn) if turn.opted_out else None
        decision = Decision(
            turn=turn,
            assistants=self.assistants,
            ask=self.ask,
            oldest=self.clock() - self.answer_max_age,
            assistant=assistant,
            capabilities=self.carriers[turn.carrier].capabilities[turn.channel_kind],
            opted_out=turn.opted_out,
            context_seq=turn.context_seq,
            asked_at=asked_at,
            no_credit=await self.credit.begin(turn, waiting, assistant),
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
        await say_away(self.conversations.db, decision, waiting, self.clock())
        for message, reason in decision.failures:
            log.error("assistant failed", reason=reason)
            await self._put_aside(turn, message, reason)
        return decision.outcome

    async def _failed(self, turn: Turn, waiting: list[Waiting], error: Exception) -> Outcome | None:
        """Tries again later; at last tells the customer, and asks people to look."""
        chat_id = str(turn.conversation_id)
        log.error("turn failed", chat_id=chat_id, attempts=turn.attempts, exc_info=error)
        if turn.attempts < MOST_ATTEMPTS:
            await self.conversations.turn_again(turn, timedelta(seconds=2.0**turn.attempts))
            return None
        reason = in_words(error)[:300]
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

    async def _history(
        self, turn: Turn, assistant: Assistant, upto: int, context_seq: int
    ) -> list[HistoryItem]:
        most = assistant.options.max_history_messages
        if assistant.kind == "builtin" or not most:
            return []
        turn = replace(turn, context_seq=context_seq)
        return [_history_item(said) for said in await self.conversations.history(turn, upto, most)]

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
        history = await self._history(turn, assistant, messages[0].seq - 1, context_seq)
        instruction = None
        if assistant.kind != "builtin":
            instruction = await self.contexts.instruction(turn.domain_id, turn.conversation_id)
        offered: list[Template] = []
        if assistant.kind not in ("builtin", "remote"):
            words = f"{assistant.instructions}\n{instruction or ''}"
            offered = await self.templates.offered(turn.domain_id, turn.channel_id, words)
        prefix = capabilities.session_prefix
        with_files = [m.message_id for m in messages if "media" in (m.structured or ())]
        files = (
            await self.conversations.attachments(turn.domain_id, with_files) if with_files else {}
        )
        question = Question(
            texts=[
                describe(m.kind, m.content, m.structured, files.get(m.message_id, ()))
                for m in messages
            ],
            history=history,
            language=language,
            contact_name=turn.display_name,
            contact_address=turn.address,
            session_id=f"{prefix}-{turn.address}",
            user_email=turn.email or f"{turn.address}@{prefix}.user",
            trace_id=str(messages[-1].trace_id),
            source=capabilities.source,
            instruction=instruction,
            templates=offered,
        )
        answer = await self.assistants.runtime.answer(assistant, question)
        trace_id = messages[-1].trace_id
        await self.credit.charge_usage(turn, assistant.model, answer.usage, trace_id)
        if not answer.text.strip() and not answer.hand_off:
            raise AssistantFailed("the assistant gave an empty answer")
        return answer


def _history_item(said: Said) -> HistoryItem:
    role: Literal["user", "assistant", "human"] = "assistant"
    if said.sender == "user":
        role = "user"
    elif said.sender == "human":
        role = "human"
    return HistoryItem(role, said.text)
