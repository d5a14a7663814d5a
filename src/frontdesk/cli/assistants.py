"""`frontdesk assistants`: who answers."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli.acting import Data, Domain, act
from frontdesk.cli.output import Json, say, show
from frontdesk.kernel.errors import Invalid

if TYPE_CHECKING:
    from uuid import UUID

    from frontdesk.app.wiring import App

app = typer.Typer(help="Assistants: who answers.", no_args_is_help=True)

KEY_VARIABLE = "FRONTDESK_ASSISTANT_KEY"
"""Holds a model's key for `--api-key` in scripts: an argument would be seen by all users."""

Name = Annotated[str | None, typer.Option(help="As customers read it in /list.")]
Model = Annotated[
    str | None,
    typer.Option(help="builtin:knowledge, openai:<name>, anthropic:<name>, remote:<URL>, …"),
]
Description = Annotated[str | None, typer.Option(help="One sentence, for /list.")]
Instructions = Annotated[
    Path | None, typer.Option(help="A file with the instructions, or - for standard input.")
]
Language = Annotated[str | None, typer.Option(help="Two letters: en, de, es, …")]
BaseUrl = Annotated[str | None, typer.Option(help="Another server that speaks the provider's API.")]
Option = Annotated[
    list[str] | None,
    typer.Option(help="name=value, such as timeout_seconds=60; name= resets it. Repeatable."),
]
ApiKey = Annotated[
    bool | None,
    typer.Option(
        help=f"Ask for the model's key (or take it from {KEY_VARIABLE}); --no-api-key forgets it."
    ),
]


@app.command("list")
def list_(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """List a domain's assistants, the default first.

    Example: frontdesk assistants list
    """

    async def action(app: "App", domain_id: "UUID") -> list[Any]:
        return [_public(each) for each in await app.assistants.all_of(domain_id)]

    columns = ("assistant_id", "name", "model", "language", "has_key")
    show(json, act(data, domain, action), columns, "The domain has no assistant.")


@app.command()
def add(
    assistant_id: str,
    model: Annotated[str, typer.Option(help="builtin:knowledge, openai:<name>, remote:<URL>, …")],
    name: Name = None,
    description: Description = None,
    instructions: Instructions = None,
    language: Language = None,
    base_url: BaseUrl = None,
    option: Option = None,
    api_key: ApiKey = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Make an assistant.

    Example: frontdesk assistants add sales --model openai:gpt-4.1-mini --name Sales
    --instructions sales.md --api-key
    """
    values = _values(
        model, name or assistant_id, description, instructions, language, base_url, option, api_key
    )

    async def action(app: "App", domain_id: "UUID") -> Any:
        return _public(await app.assistants.create(domain_id, assistant_id, values))

    say(json, act(data, domain, action), f"Made the assistant {assistant_id}.")


@app.command("set")
def set_(
    assistant_id: str,
    model: Model = None,
    name: Name = None,
    description: Description = None,
    instructions: Instructions = None,
    language: Language = None,
    base_url: BaseUrl = None,
    option: Option = None,
    api_key: ApiKey = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Change an assistant: what is given, and nothing else.

    Example: frontdesk assistants set sales --language de --option timeout_seconds=60
    """
    values = _values(model, name, description, instructions, language, base_url, option, api_key)
    if not values:
        raise typer.BadParameter("say what to change; see --help")

    async def action(app: "App", domain_id: "UUID") -> Any:
        return _public(await app.assistants.change(domain_id, assistant_id, values))

    say(json, act(data, domain, action), f"Changed the assistant {assistant_id}.")


@app.command()
def remove(
    assistant_id: str, domain: Domain = "default", data: Data = None, json: Json = False
) -> None:
    """Remove an assistant; its conversations go to the default.

    Example: frontdesk assistants remove sales
    """

    async def action(app: "App", domain_id: "UUID") -> None:
        await app.assistants.delete(domain_id, assistant_id)

    act(data, domain, action)
    say(json, {"removed": assistant_id}, f"Removed the assistant {assistant_id}.")


def _public(assistant: Any) -> dict[str, Any]:
    return {
        "assistant_id": assistant.assistant_id,
        "name": assistant.name,
        "description": assistant.description,
        "model": assistant.model,
        "instructions": assistant.instructions,
        "language": assistant.language,
        "base_url": assistant.base_url,
        "has_key": assistant.has_key,
        "options": assistant.options.stored(),
    }


def _values(
    model: str | None,
    name: str | None,
    description: str | None,
    instructions: Path | None,
    language: str | None,
    base_url: str | None,
    option: list[str] | None,
    api_key: bool | None,
) -> dict[str, Any]:
    """What was given, as the service takes it."""
    given: dict[str, Any] = {
        "model": model,
        "name": name,
        "description": description,
        "instructions": None if instructions is None else _read(instructions),
        "language": language,
        "base_url": base_url,
        "options": dict(_option(text) for text in option) if option else None,
    }
    values = {key: value for key, value in given.items() if value is not None}
    if api_key is not None:
        values["api_key"] = _ask_key() if api_key else None
    return values


def _option(text: str) -> tuple[str, Any]:
    import json

    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is no option; write name=value")
    if name == "documents":
        return name, [pattern for pattern in value.split(",") if pattern] or None
    try:
        return name, json.loads(value) if value else None
    except ValueError as error:
        raise typer.BadParameter(f"{name} is {value!r}; use a number") from error


def _ask_key() -> str:
    key = os.environ.get(KEY_VARIABLE)
    if key is None:
        if sys.stdin.isatty():
            key = str(typer.prompt("The model's key", hide_input=True, err=True))
        else:
            key = sys.stdin.readline()
    if not key.strip():
        raise Invalid(f"no key was given: set {KEY_VARIABLE}, or write it to standard input")
    return key.strip()


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
