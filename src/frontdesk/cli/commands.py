"""`frontdesk` and its commands. Each imports what it needs when it runs, so that help is quick."""

import sys

import typer

from frontdesk import __version__
from frontdesk.cli import (
    assistants,
    campaigns,
    channels,
    doctor,
    domains,
    exits,
    knowledge,
    messages,
    openapi,
    outreach,
    people,
    sandbox,
    serve,
    up,
)
from frontdesk.kernel.errors import FrontdeskError

app = typer.Typer(
    name="frontdesk",
    help=(
        "The self-hosted front desk of a business.\n\n"
        "`frontdesk up` starts everything on this machine; try it first.\n\n"
        "Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 unavailable (try again later)."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(up.up)
app.command()(serve.web)
app.command()(serve.worker)
app.command()(serve.migrate)
app.command()(doctor.doctor)
app.command()(sandbox.sandbox)
app.command()(sandbox.simulate)
app.command()(messages.send)
app.command()(outreach.start)
app.command()(messages.replay)
app.command()(openapi.openapi)
app.add_typer(campaigns.app, name="campaign")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(domains.app, name="domains")
app.add_typer(channels.app, name="channels")
app.add_typer(assistants.app, name="assistants")
app.add_typer(people.people, name="people")
app.add_typer(people.tokens, name="tokens")


def run() -> None:
    """Runs the command named by the arguments; an error that has a text is shown as that text."""
    try:
        app()
    except FrontdeskError as error:
        exits.complain(error.detail)
        sys.exit(exits.code_of(error))


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"frontdesk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass
