"""What credit costs the database: nothing without a bill, and no further trip with one."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from asyncpg.connection import LoggedQuery

from billing.sending import top_up
from pipeline.desk import Desk

POOL = 10
ASIDE = ("pg_notify", "typeinfo_tree", "set_config('jit'")
"""What tells people, and what the driver asks once of each connection."""


@asynccontextmanager
async def statements(desk: Desk) -> AsyncGenerator[list[str]]:
    """The statements that are sent meanwhile, each by its first line that says something."""
    found: list[str] = []

    def note(query: LoggedQuery) -> None:
        found.append(" ".join(query.query.split()))

    async with AsyncExitStack() as stack:
        pool = desk.app.database.pool
        for _ in range(POOL):
            connection = await stack.enter_async_context(pool.acquire())
            connection.add_query_logger(note)
    yield found


async def delivered(desk: Desk) -> list[str]:
    """What the delivery of one answer sends to the database."""
    await desk.fault("drop_callbacks")
    await one(desk)
    return await one(desk)


async def one(desk: Desk) -> list[str]:
    before = len(await desk.sent())
    await desk.write("Hello")
    row = await desk.conversation()
    lane = await desk.app.worker.turn.run(row["domain_id"], row["conversation_id"], 71)
    assert lane is not None
    async with statements(desk) as found:
        await desk.app.worker.deliver.empty(lane)
    assert len(await desk.sent()) == before + 1
    return [each for each in found if not any(word in each for word in ASIDE)]


async def test_a_delivery_where_nothing_is_billed_is_four_statements(web: Desk) -> None:
    facts, sending, place, sent = await delivered(web)
    assert "FROM v" in facts
    assert "UPDATE messages m SET status = 'sending'" in sending
    assert "INSERT INTO ledger" not in sending + place + sent


async def test_a_delivery_that_is_paid_for_is_as_many(web: Desk) -> None:
    await top_up(web, 6)
    _, sending, _, _ = await delivered(web)
    assert "INSERT INTO ledger" in sending
