"""Assistants as values: what one is, what it is asked, what it answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from frontdesk.assistants.languages import LANGUAGES
from frontdesk.channels.templates_model import Rendered, Template
from frontdesk.kernel.errors import Unavailable, Unprocessable

BUILTINS = ("knowledge", "echo")

KEY_VARIABLES: Mapping[str, str | None] = {
    "openai": "OPENAI_API_KEY",
    "openai-chat": "OPENAI_API_KEY",
    "openai-responses": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "together": "TOGETHER_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "cerebras": "CEREBRAS_API_KEY",
    "moonshotai": "MOONSHOTAI_API_KEY",
    "nebius": "NEBIUS_API_KEY",
    "ovhcloud": "OVHCLOUD_API_KEY",
    "sambanova": "SAMBANOVA_API_KEY",
    "ollama": None,
    "vllm": None,
}
"""Each provider, and the environment variable its key is read from when the assistant has none.

Those with None run on a server of one's own: they need a base URL, and a key only if it asks.
"""

BASE_URL_PROVIDERS = frozenset(
    ("openai", "openai-chat", "openai-responses", "anthropic", "moonshotai", "sambanova")
) | {provider for provider, variable in KEY_VARIABLES.items() if variable is None}
"""Those whose server can be another one."""

MODEL_CHOICES = (
    "use builtin:knowledge, builtin:echo, remote:<URL>, or <provider>:<name> with provider one of "
    f"{', '.join(sorted(KEY_VARIABLES))} (any OpenAI-compatible server: openai:<name> and base_url)"
)

ASSISTANT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
MODEL_NAME = re.compile(r"[A-Za-z0-9][\w./:@+-]{0,199}", re.ASCII)

MODEL_PAUSE_SECONDS = 0.6
MAX_NAME = 100
MAX_DESCRIPTION = 1_000
MAX_INSTRUCTIONS = 20_000

OPTION_RANGES: Mapping[str, tuple[float, float]] = {
    "timeout_seconds": (1, 300),
    "retries": (0, 5),
    "max_output_tokens": (16, 32_000),
    "max_history_messages": (0, 200),
    "max_history_chars": (0, 400_000),
    "pause_seconds": (0, 10),
}


class AssistantFailed(Unavailable):
    """The assistant could not answer, after its retries. `detail` is written for people."""


@dataclass(frozen=True)
class Options:
    """How an assistant runs. `timeout_seconds` is one attempt's; all of them share twice that."""

    timeout_seconds: float = 30
    retries: int = 2
    max_output_tokens: int = 1024
    max_history_messages: int = 40
    max_history_chars: int = 24_000
    pause_seconds: float | None = None
    """How long a turn waits for more messages; None is the model's own default."""
    documents: tuple[str, ...] = ()
    """Document names (`*` matches anything) that builtin:knowledge reads; none means all."""

    def stored(self) -> dict[str, Any]:
        """The options that differ from the defaults, as JSON."""
        return {
            each.name: list(self.documents) if each.name == "documents" else value
            for each in fields(self)
            if (value := getattr(self, each.name)) != each.default
        }


@dataclass(frozen=True)
class Assistant:
    """An AI agent of a domain."""

    domain_id: UUID
    assistant_id: str
    name: str
    model: str
    description: str = ""
    instructions: str = ""
    language: str = "en"
    base_url: str | None = None
    sealed_key: bytes | None = field(default=None, repr=False)
    options: Options = field(default_factory=Options)
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def has_key(self) -> bool:
        return self.sealed_key is not None

    @property
    def kind(self) -> str:
        """`builtin`, `remote`, or the model's provider."""
        return self.model.partition(":")[0]

    @property
    def is_model(self) -> bool:
        """Whether a language model answers, and counts tokens."""
        return self.kind not in ("builtin", "remote")

    @property
    def model_name(self) -> str:
        """What stands after the first colon: a built-in, a URL, or the provider's model."""
        return self.model.partition(":")[2]

    @property
    def pause_seconds(self) -> float:
        if self.options.pause_seconds is not None:
            return self.options.pause_seconds
        return 0.0 if self.kind == "builtin" else MODEL_PAUSE_SECONDS


