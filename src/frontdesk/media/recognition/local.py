"""An engine on this machine, in a child process: it reads hostile files, and may hang or crash.

What it loads stays in its child, and leaves memory with it when nobody asks for a while.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, TypeVarTuple

from frontdesk.media.children import Children, JobFailed
from frontdesk.ports import RecognitionFailed

T = TypeVar("T")
Args = TypeVarTuple("Args")

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


@dataclass(eq=False)
class LocalEngine:
    """Answers one request at a time. `close` it at the end; it starts again when asked again."""

    what: str
    """It begins the sentences that say what went wrong."""
    idle_seconds: float
    memory: int | None = None
    """Of address space, in bytes; None is no limit."""
    _children: Children = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._children = Children(
            (RecognitionFailed,),
            processes=1,
            idle_seconds=self.idle_seconds,
            memory=self.memory,
            environment=OFFLINE,
        )

    async def ask(self, function: Callable[[*Args], T], *arguments: *Args, seconds: float) -> T:
        """What the function returns: plain values. Raises RecognitionFailed."""
        try:
            return await self._children.run(function, *arguments, seconds=seconds)
        except RecognitionFailed:
            raise
        except JobFailed as failed:
            raise RecognitionFailed(f"{self.what} {failed.reason}") from None
        except MemoryError:
            raise RecognitionFailed(f"{self.what} needs more memory than it may have") from None
        except Exception as error:  # engines raise what they like
            raise RecognitionFailed(f"{self.what} failed ({type(error).__name__})") from error

    async def close(self) -> None:
        await self._children.close()
