"""A PostgreSQL of the tests' own, to be stopped and killed from outside."""

import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE = 60.0


def directory_of_our_own() -> tempfile.TemporaryDirectory[str]:
    """In memory if there is room. Not pytest's, which resets its directories' permissions."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30
    return tempfile.TemporaryDirectory(prefix="frontdesk-faults-", dir=memory if roomy else None)


def database_url(dsn: str, name: str) -> str:
    """The same server's URL for another database."""
    head, _, options = dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{options}"


def processes(below: Path) -> list[psutil.Process]:
    """PostgreSQL's processes that work below this directory, the oldest first."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.name() == "postgres" and Path(process.cwd()).is_relative_to(below):
                found.append(process)
    return sorted(found, key=lambda process: (process.create_time(), process.pid))


def kill(below: Path) -> None:
    """kill -9 of all of it, as when the machine's memory is full."""
    for process in processes(below):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _until_gone(below)


def stop(below: Path) -> None:
    """As an administrator stops it for an upgrade: clients are cut off."""
    os.kill(processes(below)[0].pid, signal.SIGINT)
    _until_gone(below)


def _until_gone(below: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while left := processes(below):
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.01)
