"""Imports: a campaign's file into the database, against Python's csv plus one COPY of it.

Each run is a process of its own, so that its memory is its own: `python -m bench.imports` is one.
"""

import asyncio
import csv
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.carrier import carrying
from bench.figures import Figure, Goal, compared
from bench.stack import Bench, Node, connected, installed
from frontdesk.app.wiring import running
from frontdesk.outreach.campaign import Plan
from frontdesk.settings import load

IN_TIME = Goal("≤", 20, "value")
FLAT = Goal("≤", 1.2, "ratio")
CHUNK = 1 << 20
HEADER = "phone_number,name,email,order,city\n"
TABLE = (
    "CREATE UNLOGGED TABLE IF NOT EXISTS floor_of_imports"
    " (line bigint, address text, name text, email text, variables text)"
)


@dataclass(frozen=True)
class Run:
    seconds: float
    peak: float
    """MiB of the process at its largest."""


async def measure(bench: Bench) -> list[Figure]:
    small, middle = bench.pick(10_000, 1_000), bench.pick(100_000, 5_000)
    large = bench.pick(1_000_000, 20_000)
    async with carrying() as carrier, installed(bench, "imports", carrier) as node:
        files = {rows: _file(bench.directory / f"{rows}.csv", rows) for rows in (small, middle)}
        files[large] = _file(bench.directory / f"{large}.csv", large)
        pairs: list[tuple[float, float]] = []
        took: list[float] = []
        for number in range(bench.pick(3, 1)):
            bench.tell(f"imports: {middle:,} rows, round {number + 1}")
            floor = await _run(node, "floor", files[middle])
            ours = await _run(node, "ours", files[middle])
            pairs.append((middle / floor.seconds, middle / ours.seconds))
            took.append(ours.seconds)
        bench.tell(f"imports: {small:,} and {large:,} rows")
        little, much = (
            await _run(node, "ours", files[small]),
            await _run(node, "ours", files[large]),
        )
        memory = [(little.peak, much.peak)]
    return [
        compared("import", "rows/s", pairs, note="floor: csv and one COPY, into no index"),
        Figure(f"import of {middle:,} rows", min(took), "s", goal=IN_TIME),
        compared(
            f"memory at {large:,} rows",
            "MiB",
            memory,
            FLAT,
            note=f"floor: ours at {small:,} rows",
        ),
    ]


def _file(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write(HEADER)
        for number in range(rows):
            address = 600_000_000 + number
            file.write(f'+34{address},"Ana, {number}",a{number}@example.com,{number},Oslo\n')
    return path


async def _run(node: Node, what: str, file: Path) -> Run:
    name = f"imports-{what}-{uuid4().hex[:8]}"
    argv = (sys.executable, "-m", "bench.imports", what, node.dsn, str(file))
    process = node.bench.start(name, *argv, env=node.env)
    await process.ends()
    return Run(**json.loads(process.printed.read_text().splitlines()[-1]))


# One run ----------------------------------------------------------------------------------------


async def _ours(dsn: str, path: Path) -> float:
    """From a stored file to recipients without duplicates, as a worker does it."""
    async with running(load(), dsn, pool_size=2, application="frontdesk worker") as app:
        domain_id = (await app.domains.by_name("default")).domain_id
        services = app.campaigns

        await services.uploads.upload(
            domain_id, Plan("bench", "sms"), path.name, _chunks(path), None, confirm=True
        )
        began = time.perf_counter()
        claim = await services.imports.claim()
        assert claim is not None
        await services.imports.run(claim)
        took = time.perf_counter() - began
        known = await services.campaigns.get(domain_id, claim.campaign_id)
        assert known.status == "ready", known.status_reason
        return took


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _floor(dsn: str, path: Path) -> float:
    async with connected(dsn) as connection:
        await connection.execute(TABLE)
        await connection.execute("TRUNCATE floor_of_imports")
        with closing(path.open(newline="")) as file:
            began = time.perf_counter()
            await connection.copy_records_to_table("floor_of_imports", records=_records(file))
            return time.perf_counter() - began


def _records(file: Iterator[str]) -> Iterator[tuple[int, str, str, str, str]]:
    reader = csv.reader(file)
    next(reader)
    for line, (address, name, email, order, city) in enumerate(reader, 2):
        yield line, address, name, email, json.dumps({"order": order, "city": city})


async def _main(what: str, dsn: str, path: Path) -> None:
    took = await (_ours if what == "ours" else _floor)(dsn, path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "peak": peak}))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
