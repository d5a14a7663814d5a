"""Decoders: what is done with files, in child processes with limits of time, memory and output."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from frontdesk.media.children import Children, JobFailed
from frontdesk.media.decoding import jobs
from frontdesk.media.decoding.limits import MEGABYTE, Limits, Unreadable
from frontdesk.media.model import FileType, Findings, Made, Unconvertible
from frontdesk.ports import MediaLimit

T = TypeVar("T")
Args = TypeVarTuple("Args")

ANSWERED = (Findings, Made, Unconvertible, Unreadable, type(Path()))
PROCESSORS = 4


@dataclass
class Decoders:
    """Runs jobs in child processes. Belongs to one event loop; `close` when it ends."""

    processes: int = field(default_factory=lambda: max(1, (os.cpu_count() or 1) - 1))
    inspect_seconds: float = 120
    """For one file at the most; `still_seconds` for one without a duration."""
    still_seconds: float = 20
    convert_seconds: float = 240
    idle_seconds: float = 30
    memory: int = 1536 * MEGABYTE
    file_size: int = 256 * MEGABYTE
    limits: Limits = field(default_factory=Limits)
    _children: Children = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._children = Children(
            ANSWERED,
            processes=self.processes,
            idle_seconds=self.idle_seconds,
            memory=self.memory,
            file_size=self.file_size,
            processors=PROCESSORS,
        )

    async def inspect(self, path: Path, file: FileType, out: Path) -> Findings:
        """What is in the file. What it cannot tell is told in `error`; it raises for no file."""
        is_still = file.kind not in ("audio", "video")
        seconds = min(self.inspect_seconds, self.still_seconds if is_still else math.inf)
        try:
            return await self.run(jobs.inspect, path, file, out, self.limits, seconds=seconds)
        except JobFailed as failed:
            return Findings(error=f"It was given up: it {failed.reason}.")
        except Exception as error:
            return Findings(error=f"It could not be looked into: {_said(error)}.")

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
            raise Unconvertible(f"It was given up: it {failed.reason}.") from failed
        except Exception as error:
            raise Unconvertible(f"it could not be converted: {_said(error)}") from error

    def is_convertible(self, file: FileType, limit: MediaLimit, size: int) -> bool:
        """Whether `convert` may make it fit. It says no more than its type and size can tell."""
        return jobs.is_convertible(file, limit, size)

    async def run(
        self, function: Callable[[*Args], T], *arguments: *Args, seconds: float | None = None
    ) -> T:
        """Raises what the function raises, and JobFailed."""
        most = self.inspect_seconds if seconds is None else seconds
        return await self._children.run(function, *arguments, seconds=most)

    async def close(self) -> None:
        """Ends the children; a job that runs ends with JobFailed or its caller's cancellation."""
        await self._children.close()


def _said(error: Exception) -> str:
    """MemoryError and some others have no text."""
    return str(error).rstrip(".") or type(error).__name__
