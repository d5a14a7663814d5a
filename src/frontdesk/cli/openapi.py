"""`frontdesk openapi`: the API's description, as a file for programs and for our own types."""

import asyncio
import json
import tempfile
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from frontdesk.settings import Settings


def openapi() -> None:
    """Print the API's description (OpenAPI 3.1) as JSON.

    It is what a running Frontdesk serves at /openapi.json, made with an empty database of its
    own: no installation is read.

    Example: frontdesk openapi > openapi.json
    """
    from frontdesk.cli import logs
    from frontdesk.cli.node import database
    from frontdesk.settings import load

    logs.configure("command", debug=False, quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = load({"FRONTDESK_DATA": folder})
        with database(settings) as (dsn, _):
            described = asyncio.run(_described(settings, dsn))
    typer.echo(json.dumps(described, indent=2, ensure_ascii=False))


async def _described(settings: "Settings", dsn: str) -> dict[str, Any]:
    from frontdesk.app.http import web_app
    from frontdesk.app.wiring import prepare, running

    await prepare(settings, dsn)
    async with running(settings, dsn, pool_size=2) as app:
        return web_app(app).inner.openapi()
