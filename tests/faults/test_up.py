"""`frontdesk up` on a data directory of its own: its PostgreSQL may be killed along with it."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from cli.command import answer
from faults import postgres
from faults.stack import CUSTOMERS, Carrier, Process, Stack, settings_of, until

pytestmark = pytest.mark.fault

SEED = 1956
ROUNDS = 4
SOON = 15.0
"""Seconds after everything answers again, until all unfinished work is done."""


@pytest.fixture
async def up(carrier: Carrier, port: int, tmp_path: Path) -> AsyncGenerator[Stack]:
    """`frontdesk up` is all three processes of the stack."""
    with postgres.directory_of_our_own() as directory:
        data = Path(directory)
        env = settings_of(carrier.url, port, data, None)
        up = Process("up", "up", env=env, log=tmp_path / "up.log")
        host = quote(str(data / "postgres" / "cluster"), safe="")
        dsn = f"postgresql://frontdesk@/frontdesk?host={host}&port=5432"
        stack = Stack(carrier, up, up, up, f"http://127.0.0.1:{port}", dsn)
        try:
            up.start()
            await stack.ready()
            await asyncio.to_thread(
                answer, "domains", "set", "--default-assistant", "echo", env=env
            )
            yield stack
        finally:
            up.end()
            postgres.kill(data)


async def test_a_killed_process_is_started_again_and_goes_on(up: Stack) -> None:
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        moment = up.carrier.count + chance.randrange(1, 3 * len(CUSTOMERS))
        burst = asyncio.create_task(up.carrier.burst(f"round {number}"))
        await up.carrier.wrote(moment)
        (await child(up, "web" if number % 2 else "worker")).kill()
        await burst
        await up.healthy()
        await up.has_what_it_acknowledged()
    (await child(up, "worker")).kill()
    await up.answers_everything()
    await up.each_text_was_stored_and_answered_once()
    assert await up.web.stop() == 0


async def test_after_kill_9_of_everything_the_next_start_takes_over_at_once(
    up: Stack,
) -> None:
    await up.carrier.fault("latency", seconds=2)
    burst = asyncio.create_task(up.carrier.burst("around the kill"))
    await until(lambda: up.fetch("SELECT FROM messages WHERE status = 'sending'"))
    family = [psutil.Process(up.web.pid), *up.web.children()]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    up.web.kill()
    postgres.kill(data_of(up))
    await burst
    await up.carrier.clear_faults()
    assert up.carrier.missing(await up.carrier.answered())
    up.web.start()
    await up.ready()
    await up.answers_everything(SOON)
    await up.has_what_it_acknowledged()
    await up.each_text_was_stored_and_answered_once()
    assert await up.web.stop() == 0


async def child(up: Stack, name: str) -> psutil.Process:
    """The process of `up` that is web or worker now."""

    async def found() -> psutil.Process | None:
        for process in up.web.children():
            with suppress(psutil.NoSuchProcess):
                if name in process.cmdline():
                    return process
        return None

    process = await until(found)
    assert process is not None
    return process


def data_of(up: Stack) -> Path:
    return Path(up.web.env["FRONTDESK_DATA"])
