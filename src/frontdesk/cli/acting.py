"""How a command that does one thing reaches the installation: open, act in a domain, close."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from uuid import UUID

    from frontdesk.app.wiring import App
    from frontdesk.settings import Settings

T = TypeVar("T")

Domain = Annotated[str, typer.Option(help="The domain's name.")]
Data = Annotated[
    Path | None, typer.Option(help="The data directory; else FRONTDESK_DATA, else ./data.")
]


def act(
    data: Path | None,
    domain: str,
    action: "Callable[[App, UUID], Awaitable[T]]",
    port: int | None = None,
) -> T:
    """Runs the action in the named domain. The database is prepared if it was not yet."""

    async def within(app: "App") -> T:
        return await action(app, (await app.domains.by_name(domain)).domain_id)

    return act_for_all(data, within, port)


def act_for_all(
    data: Path | None, action: "Callable[[App], Awaitable[T]]", port: int | None = None
) -> T:
    """`act` for what concerns the whole installation."""
    from frontdesk.cli import logs, node

    settings = node.settings_of(data, port)
    logs.configure("command", debug=settings.debug, quiet=True)
    with node.database(settings) as (dsn, _):
        from frontdesk.cli import loop

        return loop.run(_act(settings, dsn, action))


async def _act(settings: "Settings", dsn: str, action: "Callable[[App], Awaitable[T]]") -> T:
    from frontdesk.app.wiring import prepare, running
    from frontdesk.db.migrate import pending

    if await pending(dsn):
        token = await prepare(settings, dsn)
        if token is not None:
            typer.echo(f"The owner's token, shown this once:\n  {token}", err=True)
    async with running(settings, dsn, pool_size=2, application="frontdesk command") as app:
        return await action(app)