@dataclass(frozen=True)
class Document:
    """A text that builtin:knowledge answers from."""

    document_id: UUID
    name: str
    size: int
    passages: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One earlier message. `human` is a person of the business, answering in its name."""

    role: Literal["user", "assistant", "human"]
    text: str


@dataclass(frozen=True)
class Turn:
    """What an assistant is asked: the messages that wait, and what came before them."""

    texts: list[str]
    history: list[HistoryItem] = field(default_factory=list[HistoryItem])
    language: str | None = None
    """The customer's, when it is known or was set."""
    contact_name: str | None = None
    contact_address: str | None = None
    session_id: str = ""
    user_email: str = ""
    trace_id: str = ""
    source: str = "api"
    instruction: str | None = None
    """What the business wrote to the customer for, when it began the conversation."""
    opening: bool = False
    """Whether the business asks, for a first message, and no customer has written."""
    templates: Sequence[Template] = ()
    """What a model may answer with in place of a text of its own."""

    @property
    def text(self) -> str:
        return "\n".join(text for text in self.texts if text.strip())


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a model counted."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer was found."""

    document: str
    heading: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that a model used on its way to an answer, for people who look into it."""

    name: str
    arguments: Any
    result: Any = None


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """A template that a model answers with."""

    template: Template
    variables: Mapping[str, str]
    rendered: Rendered


@dataclass(frozen=True)
class Answer:
    """What an assistant says. `hand_off` asks for the conversation to go to people."""

    text: str
    thinking: str | None = None
    hand_off: bool = False
    hand_off_reason: str | None = None
    usage: Usage = field(default_factory=Usage)
    sources: list[Citation] = field(default_factory=list[Citation])
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    template: ChosenTemplate | None = None
    """Then `text` is what the customer reads of it."""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


def recent(history: Sequence[HistoryItem], options: Options) -> list[HistoryItem]:
    """The newest messages that fit the assistant's window, whole, beginning with a customer's."""
    kept: list[HistoryItem] = []
    room = options.max_history_chars
    newest = history[-options.max_history_messages :] if options.max_history_messages else []
    for item in reversed(newest):
        room -= len(item.text)
        if room < 0:
            break
        kept.append(item)
    kept.reverse()
    while kept and kept[0].role != "user":
        kept.pop(0)
    return [item for item in kept if item.text.strip()]


def check_assistant_id(value: str) -> str:
    if not ASSISTANT_ID.fullmatch(value):
        raise Unprocessable(
            f"assistant_id is {value!r}; use 1 to 64 lower-case letters, digits and hyphens, "
            "starting with a letter or digit"
        )
    return value


def check_text(name: str, value: str, most: int, *, least: int = 0) -> str:
    text = value.replace("\x00", "").strip()
    if not least <= len(text) <= most:
        raise Unprocessable(f"{name} has {len(text)} characters; use {least} to {most}")
    return text


def check_language(value: str) -> str:
    code = value.strip().lower().partition("-")[0]
    if code not in LANGUAGES:
        raise Unprocessable(
            f"language is {value!r}; use a two-letter ISO 639-1 code such as en, de, es, fr, pt"
        )
    return code


def check_model(value: str) -> str:
    """Checks a model's form, not whether it can run. A remote URL is checked by the service."""
    model = value.strip()
    kind, colon, name = model.partition(":")
    known = (
        (kind == "builtin" and name in BUILTINS)
        or (kind == "remote" and name.startswith(("http://", "https://")) and len(name) <= 2_000)
        or (kind in KEY_VARIABLES and MODEL_NAME.fullmatch(name))
    )
    if not colon or not known:
        raise Unprocessable(f"model is {value[:200]!r}; {MODEL_CHOICES}")
    return model


def check_options(values: Mapping[str, Any]) -> Options:
    """Reads options. Raises Unprocessable naming the option, its value and the range."""
    accepted: dict[str, Any] = {}
    for name, value in values.items():
        if name == "documents":
            accepted[name] = _patterns(value)
        elif name not in OPTION_RANGES:
            raise Unprocessable(
                f"options has {name!r}; use {', '.join((*OPTION_RANGES, 'documents'))}"
            )
        elif value is not None or name != "pause_seconds":
            accepted[name] = _number(name, value)
    return Options(**accepted)


def _number(name: str, value: Any) -> float:
    least, most = OPTION_RANGES[name]
    whole = not name.endswith("_seconds")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise Unprocessable(f"options.{name} is {value!r}; use {kind} from {least:g} to {most:g}")
    return int(value) if whole else float(value)


def _patterns(value: Any) -> tuple[str, ...]:
    listed: list[Any] = list(value) if isinstance(value, list | tuple) else [None]
    if len(listed) > 50 or not all(map(_is_name, listed)):
        raise Unprocessable("options.documents must be a list of at most 50 document names")
    return tuple(listed)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200
