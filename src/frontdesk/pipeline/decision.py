"""Decision: what one turn comes to, message by message: commands, opt-out words, answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import orjson

from frontdesk.assistants import commands
from frontdesk.assistants.model import (
    Answer,
    Assistant,
    AssistantFailed,
    ChosenTemplate,
    ToolCall,
)
from frontdesk.assistants.service import AssistantService
from frontdesk.conversations.model import (
    Consent,
    Outcome,
    Reply,
    Sender,
    Turn,
    Waiting,
)
from frontdesk.domains.model import DEFAULT_FALLBACK
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.markup import to_plain, to_whatsapp
from frontdesk.kernel.optout import Keyword, consequence, keyword
from frontdesk.kernel.optout_settings import OptOutSettings, read_opt_out
from frontdesk.kernel.split import split
from frontdesk.ports import Capabilities, MessageKind

UNANSWERED_KINDS = ("reaction", "unsupported")
MOST_TOLD = 2_000
"""Bytes that are kept of a tool call's arguments, and of its result."""
NO_ASSISTANT = "the domain has no assistant"
HANDED_OFF = "I am getting a person for you. They will answer here."
CARRIERS_WORDS: dict[str, Keyword] = {"STOP": "stop", "START": "start", "HELP": "help"}
"""What a carrier says that a message means, which may be in the words of any language."""
NEVER = datetime.max.replace(tzinfo=UTC)

Ask = Callable[
    [Turn, Assistant, Sequence[Waiting], str | None, int, Capabilities], Awaitable[Answer]
]
"""Has an assistant answer: the turn, who, what, in which language, since when, on what channel."""


@dataclass
class Decision:
    """The outcome of one turn while it is being made."""

    turn: Turn
    assistants: AssistantService
    ask: Ask
    oldest: datetime
    """What came before is stored, but not answered any more."""
    assistant: Assistant | None
    capabilities: Capabilities
    opted_out: bool
    context_seq: int
    asked_at: datetime | None = None
    """When the customer was asked whether messages are wanted again, if that is open."""
    no_credit: str | None = None
    """Why no answer could be paid for: then people are asked to look, and no model is."""
    outcome: Outcome = field(default_factory=Outcome)
    failures: list[tuple[Waiting, str]] = field(default_factory=list[tuple[Waiting, str]])
    """The last message of each run that the assistant could not answer, and why."""

    @property
    def silent(self) -> bool:
        """Whether people have the conversation, or the customer gets or wants no messages."""
        manual = (self.outcome.mode or self.turn.mode) == "manual"
        return manual or self.opted_out or self.turn.blocked

    def is_for_the_assistant(self, message: Waiting) -> bool:
        return commands.parse(message.content) is None and self._keyword(message) is None

    def _keyword(self, message: Waiting) -> Keyword | None:
        """An opt-out word. START and YES are ordinary words to somebody who did not opt out."""
        word = keyword(message.content, self._opt_outs.words)
        # YES may answer our own question; the carrier knows no questions.
        if word != "yes" or self.asked_at is None:
            word = CARRIERS_WORDS.get(_carriers_word(message)) or word
        return None if word in ("start", "yes") and not self.opted_out else word

    @property
    def _opt_outs(self) -> OptOutSettings:
        return read_opt_out(self.turn.domain_settings.get("opt_out"))

    async def answer(self, messages: Sequence[Waiting]) -> None:
        """Has the assistant answer a run of messages."""
        fresh = [
            message
            for message in messages
            if message.kind not in UNANSWERED_KINDS
            and (message.sent_at_carrier or message.created_at) >= self.oldest
        ]
        if not fresh or self.silent:
            return
        if self.no_credit is not None:
            self.outcome.needs_people = self.no_credit
            return
        if self.assistant is None:
            self._fail(NO_ASSISTANT, fresh[-1])
            return
        try:
            answer = await self.ask(
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
        if answer.template is not None:
            self._say_template(answer, answer.template, fresh[-1])
            return
        text = answer.text.strip() or HANDED_OFF
        text = (to_whatsapp if self.capabilities.markup == "whatsapp" else to_plain)(text)
        self._reply(text, "assistant", fresh[-1], answer)
        if answer.hand_off:
            self.outcome.mode = "manual"
            reason = (answer.hand_off_reason or "").replace("\x00", "")
            self.outcome.needs_people = reason or "the assistant asked for a person"

    def _say_template(self, answer: Answer, chosen: ChosenTemplate, message: Waiting) -> None:
        """One message of the carrier's where it knows templates, else a plain text."""
        self._reply(chosen.rendered.text, "assistant", message, answer)
        if self.capabilities.templates and self.outcome.replies:
            last = self.outcome.replies[-1]
            kind = (chosen.rendered.header or {}).get("kind", "text")
            self.outcome.replies[-1] = replace(
                last,
                structured={**(last.structured or {}), **chosen.rendered.structured},
                kind=cast("MessageKind", kind),
            )

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
        if command is None or self.opted_out or self.turn.blocked:
            return
        listed = await self.assistants.all_of(self.turn.domain_id)
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

    def _opt(self, word: Keyword, message: Waiting) -> None:
        """Carriers answer STOP and START themselves on SMS, and on any channel each word that they
        name to us: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out"""
        told, settings = bool(_carriers_word(message)), self._opt_outs
        answers = not told and self.capabilities.markup != "plain"
        if word == "help":
            if not told:
                text = settings.help_text or commands.help_text(self.turn.domain_display_name)
                self._reply(text, "system", message, notice=True)
            return
        action = consequence(
            word,
            message.created_at,
            opted_out=self.opted_out,
            asked_at=self.asked_at,
            double_opt_in=settings.double_opt_in,
        )
        if action is None:
            return
        self.outcome.consents.append(
            Consent(action, message.content.strip()[:40], settings.scope == "all")
        )
        # The question goes out after this turn: nothing that waits in it is an answer to it.
        self.asked_at = NEVER if action == "asked" else None
        if action == "asked":
            self._reply(settings.double_opt_in_text, "system", message, notice=True)
            return
        self.opted_out = action == "stopped"
        if answers:
            text = settings.stopped_text if self.opted_out else settings.started_text
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
        if self.turn.blocked:
            return
        self.outcome.replies.extend(
            replies_of(text, sender, message.trace_id, self.capabilities, answer, notice=notice)
        )


def _carriers_word(message: Waiting) -> str:
    """What the carrier took the message for, and has answered; empty where it took it for text."""
    return str((message.structured or {}).get("opt_out_type", ""))


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
    first: dict[str, Any] = {}
    if answer and answer.tool_calls:
        first["tool_calls"] = [_kept(call) for call in answer.tool_calls]
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
            structured=({**structured, **first} if number == 0 else structured) or None,
        )
        for number, part in enumerate(split(text, capabilities.text_limit))
    ]


def _kept(call: ToolCall) -> dict[str, Any]:
    return {
        "name": call.name,
        "arguments": _cut(call.arguments),
        "result": _cut(call.result),
    }


def _cut(value: Any) -> Any:
    """The value as it is kept with the message: without NUL, and as text where it is long."""
    text = orjson.dumps(value, default=str)
    if len(text) <= MOST_TOLD and b"\\u0000" not in text:
        return orjson.loads(text)
    shown = value if isinstance(value, str) else text.decode()
    shown = shown.replace("\x00", "").replace("\\u0000", "")
    return shown.encode()[:MOST_TOLD].decode(errors="ignore")
