"""`python -m bench`: runs the measurements and shows their figures."""

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from bench import growth, imports, inbound, inbox, live, media, micro, outbound, paint, reply, rest
from bench.figures import Figure, table
from bench.stack import Bench, benched

MEASUREMENTS: dict[str, tuple[str, Callable[[Bench], Awaitable[list[Figure]]]]] = {
    "micro": ("Functions on the hot path", micro.measure),
    "inbound": ("Inbound: webhook to committed", inbound.measure),
    "reply": ("Reply: webhook in to carrier call out, echo assistant", reply.measure),
    "outbound": ("Outbound: a campaign's rows to carrier calls", outbound.measure),
    "growth": ("Growth: the same with more conversations stored", growth.measure),
    "inbox": ("Inbox: lists, threads and search with a million conversations", inbox.measure),
    "live": ("Live events: a commit, seen in a thousand windows", live.measure),
    "paint": ("Paint: the inbox in a browser", paint.measure),
    "imports": ("Imports: a file of recipients into a campaign", imports.measure),
    "media": ("Media: decoded, uploaded, received", media.measure),
    "rest": ("Start and rest: frontdesk up with its sandbox", rest.measure),
}


def main() -> int:
    told = _arguments()
    if not Path("/proc/self/smaps_rollup").exists() and "rest" in told.what:
        print("memory is read from /proc/*/smaps_rollup, which only Linux has", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 140)
    machine = _machine()
    console.print("  ".join(f"{name} {value}" for name, value in machine.items()), style="dim")
    if os.getloadavg()[0] > 0.5:
        console.print("Something else runs on this machine: times will be long.", style="yellow")
    began = time.monotonic()
    found: dict[str, list[Figure]] = {}
    try:
        # uvloop, as the processes that are measured have it.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(console, told.what, told.quick, found))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; nothing is left running.")
        return 130
    failed = [name for name in told.what if name not in found]
    seconds = round(time.monotonic() - began)
    console.print(f"{seconds} s in all", style="dim")
    if told.json:
        report = {
            "machine": machine,
            "quick": told.quick,
            "seconds": seconds,
            "figures": {name: [each.as_json() for each in rows] for name, rows in found.items()},
        }
        Path(told.json).write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return 1 if failed else 0


async def _run(
    console: Console, what: list[str], quick: bool, found: dict[str, list[Figure]]
) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with console.status("") as status, benched(quick, status) as bench:
        for name in what:
            title, measure = MEASUREMENTS[name]
            try:
                found[name] = await measure(bench)
            except Exception:
                # The others are measured all the same; the exit code tells.
                console.print_exception()
            else:
                console.print(table(title, found[name]))


def _arguments() -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures Frontdesk on this machine, as ratios to floors of the same run.",
    )
    parser.add_argument(
        "what", nargs="*", metavar="WHAT", help=f"{', '.join(MEASUREMENTS)}; all when none is named"
    )
    parser.add_argument("--quick", action="store_true", help="small loads: does it run at all?")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    told = parser.parse_args()
    if unknown := [name for name in told.what if name not in MEASUREMENTS]:
        parser.error(f"{unknown[0]!r} is no measurement; there are {', '.join(MEASUREMENTS)}")
    told.what = told.what or list(MEASUREMENTS)
    return told


def _machine() -> dict[str, str]:
    return {
        "CPUs": str(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


if __name__ == "__main__":
    sys.exit(main())
