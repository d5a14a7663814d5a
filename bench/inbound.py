"""Inbound: webhooks answered per second, against a bare handler with one INSERT per request."""

import asyncio
import random
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bench import load, webhook
from bench.carrier import carrying
from bench.figures import Figure, Goal, compared
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench, Node, connected, free_port, installed

CONNECTIONS = 64
PATIENCE_SECONDS = 60
GOAL = Goal("≥", 1.2, "ratio")
TEXT = "Hello there, is my order on its way?"

Round = tuple[load.Result, load.Result]
"""The floor's and ours."""


async def measure(bench: Bench) -> list[Figure]:
    alone: list[Round] = []
    beside: list[Round] = []
    numbers = [f"+1415555{number:04}" for number in range(bench.pick(5_000, 500))]
    async with (
        carrying() as carrier,
        installed(bench, "inbound", carrier) as node,
        _floor(node) as floor_port,
    ):
        await node.web()
        bench.tell("inbound: warming up")
        await _round(node, floor_port, numbers)
        for number in range(rounds := bench.pick(10, 2)):
            bench.tell(f"inbound: round {number + 1} of {rounds}")
            await settle(node)
            alone.append(await _round(node, floor_port, numbers))
        await settle(node)
        await node.worker()
        fewer = numbers[: len(numbers) // 2]
        for number in range(rounds := bench.pick(3, 1)):
            bench.tell(f"inbound beside a worker: round {number + 1} of {rounds}")
            beside.append(await _round(node, floor_port, fewer))
            await _answered(node)
    return [*_figures("inbound", alone, GOAL), *_figures("inbound, being answered", beside, None)]


@asynccontextmanager
async def _floor(node: Node) -> AsyncGenerator[int]:
    port = free_port()
    command = (sys.executable, "-m", "bench.floor", node.dsn, str(port))
    with node.bench.start("floor", *command, env=node.env) as process:
        await process.listens(port)
        yield port


async def _round(node: Node, floor_port: int, numbers: list[str]) -> Round:
    """Each number writes once to each."""
    floor = await load.closed(floor_port, requests(floor_port, numbers), CONNECTIONS)
    ours = await load.closed(node.port, requests(node.port, numbers), CONNECTIONS)
    if floor.refused or ours.refused:
        raise RuntimeError(f"refused: {floor.refused} by the floor, {ours.refused} by Frontdesk")
    return floor, ours


async def settle(node: Node) -> None:
    """Makes all lanes idle, as a worker would have: only then does a message cost a job, too."""
    async with connected(node.dsn) as connection:
        await connection.execute(
            "UPDATE conversations SET turn = 'idle', turn_job = NULL, turn_token = NULL,"
            " turned_seq = inbound_seq WHERE turn <> 'idle'"
        )
        await connection.execute("TRUNCATE queue.pgqueuer")
        await connection.execute("VACUUM ANALYZE conversations")


async def _answered(node: Node) -> None:
    """Until the worker has nothing left to do, so that it does not slow the floor down."""
    async with connected(node.dsn) as connection:
        for _ in range(PATIENCE_SECONDS * 10):
            if not await connection.fetchval("SELECT count(*) FROM queue.pgqueuer"):
                return
            await asyncio.sleep(0.1)
        left = await connection.fetch(
            "SELECT entrypoint, status::text, count(*) FROM queue.pgqueuer GROUP BY 1, 2"
        )
    raise RuntimeError(f"jobs were left after {PATIENCE_SECONDS} s: {[tuple(row) for row in left]}")


def requests(port: int, numbers: list[str]) -> list[bytes]:
    return [
        webhook.request(port, TOKEN, webhook.fields_of(ACCOUNT, number, NUMBER, TEXT))
        for number in random.sample(numbers, len(numbers))
    ]


def _figures(name: str, rounds: list[Round], goal: Goal | None) -> list[Figure]:
    def pairs(share: float) -> list[tuple[float, float]]:
        return [(a.percentile(share) * 1e3, b.percentile(share) * 1e3) for a, b in rounds]

    note = f"{CONNECTIONS} keep-alive connections"
    return [
        compared(name, "/s", [(a.rate, b.rate) for a, b in rounds], goal, note),
        compared(f"{name}, p50", "ms", pairs(0.50)),
        compared(f"{name}, p99", "ms", pairs(0.99)),
    ]
