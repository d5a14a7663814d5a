"""Data directories of the tests' own, the servers in them, and other commands that use those."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil

T = TypeVar("T")


def until(found: Callable[[], T], what: str, seconds: float = 20) -> T:
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return result


def processes(below: Path) -> list[psutil.Process]:
    """PostgreSQL's processes that work below this directory, the oldest first."""
    prefix = f"{below.resolve()}/"
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and process.cwd().startswith(prefix):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return sorted(found, key=lambda process: (process.create_time(), process.pid))


def kill_server(below: Path) -> None:
    for process in processes(below):
        process.kill()
    until(lambda: not processes(below), "the killed server is gone")


async def ask(dsn: str, *statements: str) -> Any:
    """The single value of the last statement."""
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


class Command:
    """Another process that uses the server."""

    def __init__(self, data: Path, uid: int | None = None) -> None:
        script = str(Path(__file__).with_name("server_user.py"))
        self.process = subprocess.Popen(
            [sys.executable, script, str(data), *([] if uid is None else [str(uid)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def refusal(self) -> str:
        """The error, for a command that cannot use the server."""
        said, _ = self.process.communicate(timeout=60)
        return "{error}: {detail}".format(**json.loads(said))

    def stop(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def directory_of_our_own() -> tempfile.TemporaryDirectory[str]:
    """Mode 0700, and in memory if there is room: many clusters are copied here.

    Not pytest's, which keeps resetting the permissions of its directories.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    return tempfile.TemporaryDirectory(prefix="frontdesk-test-", dir=memory if roomy else None)


@contextmanager
def copied(fresh: Path) -> Generator[Path]:
    with directory_of_our_own() as directory:
        data = Path(directory) / "data"
        subprocess.run(["cp", "-a", fresh, data], check=True)
        yield data
        kill_server(data)
