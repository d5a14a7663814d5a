"""At rest: how long `frontdesk up` takes to its first answer, and the memory that it then holds."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import aclosing
from pathlib import Path
from statistics import median

import psutil

from bench.figures import Figure, Goal
from bench.process import Process
from bench.stack import FRONTDESK, Bench, environment, free_port
from frontdesk.sandbox.client import converse

MEMORY = Goal("≤", 300, "value")
WARM = Goal("≤", 5, "value")
CUSTOMER = "+14155550123"


async def measure(bench: Bench) -> list[Figure]:
    data = bench.directory / "up"
    bench.tell("start: with a fresh data directory")
    fresh_ready, fresh_answer, _ = await _up(bench, data, rest=0.0)
    ready: list[float] = []
    answered: list[float] = []
    parts: dict[str, float] = {}
    for number in range(bench.pick(3, 1)):
        bench.tell(f"start: warm, and then at rest, round {number + 1}")
        seconds = bench.pick(10.0, 2.0) if number == 0 else 0.0
        ready_after, answer_after, found = await _up(bench, data, rest=seconds)
        ready.append(ready_after)
        answered.append(answer_after)
        parts = parts or found
    told = f"`up` said that it runs after {median(ready):.1f} s"
    told_fresh = f"said so after {fresh_ready:.1f} s"
    listed = ", ".join(f"{name} {size:.0f}" for name, size in parts.items())
    return [
        Figure("warm start to first answer", median(answered), "s", goal=WARM, note=told),
        Figure("start with no data to first answer", fresh_answer, "s", note=told_fresh),
        Figure("memory at rest", sum(parts.values()), "MB", goal=MEMORY, note=listed),
    ]


async def _up(bench: Bench, data: Path, rest: float) -> tuple[float, float, dict[str, float]]:
    """Seconds to readiness and to the first answer, and the memory after `rest` seconds, in MB."""
    port = free_port()
    command = [*FRONTDESK, "up", "--port", str(port), "--data", str(data), "--json"]
    process = bench.start("up", *command, env=environment({}))
    try:
        await process.says('"url"')
        ready = time.perf_counter() - process.started
        await _first_answer(f"http://127.0.0.1:{port}/sandbox")
        answered = time.perf_counter() - process.started
        parts: dict[str, float] = {}
        if rest:
            await asyncio.sleep(rest)
            parts = _memory(process, data)
        return ready, answered, parts
    finally:
        # It has a database to shut down. The kernel ends its children should it not end itself.
        await asyncio.to_thread(process.stop)


async def _first_answer(sandbox: str) -> None:
    async with aclosing(converse(sandbox, CUSTOMER, "Hello")) as replies:
        async for reply in replies:
            if reply.error is not None:
                raise RuntimeError(f"the first answer did not arrive: {reply.error}")
            return
    raise RuntimeError("no answer came")


def _memory(up: Process, data: Path) -> dict[str, float]:
    """Proportional set sizes: what processes share counts once among them."""
    postmaster = int((data / "postgres/cluster/postmaster.pid").read_text().split()[0])
    parent = psutil.Process(up.pid)
    parts = {"up": _pss([parent])}
    for child in parent.children():
        parts[child.cmdline()[3]] = _pss([child, *child.children(recursive=True)])
    database = psutil.Process(postmaster)
    parts["PostgreSQL"] = _pss([database, *database.children(recursive=True)])
    return parts


def _pss(processes: Iterable[psutil.Process]) -> float:
    total = 0
    for process in processes:
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024
