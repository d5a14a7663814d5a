"""What every store needs: keys that are safe, bytes through a disk, and steps taken back.

Bytes that come in are first written to a file of no name, and become an object when all of them
are there: a broken upload never reaches a store.
"""

import asyncio
import os
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Sequence,
)
from contextlib import contextmanager, suppress
from io import FileIO
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from frontdesk.ports import ObjectStore, StoreError

CHUNK = 256 * 1024
"""Bytes that are read, and written to a disk, at once: fewer cost a thread's start too often, and
50 uploads at once hold one such piece each."""
KEY = re.compile(r"(?:[\w\-+=][\w.\-+=]*/)*[\w\-+=][\w.\-+=]*", re.ASCII)
LONGEST_KEY = 900
"""S3 allows 1024 bytes with the prefix."""

T = TypeVar("T")


def checked(key: str) -> str:
    """The key. Raises ValueError when it is not a safe one."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError(
            f"{key[:200]!r} is no key: up to {LONGEST_KEY} letters, digits and . _ - + = in parts"
            " that are divided by / and do not start with a dot"
        )
    return key


@contextmanager
def disk_errors(*, reading: bool = False) -> Generator[None]:
    """What the disk says, as StoreError."""
    try:
        yield
    except OSError as error:
        if reading and isinstance(error, FileNotFoundError | IsADirectoryError):
            raise StoreError("the store does not have the file", missing=True) from error
        reason = os.strerror(error.errno) if error.errno else "error"
        raise StoreError(f"the disk that files are kept on says: {reason}") from error


class Closes(Protocol):
    def close(self) -> None: ...


OpenFile = TypeVar("OpenFile", bound=Closes)


async def opened(make: Callable[[], OpenFile]) -> OpenFile:
    """What `make` opens in a thread. A caller who is cancelled meanwhile leaves nothing open."""
    return await made(make, lambda file: file.close())


async def made(make: Callable[[], T], drop: Callable[[T], None]) -> T:
    """What `make` makes in a thread; `drop` gets it when the caller was cancelled meanwhile.

    A thread goes on when its caller is cancelled, and what it makes then belongs to nobody.
    """
    making = asyncio.get_running_loop().run_in_executor(None, make)
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:

        def dropped(done: "asyncio.Future[T]") -> None:
            if not done.cancelled() and done.exception() is None:
                drop(done.result())

        making.add_done_callback(dropped)
        raise


async def collect(chunks: AsyncIterable[bytes], file: FileIO) -> int:
    """Writes what comes to the file; the number of bytes. What `chunks` raises stays as it is."""
    size = held = 0
    batch: list[bytes] = []
    async for chunk in chunks:
        batch.append(chunk)
        held += len(chunk)
        if held >= CHUNK:
            await _write(file, batch)
            size += held
            held, batch = 0, []
    await _write(file, batch)
    return size + held


async def _write(file: FileIO, batch: Sequence[bytes]) -> None:
    with disk_errors():
        await asyncio.to_thread(_write_all, file, batch)


def _write_all(file: FileIO, batch: Sequence[bytes]) -> None:
    for chunk in batch:
        rest = memoryview(chunk)
        while rest:
            rest = rest[file.write(rest) :]


async def pieces(file: FileIO, size: int) -> AsyncGenerator[bytes]:
    """`size` bytes from where the file is; fewer only when it ends."""
    while size and (piece := await asyncio.to_thread(file.read, min(CHUNK, size))):
        size -= len(piece)
        yield piece


class Deletes(Protocol):
    async def delete(self, keys: Sequence[str]) -> None: ...


class Undo:
    """Runs the last step of a put to its end though its caller is cancelled, and takes it back.

    A step that is only cancelled may or may not have stored the object: in a thread it goes on,
    and a server that has the whole request carries it out.
    """

    def __init__(self, store: Deletes) -> None:
        self._store = store
        self._running: set[asyncio.Task[None]] = set()

    async def whole(
        self, key: str, step: Coroutine[Any, Any, T], hurry: Callable[[], None] = lambda: None
    ) -> T:
        """The result of `step`; `hurry` tells it that nobody waits for it any more."""
        task = asyncio.ensure_future(step)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            hurry()
            undo = asyncio.ensure_future(self._take_back(key, task))
            self._running.add(undo)
            undo.add_done_callback(self._running.discard)
            await asyncio.shield(undo)
            raise

    async def _take_back(self, key: str, task: "asyncio.Task[T]") -> None:
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is None:
            with suppress(StoreError):
                await self._store.delete([key])


async def probe(store: ObjectStore) -> None:
    """Writes and deletes a small file."""

    async def one() -> AsyncIterator[bytes]:
        yield b"written to see whether files can be written"

    key = f"frontdesk-check-{uuid4().hex}"
    await store.put(key, one(), "text/plain")
    await store.delete([key])
