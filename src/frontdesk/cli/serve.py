"""`web`, `worker` and `migrate`: the processes of a node, each until it is told to stop."""

import asyncio
import errno
import json
import os
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli import exits

if TYPE_CHECKING:
    from frontdesk.app.wiring import App
    from frontdesk.db.embedded import Server
    from frontdesk.settings import Settings

GREETING_FILE = "FRONTDESK_GREETING_FILE"
"""Names the file through which the web child of `up` tells its parent what to print."""
GRACE_SECONDS = 10
"""How long a stopping web process waits for the requests it is answering."""

Data = Annotated[
    Path | None, typer.Option(help="The data directory; else FRONTDESK_DATA, else ./data.")
]
Host = Annotated[
    str,
    typer.Option(
        help="The address to listen on; 0.0.0.0 is every interface.", envvar="FRONTDESK_HOST"
    ),
]


def web(
    port: Annotated[
        int | None, typer.Option(help="The port; else FRONTDESK_PORT, else 1956.", min=1, max=65535)
    ] = None,
    host: Host = "127.0.0.1",
    data: Data = None,
) -> None:
    """Serve webhooks, the API and the pages, until SIGTERM.

    Any number of web and worker processes on any machines may share one database
    (FRONTDESK_DATABASE_URL). Schema changes run by themselves at the start.

    Example: FRONTDESK_DATABASE_URL=postgresql://… frontdesk web --host 0.0.0.0
    """
    with starting("web", data, port) as (settings, dsn, server):
        from frontdesk.cli import loop

        raise typer.Exit(loop.run(_web(settings, dsn, server, host)))


def worker(
    data: Data = None,
    await_schema: Annotated[
        bool,
        typer.Option(
            "--await-schema", help="Leave schema changes to web or migrate, and wait for them."
        ),
    ] = False,
) -> None:
    """Answer and deliver messages, until SIGTERM; then finish what is in hand.

    Example: FRONTDESK_DATABASE_URL=postgresql://… frontdesk worker
    """
    with starting("worker", data) as (settings, dsn, server):
        from frontdesk.cli import loop

        raise typer.Exit(loop.run(_worker(settings, dsn, server, await_schema)))


def migrate(
    data: Data = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Bring the database to this version, and make the first owner if there is none.

    Every other command does so too when it is needed: run this one where a deployment wants the
    schema changed in a step of its own. Prints the owner's token when it is new, this once.

    Example: frontdesk migrate --data /srv/frontdesk
    """
    from frontdesk.cli.output import say

    with starting("migrate", data, quiet=True) as (settings, dsn, _):
        from frontdesk.cli import loop

        ran, token = loop.run(_migrate(settings, dsn))
    texts = [f"Ran {name}." for name in ran] or ["The database is up to date."]
    if token is not None:
        texts += ["The owner's token, shown this once:", f"  {token}"]
    say(json, {"ran": ran, "owner_token": token}, "\n".join(texts))


@contextmanager
def starting(
    process: str, data: Path | None, port: int | None = None, *, quiet: bool = False
) -> "Generator[tuple[Settings, str, Server | None]]":
    """What a process of a node begins with: settings, logs, a database."""
    from frontdesk.cli import logs, node
    from frontdesk.cli.scratch import scratch

    settings = node.settings_of(data, port)
    logs.configure(process, debug=settings.debug, quiet=quiet)
    with node.database(settings) as (dsn, server), scratch(settings.data):
        yield settings, dsn, server


async def _migrate(settings: "Settings", dsn: str) -> tuple[list[str], str | None]:
    from frontdesk.cli import loop
    from frontdesk.cli.signals import stopping
    from frontdesk.db.migrate import pending

    async with stopping() as stop:
        ran = await pending(dsn)
        return ran, await loop.prepared(settings, dsn, stop)


async def _web(settings: "Settings", dsn: str, server: "Server | None", host: str) -> int:
    from frontdesk.app.http import end_streams, web_app
    from frontdesk.app.wiring import running
    from frontdesk.cli import loop
    from frontdesk.cli.http import Http
    from frontdesk.cli.signals import stopping

    with bound(host, settings.port) as listening:
        async with stopping() as stop, loop.kept_alive(server):
            _tell_token(await loop.prepared(settings, dsn, stop))
            if stop.is_set():
                return exits.DONE
            async with running(settings, dsn, application="frontdesk web") as app:
                await _tell_sign_in_link(app)
                face = web_app(app)
                http = Http(face, lambda: end_streams(face), GRACE_SECONDS)
                return await http.serve_until(stop, listening)


async def _worker(
    settings: "Settings", dsn: str, server: "Server | None", await_schema: bool
) -> int:
    from frontdesk.app.wiring import running
    from frontdesk.cli import loop
    from frontdesk.cli.signals import stopping

    async with stopping() as stop, loop.kept_alive(server):
        if await_schema:
            await loop.schema_is_here(dsn, stop)
        else:
            _tell_token(await loop.prepared(settings, dsn, stop))
        if settings.sandbox:
            await loop.answers(settings.twilio_api_base_url, stop)
        if stop.is_set():
            return exits.DONE
        async with running(settings, dsn, application="frontdesk worker") as app:
            forward = asyncio.create_task(_when(stop, app.worker.stop.set))
            await app.worker.run()
            forward.cancel()
    return exits.DONE


async def _when(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()


def bound(host: str, port: int) -> socket.socket:
    """A socket that holds the address, before anything else is started. Raises Conflict."""
    from frontdesk.kernel.errors import Conflict, Invalid

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        # Not listening yet: callers are refused until there is somebody to answer them.
        held.bind((host, port))
    except OSError as error:
        held.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise Invalid(f"{host} is not an address of this machine") from error
        if error.errno == errno.EACCES:
            raise Invalid(f"port {port} is the system's; use one from 1024 up") from error
        raise Conflict(
            f"port {port} is taken: another program listens there (perhaps Frontdesk already). "
            f"Stop it, or choose another port with --port"
        ) from error
    return held


def _tell_token(token: str | None) -> None:
    """A new owner's token goes to the parent's file, or to the person who started this."""
    if token is not None and not _tell_parent(owner_token=token):
        typer.echo(f"The owner's token, shown this once:\n  {token}", err=True)


async def _tell_sign_in_link(app: "App") -> None:
    from frontdesk.domains.model import DEFAULT_DOMAIN

    if _tell_parent():
        domain = await app.domains.by_name(DEFAULT_DOMAIN)
        link = await app.domains.sign_in_link(domain.domain_id, "", app.settings.public_url)
        _tell_parent(sign_in=link)


def _tell_parent(**told: str) -> bool:
    """Adds to what `up` will print. False when nobody waits for it.

    The parent makes the file and removes it once read: a later start of this process finds none,
    and one that was broken off leaves what it told.
    """
    path = Path(os.environ.get(GREETING_FILE, ""))
    if not path.is_file():
        return False
    path.write_text(json.dumps({**json.loads(path.read_text() or "{}"), **told}))
    return True
