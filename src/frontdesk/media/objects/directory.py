"""Files below one directory of this machine, readable by its user only."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from io import FileIO
from pathlib import Path

from frontdesk.media.objects.streams import (
    Undo,
    checked,
    collect,
    disk_errors,
    made,
    opened,
    pieces,
    probe,
)

INCOMING = ".incoming"
"""The folder where bytes wait to be complete. No key starts with a dot."""
ABANDONED_SECONDS = 3600
RACES = 5


class Directory:
    """A store of files. Everything is written to the disk itself before it counts as stored."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._undo = Undo(self)

    def _path(self, key: str) -> Path:
        return self._root / checked(key)

    async def put(self, key: str, chunks: AsyncIterable[bytes], content_type: str) -> int:
        del content_type  # is in the database
        path = self._path(key)
        with disk_errors():
            file, waiting = await made(self._waiting, _unwanted)
        try:
            with file:
                size = await collect(chunks, file)
                await self._undo.whole(key, asyncio.to_thread(self._keep, file, waiting, path))
        finally:
            # Not in a thread: a cancelled caller could not wait for it.
            waiting.unlink(missing_ok=True)
        return size

    async def put_file(self, key: str, path: Path, content_type: str) -> int:
        with disk_errors():
            file = await opened(lambda: FileIO(path))
        with file:
            return await self.put(key, pieces(file, os.fstat(file.fileno()).st_size), content_type)

    def _waiting(self) -> tuple[FileIO, Path]:
        """A new file, for its user only."""
        incoming = self._root / INCOMING
        _private(incoming)
        handle, name = tempfile.mkstemp(dir=incoming)
        return FileIO(handle, "wb"), Path(name)

    def _keep(self, file: FileIO, waiting: Path, path: Path) -> None:
        """Gives the file its name once its bytes are on the disk."""
        with disk_errors():
            os.fsync(file.fileno())
            for races_left in reversed(range(RACES)):
                try:
                    _private(path.parent)
                    waiting.replace(path)
                    break
                except FileNotFoundError:  # a deletion found the folder empty
                    if not races_left:
                        raise
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    async def size(self, key: str) -> int:
        with disk_errors(reading=True):
            return (await asyncio.to_thread(self._path(key).stat)).st_size

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        path = self._path(key)
        with disk_errors(reading=True):
            file = await opened(lambda: FileIO(path))
        with file, disk_errors():
            size = os.fstat(file.fileno()).st_size
            last = size if end is None else min(end, size)
            file.seek(start)
            async for piece in pieces(file, max(0, last - start)):
                yield piece

    @asynccontextmanager
    async def local(self, key: str) -> AsyncGenerator[Path]:
        await self.size(key)
        yield self._path(key)

    async def delete(self, keys: Sequence[str]) -> None:
        paths = [self._path(key) for key in keys]
        with disk_errors():
            await asyncio.to_thread(self._unlink, paths)

    def _unlink(self, paths: list[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root:
                    break
                try:
                    folder.rmdir()
                except OSError:  # not empty, or not there
                    break

    async def signed_url(self, key: str, seconds: int) -> str | None:
        del key, seconds
        return None

    async def check(self) -> None:
        await probe(self)

    async def sweep(self) -> None:
        with disk_errors():
            await asyncio.to_thread(self._sweep)

    def _sweep(self) -> None:
        before = time.time() - ABANDONED_SECONDS
        for waiting in (self._root / INCOMING).iterdir():
            with suppress(FileNotFoundError):  # another process sweeps, too
                if waiting.stat().st_mtime < before:
                    waiting.unlink()


def _private(folder: Path) -> None:
    """Makes a folder and those above it, each for its user only."""
    if not folder.is_dir():
        _private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _unwanted(opened_: tuple[FileIO, Path]) -> None:
    file, waiting = opened_
    file.close()
    waiting.unlink(missing_ok=True)
