"""Migrations: numbered SQL files, run once each, by whichever node comes first."""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

import asyncpg
import structlog

from frontdesk.db import queue
from frontdesk.db.pool import Session
from frontdesk.kernel.errors import FrontdeskError

log = structlog.get_logger()

LOCK = 1_956_000_001
"""The advisory lock that makes nodes which start at once wait for one another."""


class MigrationChanged(FrontdeskError):
    """A migration that already ran here has another text now."""


def available() -> list[tuple[str, str]]:
    """The name and text of each migration, in order."""
    folder = resources.files("frontdesk.db") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=_name)
    return [(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files]


def _name(file: Traversable) -> str:
    return file.name


async def migrate(dsn: str) -> list[str]:
    """Brings the database to this version; returns the names of what ran.

    Safe with any number of nodes at once: the others wait, then find nothing to do.
    """
    connection = await asyncpg.connect(
        dsn, server_settings={"application_name": "frontdesk migrate"}
    )
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        return await _run(connection)
    finally:
        await connection.close()


async def _run(connection: Session) -> list[str]:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        " name text PRIMARY KEY, checksum text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
    )
    done = {
        row["name"]: row["checksum"]
        for row in await connection.fetch("SELECT name, checksum FROM schema_migrations")
    }
    ran: list[str] = []
    for name, text in available():
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if name in done:
            if done[name] != checksum:
                raise MigrationChanged(
                    f"migration {name} ran here with another text; "
                    "add a new file instead of editing it"
                )
            continue
        async with connection.transaction():
            await connection.execute(text)
            await connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)", name, checksum
            )
        log.info("migrated", migration=name)
        ran.append(name)
    if ran or not await queue.is_installed(connection):
        from frontdesk.db.queue_engine import install

        await install(connection)
    return ran


async def pending(dsn: str) -> list[str]:
    """The names of what has not run on this database: migrations, and `queue` for its tables."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
            return [*(name for name, _ in available()), "queue"]
        rows = await connection.fetch("SELECT name FROM schema_migrations")
        done = {row["name"] for row in rows}
        queue_is_here = await queue.is_installed(connection)
        missing = [name for name, _ in available() if name not in done]
        return missing if queue_is_here else [*missing, "queue"]
    finally:
        await connection.close()
