"""A child process that is measured: started, waited for, and ended whatever happens."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 60.0


class Process:
    """Its output goes to files. Leaving it as a context kills it: its data is thrown away."""

    def __init__(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], directory: Path
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self.printed = directory / f"{name}.out"
        self.started = time.perf_counter()
        with self.log.open("wb") as log, self.printed.open("wb") as printed:
            self._popen = subprocess.Popen(
                argv,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=log,
                # The terminal's Ctrl-C is for the measurement, which then ends its children.
                process_group=0,
            )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self._popen.pid

    async def listens(self, port: int) -> None:
        async def connects() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return False
            writer.close()
            return True

        await self._until(connects, f"listened on port {port}")

    async def says(self, text: str) -> None:
        """Until the text is in its log or in what it printed."""

        async def is_there() -> bool:
            return any(
                text in file.read_text(errors="replace") for file in (self.printed, self.log)
            )

        await self._until(is_there, f"said {text!r}")

    async def ends(self) -> None:
        async def ended() -> bool:
            return self._popen.poll() is not None

        while not await ended():
            await asyncio.sleep(0.01)
        if self._popen.returncode != 0:
            raise self._failed(f"ended well, but with code {self._popen.returncode}")

    async def _until(self, is_so: Callable[[], Awaitable[bool]], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await is_so():
            if self._popen.poll() is not None or time.monotonic() > deadline:
                raise self._failed(what)
            await asyncio.sleep(0.01)

    def _failed(self, what: str) -> RuntimeError:
        tail = self.log.read_text(errors="replace")[-2000:]
        return RuntimeError(f"{self.name} never {what}; its log ends with:\n{tail}")

    def kill(self) -> None:
        if self._popen.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()

    def stop(self) -> None:
        """By SIGTERM, for one that has something to put in order."""
        if self._popen.poll() is None:
            self._popen.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(PATIENCE)
        self.kill()
