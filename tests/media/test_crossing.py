"""Whoever changes bytes and the messages that have them locks the bytes first: nobody crosses."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from media import samples
from pipeline import files
from pipeline.desk import Desk, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def other(desk: Desk, dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    """Another process's connection, whose uploads of the same bytes come in."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def deleted(desk: Desk, media_id: UUID) -> None:
    await desk.app.files.media.delete(desk.domain.domain_id, media_id)


async def retained(desk: Desk, media_id: UUID) -> None:
    del media_id
    later = datetime.now(UTC) + timedelta(days=31)
    await desk.app.domains.update(
        desk.domain.domain_id, settings={"media": {"keep_media_days": 30}}
    )
    await replace(desk.app.files.retention, clock=lambda: later).run()


@pytest.mark.parametrize("delete", [deleted, retained])
async def test_a_file_that_is_deleted_waits_for_one_that_comes_in(
    desk: Desk,
    other: asyncpg.Connection,
    tmp_path: Path,
    delete: Callable[[Desk, UUID], Awaitable[None]],
) -> None:
    await files.send(desk, samples.pdf(tmp_path))
    await files.settled(desk)
    await desk.settled()
    media_id = await desk.db.fetchval("SELECT media_id FROM media")
    assert isinstance(media_id, UUID)
    begun = other.transaction()
    await begun.start()
    await other.execute("UPDATE files SET size = size")
    task = asyncio.ensure_future(delete(desk, media_id))

    async def waits() -> bool:
        return bool(await desk.db.fetchval("SELECT true FROM pg_locks WHERE NOT granted LIMIT 1"))

    await until(waits)
    await other.execute("UPDATE messages SET updated_at = now()")
    await begun.commit()
    await task
    assert await desk.db.fetchval("SELECT state FROM media") == "deleted"
