"""Reply: from a webhook's arrival to the call that carries the echo assistant's answer out."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import load, webhook
from bench.carrier import Carrier, carrying
from bench.figures import Figure, Goal, percentile
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench, Node, installed

RATE = 200
GOALS = {0.50: Goal("≤", 15, "value"), 0.99: Goal("≤", 60, "value")}
NOTHING_LOST = Goal("≤", 0, "value")
STEP = 0.05
"""The search for the highest rate ends when its bounds are this share apart."""
LOWEST, HIGHEST = 10.0, 3_200.0
TOLERATED_GROWTH = 0.02
"""Of the rate: what the backlog may seem to grow by in one short trial."""
HOPELESS_SECONDS = 1.5
"""A backlog of that much work only costs the time to work it off."""
PATIENCE = 30.0


@dataclass(frozen=True)
class Trial:
    """`overheads` and `late` are in seconds; `grew` is in messages per second."""

    rate: float
    overheads: list[float]
    late: list[float]
    unanswered: int
    repeats: int
    grew: float

    @property
    def is_sustained(self) -> bool:
        return not self.unanswered and self.grew <= self.rate * TOLERATED_GROWTH


class Customers:
    """Texts that never repeat, from numbers that take turns."""

    def __init__(self, numbers: list[str]) -> None:
        self._turns: Iterator[str] = itertools.cycle(numbers)
        self._serial = itertools.count()

    def write(self, port: int, messages: int) -> tuple[list[str], list[bytes]]:
        texts = [f"Where is my order {next(self._serial):08}?" for _ in range(messages)]
        return texts, [
            webhook.request(
                port, TOKEN, webhook.fields_of(ACCOUNT, next(self._turns), NUMBER, text)
            )
            for text in texts
        ]


async def measure(bench: Bench) -> list[Figure]:
    numbers = [f"+1415555{number:04}" for number in range(bench.pick(5_000, 500))]
    customers = Customers(numbers)
    async with carrying() as carrier, installed(bench, "reply", carrier) as node:
        await node.web()
        await node.worker()
        bench.tell("reply: warming up")
        await trial(node, carrier, customers, RATE / 2, bench.pick(4, 1))
        bench.tell(f"reply: {RATE} messages/s")
        steady = await trial(node, carrier, customers, RATE, bench.pick(20, 3))
        highest = await _highest(node, carrier, customers)
    late = percentile(steady.late, 0.99) * 1e3
    figures = [
        Figure(
            f"reply overhead at {RATE}/s, p{share * 100:.0f}",
            percentile(steady.overheads, share) * 1e3,
            "ms",
            goal=goal,
            note=f"the load itself was up to {late:.1f} ms late (p99)" if share < 0.9 else "",
        )
        for share, goal in GOALS.items()
    ]
    lost = Figure("replies missing", steady.unanswered, "", goal=NOTHING_LOST)
    twice = Figure("replies twice", steady.repeats, "", goal=NOTHING_LOST)
    note = "the highest rate at which the backlog does not grow"
    return [*figures, lost, twice, Figure("replies, sustained", highest, "/s", note=note)]


async def trial(
    node: Node, carrier: Carrier, customers: Customers, rate: float, seconds: float
) -> Trial:
    """Webhooks on a fixed schedule, and then the wait for the last answer."""
    texts, requests = customers.write(node.port, max(1, int(rate * seconds)))
    called = carrier.called
    called.clear()
    carrier.repeats = 0
    backlog: list[tuple[float, int]] = []

    def goes_on(sent: int) -> bool:
        backlog.append((time.perf_counter(), sent - len(called)))
        return backlog[-1][1] <= rate * HOPELESS_SECONDS

    paced = await load.paced(node.port, requests, rate, goes_on)
    if paced.refused or paced.outstanding:
        raise RuntimeError(f"webhooks: {paced.refused} refused, {paced.outstanding} not answered")
    deadline = time.perf_counter() + PATIENCE
    while len(called) < len(paced.sent) and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)
    # A second copy of an answer would come soon after the first.
    await asyncio.sleep(0.2)
    pairs = zip(texts, paced.sent, strict=False)
    overheads = [called[text] - began for text, began in pairs if text in called]
    unanswered = len(paced.sent) - len(overheads)
    grew = rate if len(paced.sent) < len(texts) else _growth(backlog)
    return Trial(rate, overheads, paced.late, unanswered, carrier.repeats, grew)


def _growth(backlog: list[tuple[float, int]]) -> float:
    """Messages per second by which the backlog rose from the second third to the last."""
    third = len(backlog) // 3
    if third == 0:
        return 0.0
    (middle, earlier), (end, later) = (
        tuple(sum(values) / third for values in zip(*part, strict=True))
        for part in (backlog[third : 2 * third], backlog[-third:])
    )
    return (later - earlier) / (end - middle)


async def _highest(node: Node, carrier: Carrier, customers: Customers) -> float:
    """Doubles the rate until it is too high, then closes in."""
    seconds = node.bench.pick(5.0, 1.5)
    holds, too_high = 0.0, HIGHEST
    rate = float(RATE)
    while too_high - holds > node.bench.pick(STEP, 4 * STEP) * too_high and rate >= LOWEST:
        node.bench.tell(f"reply: does the backlog grow at {rate:.0f} messages/s?")
        if (await trial(node, carrier, customers, rate, seconds)).is_sustained:
            holds = rate
        else:
            too_high = rate
        rate = min(rate * 2, HIGHEST) if too_high == HIGHEST else (holds + too_high) / 2
    return holds
