"""Decoders: functions that run in processes of their own, so that a bad file costs its job alone.

A child is started when there is a job, kept for a while, and ended when there is none. It is
killed when a job takes too long or is cancelled, and ends when its parent does. It neither imports
the program's main module nor inherits its environment's secrets.
"""

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from frontdesk.media.decoding import jobs
from frontdesk.media.decoding.child import LENGTH, framed
from frontdesk.media.decoding.limits import MEGABYTE, Limits
from frontdesk.media.model import FileType, Findings, Made, Unconvertible
from frontdesk.ports import MediaLimit

T = TypeVar("T")
Args = TypeVarTuple("Args")

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""The rest of the environment may hold secrets, and a decoder may be taken over by a file."""
CHILD = "frontdesk.media.decoding.child"
ANSWERED = ("frontdesk.media.model", "frontdesk.media.decoding.limits", "pathlib", "builtins")
"""The modules whose classes an answer may hold."""
CPU_PER_SECOND = 4
"""Seconds of processor time, of all threads, that a job may take for each second of its limit."""


class JobFailed(Exception):
    """A job that was stopped, or that took its process with it. `text` is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class _Answer(pickle.Unpickler):
    """Reads what a child says, which a hostile file may have a hand in: classes of ours only."""

    def find_class(self, module: str, name: str) -> Any:
        known = module in ANSWERED and "." not in name
        found = super().find_class(module, name) if known else None
        if module == "builtins" and not (isinstance(found, type) and issubclass(found, Exception)):
            found = None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"a decoder answered with a {module}.{name}")
        return found


@dataclass(eq=False)
class _Child:
    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    retirement: asyncio.TimerHandle | None = None

    async def run(self, job: bytes) -> tuple[bool, Any]:
        self.writer.write(job)
        await self.writer.drain()
        length = int.from_bytes(await self.reader.readexactly(LENGTH))
        return _Answer(BytesIO(await self.reader.readexactly(length))).load()

    async def end(self) -> int:
        """Its exit code, negative for a signal."""
        if self.retirement is not None:
            self.retirement.cancel()
        self.process.kill()
        self.writer.close()
        return await asyncio.to_thread(self.process.wait)


@dataclass(frozen=True)
class Decoders:
    """Runs jobs in child processes. Belongs to one event loop; `close` when it ends."""

    processes: int = field(default_factory=lambda: max(1, (os.cpu_count() or 1) - 1))
    inspect_seconds: float = 120
    convert_seconds: float = 240
    idle_seconds: float = 30
    memory: int = 1536 * MEGABYTE
    """Of one child's address space, in bytes."""
    file_size: int = 256 * MEGABYTE
    """Of one file that a child writes."""
    limits: Limits = field(default_factory=Limits)
    _slots: list[asyncio.Semaphore] = field(default_factory=list[asyncio.Semaphore], repr=False)
    _idle: list[_Child] = field(default_factory=list[_Child], repr=False)
    _ending: set[asyncio.Task[int]] = field(default_factory=set[asyncio.Task[int]], repr=False)

    async def inspect(self, path: Path, file: FileType, out: Path) -> Findings:
        """What is in the file. What it cannot tell is told in `error`; it raises for no file."""
        try:
            return await self.run(
                jobs.inspect, path, file, out, self.limits, seconds=self.inspect_seconds
            )
        except JobFailed as failed:
            return Findings(error=failed.text)
        except Exception as error:
            return Findings(error=f"It could not be looked into: {error}.")

    async def convert(self, path: Path, file: FileType, limit: MediaLimit, out: Path) -> Made:
        """Makes `sent` of it, which the limit allows. Raises Unconvertible."""
        if not self.is_convertible(file, limit, 0):
            raise Unconvertible(
                f"a file of type {file.content_type} cannot be made into "
                f"{' or '.join(limit.content_types) or 'anything'}"
            )
        try:
            return await self.run(
                jobs.convert, path, file, limit, out, self.limits, seconds=self.convert_seconds
            )
        except Unconvertible:
            raise
        except JobFailed as failed:
            raise Unconvertible(failed.text) from failed
        except Exception as error:
            raise Unconvertible(f"it could not be converted: {error}") from error

    def is_convertible(self, file: FileType, limit: MediaLimit, size: int) -> bool:
        """Whether `convert` may make it fit. It says no more than its type and size can tell."""
        return jobs.is_convertible(file, limit, size)

    async def run(
        self, function: Callable[[*Args], T], *arguments: *Args, seconds: float | None = None
    ) -> T:
        """Raises what the function raises, and JobFailed."""
        most = self.inspect_seconds if seconds is None else seconds
        job = framed((most * CPU_PER_SECOND, function, arguments))
        async with self._slot():
            child, done = await self._take(), False
            try:
                async with asyncio.timeout(most):
                    went_well, answer = await child.run(job)
                done = True
            except TimeoutError:
                raise JobFailed(f"It was given up: it took longer than {most:g} s.") from None
            except pickle.UnpicklingError as error:
                raise JobFailed(f"It could not be looked into: {error}.") from error
            except (OSError, EOFError, asyncio.IncompleteReadError):
                code = await self._end(child)
                raise JobFailed(_why(code)) from None
            finally:
                if done:
                    self._keep(child)
                elif child.process.returncode is None:
                    self._end(child)
        if went_well:
            return answer
        raise answer

    async def close(self) -> None:
        """Ends the children; a job that runs ends with JobFailed or its caller's cancellation."""
        while self._idle:
            self._end(self._idle.pop())
        while self._ending:
            await asyncio.wait(self._ending)

    def _slot(self) -> asyncio.Semaphore:
        if not self._slots:
            self._slots.append(asyncio.Semaphore(self.processes))
        return self._slots[0]

    async def _take(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            assert child.retirement is not None
            child.retirement.cancel()
            if child.process.poll() is None:
                return child
            self._end(child)
        return await self._start()

    async def _start(self) -> _Child:
        ours, its = socket.socketpair()
        with its:
            # In the loop's own thread: the child is bound to the life of the thread that starts it.
            process = subprocess.Popen(  # noqa: ASYNC220, S603 - it returns once the child is there
                [
                    *(sys.executable, "-P", "-m", CHILD),
                    *(str(each) for each in (its.fileno(), os.getpid(), self.memory)),
                    str(self.file_size),
                ],
                pass_fds=(its.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        return _Child(process, reader, writer)

    def _keep(self, child: _Child) -> None:
        loop = asyncio.get_running_loop()
        child.retirement = loop.call_later(self.idle_seconds, self._retire, child)
        self._idle.append(child)

    def _retire(self, child: _Child) -> None:
        self._idle.remove(child)
        self._end(child)

    def _end(self, child: _Child) -> "asyncio.Task[int]":
        task = asyncio.get_running_loop().create_task(child.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task


def _environment() -> dict[str, str]:
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # glibc reserves 64 MB of address space for each thread's arena, which the limit counts.
    return {
        **passed,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "MALLOC_ARENA_MAX": "2",
    }


def _why(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "It was given up: it took too much processor time."
    if code == -signal.SIGXFSZ:
        return "It was given up: what was made of it grew too large."
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    return f"It could not be looked into: it made its decoder stop ({how})."
