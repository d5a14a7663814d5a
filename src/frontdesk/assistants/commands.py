"""Commands that customers write: reading them, and what they are answered.

Pure: an effect is returned, and whoever holds the conversation applies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from frontdesk.assistants.languages import LANGUAGES
from frontdesk.assistants.model import Assistant

Name = Literal["list", "switch", "current", "help", "human", "reset", "language"]
NAMES: tuple[Name, ...] = get_args(Name)

HELP_LINES = (
    "/list - show the available assistants",
    "/switch <id> - talk to another assistant",
    "/current - show who is answering",
    "/human - talk to a person",
    "/reset - start afresh",
    "/language <code> - choose the language, for example /language es",
    "/help - show these commands",
)
SHOWN = 80


@dataclass(frozen=True, slots=True)
class Command:
    """What was written. `name` is None when it starts with `/` and is no command."""

    name: Name | None
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """The conversation goes to this assistant."""

    assistant_id: str


@dataclass(frozen=True, slots=True)
class HandOff:
    """The conversation goes to people."""

    reason: str = "the customer asked for a person (/human)"


@dataclass(frozen=True, slots=True)
class Reset:
    """The assistant no longer sees what came before."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Answers are to be in this language, an ISO 639-1 code."""

    code: str


Effect: TypeAlias = Switch | HandOff | Reset | SetLanguage


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer reads, and what is to happen."""

    text: str
    effect: Effect | None = None


def parse(text: str) -> Command | None:
    """Reads a command; None when the text is not meant as one, for want of a leading `/`."""
    stripped = text.strip()
    if not stripped.startswith("/"):
        return None
    word, *rest = stripped[1:].split(maxsplit=1)[:2] or [""]
    # Groups and other messengers write /help@name.
    known = word.casefold().partition("@")[0]
    argument = rest[0].strip() if rest else ""
    if stripped[1:2].isspace():
        return Command(None, argument)
    return Command(next((name for name in NAMES if name == known), None), argument)


def respond(
    command: Command, *, display_name: str, assistants: Sequence[Assistant], current: Assistant
) -> Reply:
    """Answers a command. `display_name` is the domain's, `assistants` are all of its."""
    match command.name:
        case "list":
            return Reply(list_text(assistants))
        case "switch":
            return switch(command.argument, assistants)
        case "current":
            return Reply(current_text(current))
        case "human":
            return Reply("🙋 I am getting a person for you. They will answer here.", HandOff())
        case "reset":
            return Reply("🔄 Fresh start: what was said before is put aside.", Reset())
        case "language":
            return language(command.argument)
        case _:
            return Reply(help_text(display_name))


def list_text(assistants: Sequence[Assistant]) -> str:
    lines = [f"• {each.name} ({each.assistant_id})" for each in assistants]
    return "\n".join(["📋 Available Assistants:", *lines])


def switched_text(assistant: Assistant) -> str:
    return f"✅ Switched to assistant: {assistant.name} ({assistant.assistant_id})"


def current_text(assistant: Assistant) -> str:
    lines = [f"🤖 Current assistant: {assistant.name} ({assistant.assistant_id})"]
    if assistant.description:
        lines.append(assistant.description)
    return "\n".join(lines)


def help_text(display_name: str) -> str:
    return "\n".join([f"🤖 WhatsApp {display_name} Commands:", *HELP_LINES])


def switch(argument: str, assistants: Sequence[Assistant]) -> Reply:
    """Finds an assistant by its id, or by its name as people read it in the list."""
    if not argument:
        return Reply("Usage: /switch <assistant id>, for example:\n" + _example(assistants))
    wanted = " ".join(argument.casefold().split())
    for each in assistants:
        if each.assistant_id == wanted:
            return Reply(switched_text(each), Switch(each.assistant_id))
    named = [each for each in assistants if each.name.casefold() == wanted]
    if len(named) == 1:
        return Reply(switched_text(named[0]), Switch(named[0].assistant_id))
    shown = argument if len(argument) <= SHOWN else argument[: SHOWN - 1] + "…"
    return Reply(f"❌ Assistant not found: {shown}\n{list_text(assistants)}")


def _example(assistants: Sequence[Assistant]) -> str:
    known = assistants[-1].assistant_id if assistants else "python-expert"
    return f"/switch {known}\nWrite /list to see them all."


def language(argument: str) -> Reply:
    """Takes a code (`es`, `pt-BR`) or an English name (`Spanish`)."""
    usage = "Usage: /language <code>, for example /language en, /language es or /language de"
    if not argument:
        return Reply(usage)
    wanted = argument.casefold()
    code = wanted.replace("_", "-").partition("-")[0]
    if code not in LANGUAGES:
        code = next((each for each, name in LANGUAGES.items() if name.casefold() == wanted), "")
    if not code:
        shown = argument if len(argument) <= SHOWN else argument[: SHOWN - 1] + "…"
        return Reply(f"❌ Unknown language: {shown}\n{usage}")
    return Reply(f"✅ Language: {LANGUAGES[code]} ({code})", SetLanguage(code))
