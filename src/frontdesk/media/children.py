"""Functions that run in processes of their own, so that a bad file costs its job alone.

A child is started when there is a job, kept for a while, and ended when there is none. It is
killed when a job takes too long or is cancelled, and ends when its parent does. It neither imports
the program's main module nor inherits its environment's secrets, and has the models and libraries
that its jobs loaded for as long as it is kept.
"""

import asyncio
import builtins
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar, TypeVarTuple

from frontdesk.media.child import LENGTH, framed

T = TypeVar("T")
Args = TypeVarTuple("Args")

PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"),
    "CUDA_VISIBLE_DEVICES",
)
"""The rest of the environment may hold secrets, and a child may be taken over by a file."""
CHILD = "frontdesk.media.child"
LONGEST_ANSWER = 8 * 1024 * 1024


class JobFailed(Exception):
    """A job that was stopped, or that took its process with it.

    `reason` is for people, what follows "the file" or "the model": `took longer than 5 s`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Answer(pickle.Unpickler):
    """Reads what a child says, which a hostile file may have a hand in."""

    def __init__(self, body: bytes, classes: tuple[type, ...]) -> None:
        super().__init__(BytesIO(body))
        self._classes = {(each.__module__, each.__qualname__): each for each in classes}

    def find_class(self, module: str, name: str) -> type:
        found = self._classes.get((module, name))
        if found is None and module == "builtins":
            found = getattr(builtins, name, None)
            if not (isinstance(found, type) and issubclass(found, Exception)):
                found = None
        if found is None:
            raise JobFailed(f"had its process answer with a {module}.{name}")
        return found


@dataclass(eq=False)
class _Child:
    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    retirement: asyncio.TimerHandle | None = None
    ending: "asyncio.Task[int] | None" = None
    """Of its exit code, negative for a signal."""

    async def answer(self, job: bytes) -> bytes:
        self.writer.write(job)
        await self.writer.drain()
        length = int.from_bytes(await self.reader.readexactly(LENGTH))
        if length > LONGEST_ANSWER:
            raise JobFailed(
                f"had its process answer with {length} bytes; at most {LONGEST_ANSWER} are read"
            )
        return await self.reader.readexactly(length)


@dataclass(eq=False)
class Children:
    """Belongs to one event loop; `close` when it ends. A job may follow: it starts a child again.

    A job is a function of a module, which the child imports, and arguments that can be pickled.
    """

    classes: tuple[type, ...] = ()
    """Those an answer may hold, beside plain values and Python's own exceptions."""
    processes: int = 1
    idle_seconds: float = 60
    memory: int | None = None
    """Of one child's address space, in bytes. None is no limit, here as below."""
    file_size: int | None = None
    """Of one file that a child writes."""
    processors: float | None = None
    """That a job may keep busy, on an average over its time limit."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Beside what is passed on of ours."""
    _slots: asyncio.Semaphore = field(init=False, repr=False)
    _alive: set[_Child] = field(init=False, repr=False, default_factory=set[_Child])
    _idle: list[_Child] = field(init=False, repr=False, default_factory=list[_Child])
    _ending: "set[asyncio.Task[int]]" = field(
        init=False, repr=False, default_factory=set["asyncio.Task[int]"]
    )

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.processes)

    async def run(self, function: Callable[[*Args], T], *arguments: *Args, seconds: float) -> T:
        """Raises what the function raises, and JobFailed. Its turn comes first, then its time.

        When it raises, a child that was stopped, crashed or met what it did not expect is gone.
        """
        cpu_seconds = None if self.processors is None else seconds * self.processors
        job = framed((cpu_seconds, function, arguments))
        async with self._slots:
            child, reusable = await self._take(), False
            try:
                went_well, answer = await self._answer(child, job, seconds)
                # MemoryError and the like may have left libraries half loaded.
                reusable = went_well or type(answer) in self.classes
            finally:
                if reusable:
                    self._keep(child)
                else:
                    await asyncio.shield(self._end(child))
        if went_well:
            return answer
        raise answer

    async def close(self) -> None:
        """Ends the children; a job that runs ends with JobFailed or its caller's cancellation."""
        self._idle.clear()
        for child in list(self._alive):
            self._end(child)
        while self._ending:
            await asyncio.wait(self._ending)

    async def _answer(self, child: _Child, job: bytes, seconds: float) -> tuple[bool, Any]:
        try:
            async with asyncio.timeout(seconds):
                body = await child.answer(job)
        except TimeoutError:
            raise JobFailed(f"took longer than {seconds:g} s") from None
        except (OSError, EOFError):
            if child.ending is not None:
                raise JobFailed("was stopped") from None
            raise JobFailed(_why(await asyncio.shield(self._end(child)))) from None
        try:
            went_well, answer = _Answer(body, self.classes).load()
        except JobFailed:
            raise
        except Exception as error:  # whatever bytes that are no pickle lead to
            raise JobFailed("had its process answer with nonsense") from error
        if not went_well and not isinstance(answer, Exception):
            raise JobFailed("had its process answer with nonsense")
        return went_well, answer

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
            reader, writer = await asyncio.open_connection(sock=ours)
            limits = (os.getpid(), self.memory or 0, self.file_size or 0)
            try:
                # In the loop's own thread: the child is bound to the life of the thread that
                # starts it.
                process = subprocess.Popen(  # noqa: ASYNC220, S603 - returns once the child is there
                    [
                        *(sys.executable, "-P", "-m", CHILD),
                        *(str(each) for each in (its.fileno(), *limits)),
                    ],
                    pass_fds=(its.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment() | dict(self.environment),
                    start_new_session=True,
                )
            except OSError as error:
                writer.close()
                raise JobFailed(f"got no process to run in ({error.strerror})") from error
        child = _Child(process, reader, writer)
        self._alive.add(child)
        return child

    def _keep(self, child: _Child) -> None:
        if child.ending is None:
            loop = asyncio.get_running_loop()
            child.retirement = loop.call_later(self.idle_seconds, self._retire, child)
            self._idle.append(child)

    def _retire(self, child: _Child) -> None:
        self._idle.remove(child)
        self._end(child)

    def _end(self, child: _Child) -> "asyncio.Task[int]":
        """Kills it at once; whoever waits for the task has its exit code and no zombie."""
        if child.ending is None:
            if child.retirement is not None:
                child.retirement.cancel()
            child.process.kill()
            child.writer.close()
            self._alive.discard(child)
            child.ending = asyncio.create_task(asyncio.to_thread(child.process.wait))
            self._ending.add(child.ending)
            child.ending.add_done_callback(self._ending.discard)
        return child.ending


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
        return "took too much processor time"
    if code == -signal.SIGXFSZ:
        return "wrote too large a file"
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    return f"made its process stop ({how}), by a fault or for want of memory"
