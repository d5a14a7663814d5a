"""Files in a bucket at S3 or a server that speaks as it does, Google Cloud Storage, or Azure."""

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from frontdesk.media.objects.streams import (
    CHUNK,
    Undo,
    checked,
    collect,
    disk_errors,
    made,
    opened,
    pieces,
    probe,
)
from frontdesk.ports import StoreError

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

PART = 5 * 1024 * 1024
"""What is larger goes in parts of this size, the smallest that S3 takes."""
UPLOADS = 2
"""At once: each holds up to two parts in memory."""
CONNECT_SECONDS = 5
SILENCE_SECONDS = 30
"""How long a store may leave a request without an answer or a next byte."""
TRANSFER_SECONDS = 1800
RETRY_SECONDS = 8
"""No request is tried again after this long, so a dead store says so within about ten seconds."""
SHORT_SECONDS = 12
"""For requests that move no file."""
TAKE_BACK_SECONDS = 3
LONGEST_SIGNATURE = 7 * 24 * 3600
"""What S3 allows."""


class Stopped(Exception):
    """Nobody waits for an upload any more."""


class Bucket:
    """A remote store of files, or the part of it below a prefix.

    A put that fails or is cancelled leaves nothing at its key, also of what was there before.
    """

    def __init__(self, url: str) -> None:
        self._store = _open(url)
        self._uploads = asyncio.Semaphore(UPLOADS)
        self._undo = Undo(self)

    async def put(self, key: str, chunks: AsyncIterable[bytes], content_type: str) -> int:
        checked(key)
        with disk_errors():
            file = await opened(_nameless)
        with file:
            size = await collect(chunks, file)
            file.seek(0)
            await self._upload(key, file, size, content_type)
        return size

    async def put_file(self, key: str, path: Path, content_type: str) -> int:
        checked(key)
        with disk_errors():
            file = await opened(lambda: FileIO(path))
        with file:
            size = os.fstat(file.fileno()).st_size
            await self._upload(key, file, size, content_type)
        return size

    async def _upload(self, key: str, file: FileIO, size: int, content_type: str) -> None:
        """Sends the file, or takes back what a failure may have left."""
        async with self._uploads:
            copy = FileIO(os.dup(file.fileno()))  # open for as long as the sending takes
            stop = threading.Event()
            try:
                step = self._send(key, copy, size, content_type, stop)
                await self._undo.whole(key, step, hurry=stop.set)
            except StoreError:
                # The store may have it and have failed to say so.
                with suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(TAKE_BACK_SECONDS):
                        await self.delete([key])
                raise

    async def _send(
        self, key: str, file: FileIO, size: int, content_type: str, stop: threading.Event
    ) -> None:
        from obstore import put_async

        async def parts() -> AsyncGenerator[bytes]:
            async for piece in pieces(file, size):
                if stop.is_set():  # obstore ends the upload at the store, too, when this raises
                    raise Stopped
                yield piece

        with file:
            with disk_errors():
                whole = await asyncio.to_thread(file.readall) if size <= PART else None
            with _store_errors(key, writing=True):
                await put_async(
                    self._store,
                    key,
                    parts() if whole is None else whole,
                    attributes={"Content-Type": content_type},
                    use_multipart=whole is None,
                    chunk_size=PART,
                    max_concurrency=1,
                )

    async def size(self, key: str) -> int:
        from obstore import head_async

        checked(key)
        with _store_errors(key):
            async with asyncio.timeout(SHORT_SECONDS):
                return (await head_async(self._store, key))["size"]

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        checked(key)
        if end is not None and end <= start:
            return
        with _store_errors(key):
            result = await self._get(key, start, end)
            size = result.meta["size"]
            end = size if end is None else min(end, size)
            position, _ = result.range
            async for chunk in result.stream(CHUNK // 2):
                # A server may answer with more than it was asked for.
                wanted = chunk[max(0, start - position) : max(0, end - position)]
                position += len(chunk)
                for at in range(0, len(wanted), CHUNK):
                    yield wanted[at : at + CHUNK]
                if position >= end:
                    return
        if position < end:
            raise StoreError("the store of files ended the file too early")

    async def _get(self, key: str, start: int, end: int | None) -> "GetResult":
        from obstore import get_async
        from obstore.exceptions import GenericError

        options: GetOptions = {}
        if start or end is not None:
            options["range"] = {"offset": start} if end is None else (start, end)
        try:
            return await get_async(self._store, key, options=options)
        except GenericError as error:
            # Some servers, rclone's among them, answer a range with the whole.
            if "NotPartial" not in str(error):
                raise
        return await get_async(self._store, key)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncGenerator[Path]:
        with disk_errors():
            folder = await made(tempfile.mkdtemp, shutil.rmtree)
        try:
            path = Path(folder, "file" + Path(checked(key)).suffix)
            with disk_errors():
                file = await opened(lambda: FileIO(path, "wb"))
            with file:
                await collect(self.read(key), file)
            yield path
        finally:
            # Not in a thread: a cancelled caller could not wait for it.
            shutil.rmtree(folder, ignore_errors=True)

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            checked(key)
        if not keys or await self._delete(keys):
            return
        for key in keys:  # Google Cloud and Azure stop at the first that they do not have
            await self._delete([key])

    async def _delete(self, keys: Sequence[str]) -> bool:
        """Whether all were there."""
        from obstore import delete_async

        try:
            with _store_errors(keys[0]):
                async with asyncio.timeout(SHORT_SECONDS):
                    await delete_async(self._store, keys)
        except StoreError as error:
            if not error.missing:
                raise
            return False
        return True

    async def signed_url(self, key: str, seconds: int) -> str | None:
        from obstore import sign_async
        from obstore.store import AzureStore, GCSStore, S3Store

        checked(key)
        if not isinstance(self._store, S3Store | GCSStore | AzureStore):
            return None
        lifetime = timedelta(seconds=min(seconds, LONGEST_SIGNATURE))
        with _store_errors(key):
            async with asyncio.timeout(SHORT_SECONDS):
                return await sign_async(self._store, "GET", key, lifetime)

    async def check(self) -> None:
        await probe(self)

    async def sweep(self) -> None:
        """What is on its way is in nameless files here, and in the bucket a matter of its rules."""


def _open(url: str) -> "ObjectStore":
    """Raises ValueError when the address or the vendor's variables do not make a store."""
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    client: ClientConfig = {
        "allow_http": True,  # only where the operator's endpoint says http://
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "read_timeout": timedelta(seconds=SILENCE_SECONDS),
        "timeout": timedelta(seconds=TRANSFER_SECONDS),
    }
    retry: RetryConfig = {
        "max_retries": 2,
        "retry_timeout": timedelta(seconds=RETRY_SECONDS),
        "backoff": {
            "init_backoff": timedelta(milliseconds=200),
            "max_backoff": timedelta(seconds=1),
            "base": 2,
        },
    }
    try:
        return from_url(url, client_options=client, retry_config=retry)
    except (BaseError, OSError) as error:
        raise ValueError(str(error).partition("\n")[0]) from error


def _nameless() -> FileIO:
    """A file that is gone when it is closed, or when the process dies."""
    handle, name = tempfile.mkstemp()
    Path(name).unlink()
    return FileIO(handle, "r+b")


@contextmanager
def _store_errors(key: str, *, writing: bool = False) -> Generator[None]:
    """What obstore raises, as StoreError without addresses of the inner network."""
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise StoreError("the store of files refuses the credentials that it got") from error
    except (BaseError, OSError, ValueError) as error:
        if any(said in str(error) for said in ("NoSuchBucket", "ContainerNotFound")):
            raise StoreError("the store of files does not have the bucket") from error
        if isinstance(error, FileNotFoundError) and not writing:
            raise StoreError(f"the store does not have {key}", missing=True) from error
        raise StoreError("the store of files cannot be reached or does not work") from error
