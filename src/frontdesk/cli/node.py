"""What every command that works on an installation begins with: its settings and its database."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from frontdesk.db.embedded import Server, start_server
from frontdesk.kernel.errors import Invalid
from frontdesk.settings import Settings, load


def settings_of(data: Path | None, port: int | None = None) -> Settings:
    """The environment's settings, with what was given on the command line above them."""
    given = {"FRONTDESK_DATA": data, "FRONTDESK_PORT": port}
    env = {name: str(value) for name, value in given.items() if value is not None}
    try:
        return load({**os.environ, **env})
    except OSError as error:
        where = error.filename or data or os.environ.get("FRONTDESK_DATA") or "data"
        raise Invalid(
            f"the data directory cannot be used: {where}: {error.strerror}. Change its "
            "permissions, or name another directory (--data, FRONTDESK_DATA)"
        ) from error


@contextmanager
def database(settings: Settings) -> Generator[tuple[str, Server | None]]:
    """The database's URL: the configured one, else that of the embedded server, held meanwhile."""
    if settings.database_url is not None:
        yield settings.database_url, None
        return
    with start_server(settings.data) as server:
        yield server.dsn, server
