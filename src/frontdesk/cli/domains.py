"""`frontdesk domains`: the tenants of this installation, their settings and their metadata."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli.acting import Data, Domain, act, act_for_all
from frontdesk.cli.output import Json, say, show
from frontdesk.kernel.errors import Invalid

if TYPE_CHECKING:
    from uuid import UUID

    from frontdesk.app.wiring import App

app = typer.Typer(help="Domains: the tenants of this installation.", no_args_is_help=True)
metadata = typer.Typer(
    help="A domain's technical_json: its numbers and credentials.", no_args_is_help=True
)
app.add_typer(metadata, name="metadata")


@app.command("list")
def list_(data: Data = None, json: Json = False) -> None:
    """List all domains.

    Example: frontdesk domains list --json
    """

    async def action(app: "App") -> list[Any]:
        return list(await app.domains.all())

    columns = ("name", "display_name", "default_assistant_id", "created_at")
    show(json, act_for_all(data, action), columns, "There is no domain yet.")


@app.command()
def add(
    name: str,
    display_name: Annotated[str, typer.Option(help="As customers read it.")] = "",
    owner: Annotated[str | None, typer.Option(help="E-mail of the first owner.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make a domain, with its first owner if one is named.

    Example: frontdesk domains add bakery --display-name "The Bakery" --owner ana@example.com
    """

    async def action(app: "App") -> Any:
        domain = await app.domains.create(name, display_name, None)
        if owner is not None:
            await app.domains.add_person(domain.domain_id, owner, "", "owner")
        return domain

    say(json, act_for_all(data, action), f"Made the domain {name}.")


@app.command("show")
def show_(domain: Domain = "default", data: Data = None, json: Json = False) -> None:
    """Show a domain and its settings.

    Example: frontdesk domains show --domain bakery
    """

    async def action(app: "App", domain_id: "UUID") -> Any:
        return await app.domains.get(domain_id)

    found = act(data, domain, action)
    lines = [
        f"name               {found.name}",
        f"display name       {found.display_name}",
        f"default assistant  {found.default_assistant_id or '–'}",
        *(f"{key:18} {value}" for key, value in sorted(found.settings.items())),
    ]
    say(json, found, "\n".join(lines))


@app.command("set")
def set_(
    display_name: Annotated[str | None, typer.Option(help="As customers read it.")] = None,
    default_assistant: Annotated[
        str | None, typer.Option(help="Who answers new conversations.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(help="name=value, the value as JSON or text; name= removes it. Repeatable."),
    ] = None,
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Change a domain.

    Example: frontdesk domains set --default-assistant python-expert
    --setting "fallback_text=We will be right back."
    """
    settings = dict(_pair(text) for text in setting or [])

    async def action(app: "App", domain_id: "UUID") -> Any:
        if default_assistant is not None:
            await app.assistants.get(domain_id, default_assistant)
        return await app.domains.update(
            domain_id,
            display_name=display_name,
            default_assistant_id=default_assistant,
            settings=settings,
        )

    say(json, act(data, domain, action), f"Changed the domain {domain}.")


@metadata.command("get")
def get_metadata(domain: Domain = "default", data: Data = None) -> None:
    """Print the metadata as JSON, with secrets masked.

    Example: frontdesk domains metadata get --domain bakery > bakery.json
    """

    async def action(app: "App", domain_id: "UUID") -> dict[str, Any]:
        return await app.channels.metadata(domain_id)

    import json

    typer.echo(json.dumps(act(data, domain, action), indent=2, ensure_ascii=False))


@metadata.command("put")
def put_metadata(
    file: Annotated[Path, typer.Argument(help="A file of JSON, or - for standard input.")],
    domain: Domain = "default",
    data: Data = None,
    json: Json = False,
) -> None:
    """Replace the metadata, and make the channels that it names.

    A secret that is still masked keeps its value. The file is where secrets belong: what stands
    in a command line is seen by every user of the machine.

    Example: frontdesk domains metadata put bakery.json --domain bakery
    """
    technical = _read(file)

    async def action(app: "App", domain_id: "UUID") -> dict[str, Any]:
        return await app.channels.save_metadata(domain_id, technical)

    saved = act(data, domain, action)
    say(json, saved, f"Saved {len(saved)} keys for {domain}.")


def _pair(text: str) -> tuple[str, Any]:
    import json

    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"{text!r} is no setting; write name=value")
    if not value:
        return name, None
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _read(file: Path) -> dict[str, Any]:
    import json

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        value = json.loads(text)
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Invalid(f"{file} is not JSON: {error}") from error
    technical = value.get("technical_json", value) if isinstance(value, dict) else value
    if not isinstance(technical, dict):
        raise Invalid(f"{file} holds no JSON object")
    return technical
