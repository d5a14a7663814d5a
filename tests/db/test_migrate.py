"""Migrations run by themselves, once, however many nodes start at the same moment."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from frontdesk.app.wiring import prepare
from frontdesk.db.migrate import MigrationChanged, available, migrate, pending
from frontdesk.settings import Settings


async def test_nodes_that_start_at_once_migrate_once(empty_dsn: str) -> None:
    assert {name for name, _ in available()} <= set(await pending(empty_dsn))
    ran = await asyncio.gather(*(migrate(empty_dsn) for _ in range(4)))
    assert sum(1 for names in ran if names) == 1
    assert await pending(empty_dsn) == []


async def test_nodes_that_prepare_at_once_make_one_owner(
    empty_dsn: str,
    settings: Callable[..., Settings],
) -> None:
    tokens = await asyncio.gather(*(prepare(settings(), empty_dsn) for _ in range(3)))
    assert tokens == [None, None, None], "a configured token is not shown"
    connection = await asyncpg.connect(empty_dsn)
    assert await connection.fetchval("SELECT count(*) FROM people") == 1
    assert await connection.fetchval("SELECT count(*) FROM api_tokens") == 1
    assert await connection.fetchval("SELECT count(*) FROM channels") == 1
    await connection.close()


async def test_a_migration_that_ran_must_not_be_edited(empty_dsn: str) -> None:
    await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute("UPDATE schema_migrations SET checksum = 'another'")
    await connection.close()
    with pytest.raises(MigrationChanged, match="add a new file"):
        await migrate(empty_dsn)
