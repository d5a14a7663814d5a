"""Inbox: what an agent's screens ask for, with a thousand conversations and with a million.

One installation for each size; each round asks them in turn, one client, one request after the
other. The goals are those of docs/design.md: 1.5 times the time, p99 of 20 ms; search 50 ms.
"""

import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import load
from bench.carrier import Carrier, carrying
from bench.figures import Figure, Goal, compared, percentile
from bench.filling import fill, threads
from bench.stack import OWNER_TOKEN, Bench, Node, connected, installed

SLOWER = Goal("≤", 1.5, "ratio")
QUICK_ENOUGH = Goal("≤", 20, "value")
SEARCH_ENOUGH = Goal("≤", 50, "value")

LISTS = {
    "list, all": "",
    "list, open": "status=open",
    "list, mine": "status=open&assignee=me",
    "list, unassigned": "status=open&assignee=none",
    "list, unread": "status=open&unread=true",
    "list, needing people": "needs_people=true",
    "list, one label": "label={label}",
}
SEARCHES = {
    "search, rare word": "item{rare}",
    "search, word in each message": "order",
    "search, two words": "order item{number}",
    "search, beginning of a word": "item49{digit}",
    "search, nothing found": "nowhere",
    "search, part of a number": "64600{digits}",
}


@dataclass
class Size:
    """One installation and what was measured on it: seconds, by what was asked."""

    conversations: int
    node: Node
    threads: list[str]
    label: str
    found: dict[str, list[list[float]]] = field(default_factory=dict[str, list[list[float]]])


async def measure(bench: Bench) -> list[Figure]:
    rounds = bench.pick(4, 2)
    async with AsyncExitStack() as held:
        carrier = await held.enter_async_context(carrying())
        small, large = bench.pick((1_000, 1_000_000), (200, 5_000))
        sizes = [await _prepare(bench, held, carrier, count) for count in (small, large)]
        for number in range(rounds):
            for size in sizes:
                bench.tell(f"inbox: {size.conversations:,} conversations, round {number}")
                await _read(size, bench.pick(100, 30))
            if number == 0:
                for size in sizes:
                    size.found.clear()
    return _figures(*sizes)


async def _prepare(
    bench: Bench, held: AsyncExitStack, carrier: Carrier, conversations: int
) -> Size:
    bench.tell(f"inbox: storing {conversations:,} conversations")
    node = await held.enter_async_context(installed(bench, f"inbox{conversations}", carrier))
    await fill(node, conversations, receipts=False)
    await node.web()
    async with connected(node.dsn) as connection:
        label = await connection.fetchval("SELECT label_id FROM labels LIMIT 1")
    every = max(1, conversations // 1_000)
    return Size(conversations, node, await threads(node, every), str(label))


async def _read(size: Size, times: int) -> None:
    for name, query in LISTS.items():
        filled = query.format(label=size.label)
        await _time(size, name, [f"/api/v1/conversations?limit=50&{filled}"] * times)
    await _time(size, "counts", ["/api/v1/conversations/counts"] * times)
    chosen = random.choices(size.threads, k=times)
    thread = [f"/api/v1/conversations/{each}/messages" for each in chosen]
    await _time(size, "thread", thread)
    for name, query in SEARCHES.items():
        await _time(size, name, [f"/api/v1/search?q={_typed(query)}" for _ in range(times)])


def _typed(query: str) -> str:
    values = {
        "rare": random.randrange(4000, 5000),
        "number": random.randrange(5000),
        "digit": random.randrange(10),
        "digits": random.randrange(10, 99),
    }
    return query.format(**values).replace(" ", "%20")


async def _time(size: Size, name: str, paths: Sequence[str]) -> None:
    asked = await load.closed(size.node.port, [_get(size.node.port, path) for path in paths], 1)
    if asked.refused:
        raise RuntimeError(f"{asked.refused} of {len(paths)} requests for {name} were refused")
    size.found.setdefault(name, []).append(list(asked.latencies))


def _get(port: int, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {OWNER_TOKEN}\r\n\r\n"
    ).encode()


def _figures(small: Size, large: Size) -> list[Figure]:
    figures: list[Figure] = []
    note = f"the floor is {small.conversations:,} stored"
    for name in small.found:
        pairs = [
            (percentile(one, 0.5) * 1e3, percentile(other, 0.5) * 1e3)
            for one, other in zip(small.found[name], large.found[name], strict=True)
        ]
        is_search = name.startswith("search")
        title = f"{name}, p50, {large.conversations:,} stored"
        figures.append(compared(title, "ms", pairs, None if is_search else SLOWER, note))
        whole = [second for one in large.found[name] for second in one]
        goal = SEARCH_ENOUGH if is_search else QUICK_ENOUGH
        figures.append(
            Figure(
                f"{name}, p99, {large.conversations:,} stored",
                percentile(whole, 0.99) * 1e3,
                "ms",
                goal=goal,
            )
        )
    return figures
