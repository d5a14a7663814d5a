"""Language models, by pydantic-ai.

Imported only when a model is called: the libraries take about 100 MB and seconds to load, which a
Frontdesk that runs on built-in assistants does without.
"""

import json
from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx2
from pydantic import Field
from pydantic_ai import (
    Agent,
    ModelRetry,
    PartDeltaEvent,
    PartStartEvent,
    RunContext,
    ToolOutput,
)
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelRequestTimeout,
    ModelTimeoutError,
    RunTimedOut,
    UserError,
)
from pydantic_ai.messages import (
    AgentStreamEvent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import Provider, infer_provider_class
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits

from frontdesk.assistants import environment
from frontdesk.assistants.instructions import compose
from frontdesk.assistants.model import Answer, Assistant, ToolCall, Turn, Usage, recent
from frontdesk.assistants.phrases import phrases
from frontdesk.assistants.retrying import AttemptFailed
from frontdesk.assistants.templates import TOOL, chosen
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.thinking import ThinkingFilter, separate_thinking
from frontdesk.web.egress import Blocked, EgressFailed

MOST_REQUESTS = 3
"""One answer, and two corrections of a malformed tool call."""
LONGEST_DETAIL = 200
NO_KEY = "no-key"

Emit = Callable[[str], Awaitable[None]]


@dataclass
class HandOff:
    """Hands the conversation to a person of the business."""

    reason: Annotated[str, Field(description="For the person who takes over: what is needed")]
    message: Annotated[
        str, Field(description="What the customer reads now, in the customer's language")
    ] = ""


HAND_OFF = ToolOutput(
    HandOff,
    name="hand_off_to_person",
    description="Hand the conversation over to a person of the business, who will answer here.",
)


@dataclass
class SendTemplate:
    """Answers with a ready-made message in place of a text."""

    name: Annotated[str, Field(description="As it is listed, such as order_update:es")]
    variables: Annotated[
        dict[str, str], Field(description="A text for each of its variables, by name")
    ] = field(default_factory=dict[str, str])


SEND_TEMPLATE = ToolOutput(
    SendTemplate,
    name=TOOL,
    description="Answer with one of the ready-made messages that are listed, and nothing else.",
)
Output = str | HandOff | SendTemplate


def build(assistant: Assistant, key: str | None, http: httpx2.AsyncClient) -> Model:
    """The library's model for an assistant. Raises AttemptFailed when it cannot be made.

    A server that the domain names gets the domain's key or none, never the environment's: that
    one belongs to whoever runs Frontdesk.
    """
    kind = assistant.kind
    base_url = assistant.base_url or environment.base_url(kind)
    if assistant.base_url is None:
        key = key or environment.key(kind)
    if base_url and kind == "openai":
        # Servers that are compatible with OpenAI's speak chat completions, few the newer wire.
        kind = "openai-chat"
    try:
        return infer_model(
            f"{kind}:{assistant.model_name}", lambda name: _provider(name, key, base_url, http)
        )
    except (UserError, ImportError, ValueError, TypeError) as error:
        raise AttemptFailed(
            f"the model {assistant.model!r} cannot be used: {_scrubbed(error, key)}", retry=False
        ) from error


def _provider(
    name: str, key: str | None, base_url: str | None, http: httpx2.AsyncClient
) -> Provider[Any]:
    options: dict[str, Any] = {"http_client": http}
    if key or base_url:
        options["api_key"] = key or NO_KEY
    if base_url:
        options["base_url"] = base_url
    return infer_provider_class(name)(**options)


async def answer(
    assistant: Assistant,
    key: str | None,
    turn: Turn,
    http: httpx2.AsyncClient,
    seconds: float,
    emit: Emit | None = None,
) -> Answer:
    """One attempt at an answer; with `emit`, visible text is handed over as it comes.

    Raises AttemptFailed.
    """
    agent = _agent(assistant, key, turn, http)
    streamed = _Streamed(emit)
    try:
        result = await agent.run(
            turn.text,
            message_history=_history(assistant, turn),
            model_settings=_settings(assistant, seconds),
            usage_limits=UsageLimits(request_limit=MOST_REQUESTS),
            event_stream_handler=streamed.handle if emit else None,
            timeout=seconds,
        )
    except (AgentRunError, UserError, EgressFailed, Blocked, httpx2.HTTPError) as error:
        raise _judged(error, assistant, key) from error
    output = result.output
    text, thinking, reason = _read(output, result.new_messages(), turn, assistant)
    template = None
    if isinstance(output, SendTemplate):
        template = chosen(output.name, output.variables, turn, assistant)
        text = template.rendered.text
    text = await streamed.finish(text)
    if not text:
        raise AttemptFailed(f"{assistant.model} answered without any text", retry=True)
    return Answer(
        text,
        thinking=thinking,
        hand_off=reason is not None,
        hand_off_reason=reason,
        usage=Usage(result.usage.input_tokens, result.usage.output_tokens),
        tool_calls=_tool_calls(result.new_messages()),
        template=template,
        metadata={"model": assistant.model},
    )


def _agent(
    assistant: Assistant, key: str | None, turn: Turn, http: httpx2.AsyncClient
) -> Agent[object, Output]:
    agent: Agent[object, Output] = Agent(
        build(assistant, key, http),
        output_type=[str, HAND_OFF, SEND_TEMPLATE] if turn.templates else [str, HAND_OFF],
        instructions=compose(assistant, turn),
        retries=1,
        name=assistant.assistant_id,
    )

    def check(output: Output) -> Output:
        if isinstance(output, SendTemplate):
            try:
                chosen(output.name, output.variables, turn, assistant)
            except Unprocessable as error:
                raise ModelRetry(error.detail) from error
        return output

    agent.output_validator(check)
    return agent


def _settings(assistant: Assistant, seconds: float) -> ModelSettings:
    return ModelSettings(
        max_tokens=assistant.options.max_output_tokens,
        timeout=seconds,
        max_retries=0,  # counted and timed by `attempts`
    )


class _Streamed:
    """Passes visible text on as it comes, and keeps it to compare with the whole at the end."""

    def __init__(self, emit: Emit | None) -> None:
        self._emit = emit
        self._visible = ""
        self._filter = ThinkingFilter()

    async def handle(
        self, context: RunContext[object], events: AsyncIterable[AgentStreamEvent]
    ) -> None:
        del context
        async for event in events:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                if self._visible:
                    await self._pass("\n\n")
                await self._pass(self._filter.feed(event.part.content)[0])
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                await self._pass(self._filter.feed(event.delta.content_delta)[0])

    async def finish(self, whole: str) -> str:
        """Passes on what is missing, and returns the text that was passed on in all."""
        if self._emit is None:
            return whole
        await self._pass(self._filter.close()[0])
        if whole.startswith(self._visible):
            await self._pass(whole[len(self._visible) :])
        return self._visible.strip()

    async def _pass(self, text: str) -> None:
        # White space before the first word is not worth a chunk, and the whole has none.
        text = text if self._visible else text.lstrip()
        if text and self._emit is not None:
            self._visible += text
            await self._emit(text)


def _history(assistant: Assistant, turn: Turn) -> list[ModelMessage]:
    return [
        ModelRequest(parts=[UserPromptPart(content=item.text)])
        if item.role == "user"
        else ModelResponse(parts=[TextPart(content=item.text)])
        for item in recent(turn.history, assistant.options)
    ]


def _read(
    output: Output, messages: list[ModelMessage], turn: Turn, assistant: Assistant
) -> tuple[str, str | None, str | None]:
    """The visible text, the thinking, and the reason for a hand-over if there is one."""
    texts: list[str] = []
    thoughts: list[str] = []
    responses = [message for message in messages if isinstance(message, ModelResponse)]
    for part in (part for response in responses for part in response.parts):
        if isinstance(part, ThinkingPart):
            thoughts.append(part.content)
        elif isinstance(part, TextPart):
            visible, thinking = separate_thinking(part.content)
            texts.append(visible.strip())
            thoughts.append(thinking or "")
    reason: str | None = None
    if isinstance(output, HandOff):
        reason = output.reason.strip()[:500] or "the assistant asked for a person"
        if output.message.strip() not in texts:
            texts.append(output.message.strip())
        if not any(texts):
            texts.append(phrases(turn.language or assistant.language).person)
    thinking = "\n\n".join(filter(None, map(str.strip, thoughts)))
    return "\n\n".join(filter(None, texts)), thinking or None, reason


def _tool_calls(messages: list[ModelMessage]) -> list[ToolCall]:
    """What the model called, in order, each with what it got back."""
    returned = {
        part.tool_call_id: part.content
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    }
    return [
        ToolCall(part.tool_name, _arguments(part), returned.get(part.tool_call_id))
        for message in messages
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]


def _arguments(part: ToolCallPart) -> Any:
    """As JSON, or as the model wrote them where they are none."""
    if not isinstance(part.args, str):
        return part.args
    try:
        return json.loads(part.args)
    except ValueError:
        return part.args


def _judged(error: Exception, assistant: Assistant, key: str | None) -> AttemptFailed:
    """What an error of the library means for people, and whether another attempt may do."""
    model = assistant.model
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Blocked | EgressFailed):
            return AttemptFailed(f"{model}: {cause.detail}", retry=False)
        cause = cause.__cause__ or cause.__context__
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    after = error.retry_after if isinstance(error, ModelAPIError) else None
    if isinstance(error, ModelAuthenticationError) or status in (401, 403):
        return AttemptFailed(f"the server of {model} refused the API key", retry=False)
    if isinstance(error, RunTimedOut | ModelTimeoutError | ModelRequestTimeout):
        return AttemptFailed(
            f"{model} did not answer within {assistant.options.timeout_seconds:g} s", retry=True
        )
    if status == 429:
        return AttemptFailed(
            f"the server of {model} is limiting requests", retry=True, retry_after=after
        )
    if isinstance(error, ModelNotFoundError) or status == 404:
        return AttemptFailed(f"the server does not know the model {model!r}", retry=False)
    if status is not None and (status >= 500 or status in (408, 409, 425)):
        return AttemptFailed(
            f"the server of {model} failed (status {status})", retry=True, retry_after=after
        )
    if status is not None:
        return AttemptFailed(
            f"the server of {model} refused the request (status {status}: "
            f"{_scrubbed(_provider_text(error), key)})",
            retry=False,
        )
    if isinstance(error, ModelConnectionError | httpx2.HTTPError):
        return AttemptFailed(f"the server of {model} cannot be reached", retry=True)
    return AttemptFailed(f"{model} answered with something that is no answer", retry=True)


def _provider_text(error: Exception) -> object:
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        return body.get("message") or body.get("detail") or "no reason given"
    return body or "no reason given"


def _scrubbed(text: object, key: str | None) -> str:
    """Text of others, short and without the key."""
    shown = " ".join(str(text).split())
    return (shown.replace(key, "•••") if key else shown)[:LONGEST_DETAIL]
