"""An engine in a process of its own: it decodes hostile files and may hang, crash or swell.

The parent writes one line of JSON per request and reads one per answer. The child has none of the
parent's secrets in its environment, a limit of memory, and ends when nobody asks for a while, so
that its models hold memory only while they are in use.
"""

import asyncio
import json
import os
import select
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from frontdesk.ports import RecognitionFailed

KEPT_VARIABLES = [
    "PATH",
    "PYTHONPATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "CUDA_VISIBLE_DEVICES",
]
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
LONGEST_ANSWER = 8 * 1024 * 1024
IDLE_SECONDS = 60.0
NICENESS = 5

Answer = dict[str, Any]


class _Gone(Exception):
    """The process ended without an answer."""


class Child:
    """Answers one request at a time. `close` it at the end; it starts again when asked again."""

    def __init__(
        self,
        what: str,
        module: str,
        arguments: Sequence[str] = (),
        *,
        memory: int | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._what = what
        limits = [str(memory or 0), str(idle_seconds)]
        self._command = [sys.executable, "-m", module, *limits, *arguments]
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def ask(self, request: Mapping[str, Any], seconds: float) -> Answer:
        """The answer. Raises RecognitionFailed; the process does not outlive a failure."""
        line = json.dumps(request).encode() + b"\n"
        async with self._turn:
            try:
                async with asyncio.timeout(seconds):
                    answer = await self._exchange(line)
            except TimeoutError:
                raise RecognitionFailed(f"{self._what} took longer than {seconds:g} s") from None
            except _Gone:
                raise RecognitionFailed(
                    f"{self._what} ended without an answer: the file crashed it, or it needs more "
                    "memory than it may have"
                ) from None
        if "error" in answer:
            raise RecognitionFailed(str(answer["error"]))
        return answer

    async def close(self) -> None:
        async with self._turn:
            await self._end()

    async def _exchange(self, line: bytes) -> Answer:
        waited = self._process is not None
        try:
            try:
                return await self._once(line)
            except _Gone:
                if not waited:
                    raise
            # It may have ended for want of work just now.
            await self._end()
            return await self._once(line)
        except BaseException:
            await self._end()
            raise

    async def _once(self, line: bytes) -> Answer:
        process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(line)
            await process.stdin.drain()
            answer = await process.stdout.readline()
        except (OSError, ValueError) as error:
            raise _Gone from error
        if not answer.endswith(b"\n"):
            raise _Gone
        return json.loads(answer)

    async def _start(self) -> asyncio.subprocess.Process:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**kept, **OFFLINE},
            limit=LONGEST_ANSWER,
        )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        # `wait` returns once the pipes are closed, too; shielded, so that no zombie is left.
        await asyncio.shield(process.wait())


def serve(load: Callable[[Sequence[str]], Callable[[Answer], Answer]]) -> None:
    """The child's side: `load` makes the engine, which then answers requests until none come."""
    memory, idle_seconds = int(sys.argv[1]), float(sys.argv[2])
    _limit(memory)
    answers = os.dup(1)
    # Engines print; the pipe is for answers.
    os.dup2(2, 1)
    engine: Callable[[Answer], Answer] | None = None
    waiting = b""
    while True:
        while b"\n" not in waiting:
            readable, _, _ = select.select([0], [], [], idle_seconds)
            read = os.read(0, 65_536) if readable else b""
            if not read:
                return
            waiting += read
        line, _, waiting = waiting.partition(b"\n")
        try:
            engine = engine or load(sys.argv[3:])
            answer = engine(json.loads(line))
        except RecognitionFailed as failure:
            answer = {"error": failure.text}
        except MemoryError:
            return
        with os.fdopen(os.dup(answers), "wb") as pipe:
            pipe.write(json.dumps(answer).encode() + b"\n")


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
