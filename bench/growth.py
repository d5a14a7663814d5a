"""Growth: whether speed stays what it was with ten and a hundred times the conversations.

One installation for each size, side by side; each round asks them in turn, the smallest first.
The same number of customers writes everywhere, spread evenly over all that are stored.
"""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import inbound, load
from bench.carrier import Carrier, carrying
from bench.figures import Figure, Goal, compared, percentile
from bench.filling import MESSAGES, fill, threads
from bench.process import Process
from bench.reply import Customers, trial
from bench.stack import OWNER_TOKEN, Bench, Node, installed

FASTER = Goal("≥", 0.67, "ratio")
SLOWER = Goal("≤", 1.5, "ratio")
QUICK_ENOUGH = Goal("≤", 20, "value")
RATE = 100

NAMES = {
    "inbound": ("inbound", "/s", FASTER),
    "reply": (f"reply overhead at {RATE}/s, p50", "ms", SLOWER),
    "list": ("conversation list, p50", "ms", SLOWER),
    "thread": ("thread, p50", "ms", SLOWER),
}


@dataclass
class Size:
    """One installation, what it holds, and what was measured on it in each round."""

    conversations: int
    node: Node
    carrier: Carrier
    writers: list[str]
    threads: list[str]
    worker: Process
    customers: Customers
    found: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def keep(self, name: str, value: float) -> None:
        self.found.setdefault(name, []).append(value)


async def measure(bench: Bench) -> list[Figure]:
    smallest = bench.pick(1_000, 100)
    rounds = bench.pick(3, 1)
    async with AsyncExitStack() as held:
        carrier = await held.enter_async_context(carrying())
        sizes = [await _prepare(bench, held, carrier, smallest, factor) for factor in (1, 10, 100)]
        # Reads and replies first: the load of inbound messages leaves lanes that no worker empties.
        for number in range(rounds + 1):
            for size in sizes:
                bench.tell(f"growth: {size.conversations:,} conversations, round {number}")
                await _converse(size, seconds=bench.pick(3.0, 1.0))
                await _read(size)
            _forget_first(sizes, number)
        for size in sizes:
            size.worker.kill()
        for number in range(rounds + 1):
            for size in sizes:
                bench.tell(f"growth: inbound, {size.conversations:,} conversations")
                await _take_in(size, times=bench.pick(4, 1))
            if number == 0:
                for size in sizes:
                    size.found.pop("inbound")
    return _figures(sizes)


def _forget_first(sizes: list[Size], number: int) -> None:
    """The first round warms up."""
    if number == 0:
        for size in sizes:
            size.found.clear()


async def _prepare(
    bench: Bench, held: AsyncExitStack, carrier: Carrier, smallest: int, factor: int
) -> Size:
    conversations = smallest * factor
    bench.tell(f"growth: storing {conversations:,} conversations of {MESSAGES} messages")
    node = await held.enter_async_context(installed(bench, f"growth{factor}", carrier))
    numbers = await fill(node, conversations)
    await node.web()
    writers = numbers[::factor]
    return Size(
        conversations,
        node,
        carrier,
        writers,
        await threads(node, factor),
        await node.worker(),
        Customers(random.sample(writers, len(writers))),
    )


async def _converse(size: Size, seconds: float) -> None:
    done = await trial(size.node, size.carrier, size.customers, RATE, seconds)
    if done.unanswered:
        raise RuntimeError(f"{done.unanswered} messages were not answered")
    size.keep("reply", percentile(done.overheads, 0.5) * 1e3)


async def _read(size: Size) -> None:
    """One client, which asks for one page after the other."""
    # What the replies have left to be written must not be in the way.
    await asyncio.sleep(0.5)
    pages = [_get(size.node.port, "/api/v1/conversations?limit=50")] * 100
    listed = await load.closed(size.node.port, pages, 1)
    chosen = random.choices(size.threads, k=200)
    pages = [_get(size.node.port, f"/api/v1/conversations/{each}/messages") for each in chosen]
    read = await load.closed(size.node.port, pages, 1)
    if listed.refused or read.refused:
        raise RuntimeError(f"refused: {listed.refused} lists, {read.refused} threads")
    for name, result in (("list", listed), ("thread", read)):
        size.keep(name, result.percentile(0.5) * 1e3)
        size.keep(f"{name} p99", result.percentile(0.99) * 1e3)


async def _take_in(size: Size, times: int) -> None:
    await inbound.settle(size.node)
    requests = inbound.requests(size.node.port, size.writers * times)
    result = await load.closed(size.node.port, requests, inbound.CONNECTIONS)
    if result.refused:
        raise RuntimeError(f"{result.refused} webhooks were refused")
    size.keep("inbound", result.rate)


def _get(port: int, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {OWNER_TOKEN}\r\n\r\n"
    ).encode()


def _figures(sizes: list[Size]) -> list[Figure]:
    smallest, *larger = sizes
    figures: list[Figure] = []
    for key, (name, unit, goal) in NAMES.items():
        for size in larger:
            pairs = list(zip(smallest.found[key], size.found[key], strict=True))
            title = f"{name}, {size.conversations:,} stored"
            note = f"the floor is {smallest.conversations:,} stored"
            figures.append(compared(title, unit, pairs, goal, note))
    largest = sizes[-1]
    for key in ("list", "thread"):
        p99 = percentile(largest.found[f"{key} p99"], 0.5)
        title = f"{NAMES[key][0][:-5]}, p99, {largest.conversations:,} stored"
        figures.append(Figure(title, p99, "ms", goal=QUICK_ENOUGH))
    return figures
