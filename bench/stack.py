"""What is measured: Frontdesk's own processes over an embedded PostgreSQL, in a temporary place.

A `Bench` owns the place; whatever was started in it ends with it, however it ends.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import asyncpg

from frontdesk.db.embedded import Server, start_server

ACCOUNT = "AC" + "1" * 32
TOKEN = "5" * 32
NUMBER = "+14155238886"
OWNER_TOKEN = "bench-" + "7" * 32
ECHO = "echo"
NO_LIMIT = 1_000_000.0
"""Messages per second: the channel's rate must not be what is measured."""
PATIENCE = 60.0

T = TypeVar("T")


class Process:
    """A child that is killed when it is no longer measured: its database is thrown away."""

    def __init__(self, name: str, argv: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self.started = time.perf_counter()
        with log.open("wb") as said:
            self.popen = subprocess.Popen(
                argv,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                # The terminal's Ctrl-C is for the measurement, which then ends its children.
                process_group=0,
            )

    async def listening(self, port: int) -> None:
        async def connects() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return False
            writer.close()
            return True

        await self._until(connects, f"listens on {port}")

    async def logged(self, text: str) -> None:
        async def is_there() -> bool:
            return text in self.log.read_text(errors="replace")

        await self._until(is_there, f"logs {text!r}")

    async def _until(self, is_so: Callable[[], "asyncio.Future[bool] | object"], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await is_so():  # type: ignore[misc]
            if self.popen.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name} never {what}; its log ends with:\n{tail}")
            await asyncio.sleep(0.02)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        if self.popen.stdout is not None:
            self.popen.stdout.close()

    def stop(self, patience: float = PATIENCE) -> None:
        """By SIGTERM, for those who have something to put in order."""
        with suppress(ProcessLookupError):
            self.popen.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(patience)
        self.kill()
