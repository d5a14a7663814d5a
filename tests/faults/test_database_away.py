"""PostgreSQL goes away under load and comes back: the processes wait for it and go on."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from twilio.request_validator import RequestValidator

from faults import postgres
from faults.stack import CUSTOMERS, Stack, lasting
from frontdesk.db.embedded import Server
from pipeline.desk import AUTH_TOKEN, message_form

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

AWAY = lasting(10)
AT_MOST_LATER = 45.0
"""Seconds until all is caught up after the database is back."""


@asynccontextmanager
async def load(stack: Stack) -> AsyncGenerator[None]:
    """Customers write all the time, also before and after."""
    stop = asyncio.Event()
    writers = asyncio.create_task(stack.carrier.load("load", stop))
    try:
        while len(stack.carrier.taken) < 2 * len(CUSTOMERS):
            await asyncio.sleep(0.01)
        yield
    finally:
        stop.set()
        await writers


@pytest.mark.parametrize("end", [postgres.stop, postgres.kill], ids=["stopped", "killed"])
async def test_what_was_refused_while_postgresql_was_away_is_caught_up_once(
    end: Callable[[Path], None], stack: Stack, own_server: Server, own_directory: Path
) -> None:
    pids = (stack.web.pid, stack.worker.pid)
    async with load(stack):
        await asyncio.to_thread(end, own_directory)
        try:
            taken = set(stack.carrier.taken)
            assert await webhook(stack) == (503, "5")
            await asyncio.sleep(AWAY if end is postgres.stop else 1)
            assert await webhook(stack) == (503, "5")
            assert not await stack.is_healthy()
            assert stack.carrier.taken == taken
        finally:
            await asyncio.to_thread(own_server.ensure_running)
        await stack.healthy()
        while stack.carrier.taken == taken:
            await asyncio.sleep(0.01)
    await stack.has_what_it_acknowledged()
    assert len(stack.carrier.taken) < stack.carrier.count
    await stack.answers_everything(AT_MOST_LATER)
    await stack.each_text_was_stored_and_answered_once()
    assert (stack.web.pid, stack.worker.pid) == pids
    assert stack.web.lives
    assert stack.worker.lives


async def webhook(stack: Stack) -> tuple[int, str | None]:
    """A carrier's own post: the status, and after how many seconds it may try again."""
    url = f"{stack.url}/whatsapp/webhook"
    form = message_form("never taken in", f"SM{uuid4().hex}")
    signature = str(RequestValidator(AUTH_TOKEN).compute_signature(url, form))
    headers = {"X-Twilio-Signature": signature}
    async with stack.carrier.http.post(url, data=form, headers=headers) as answer:
        return answer.status, answer.headers.get("Retry-After")
