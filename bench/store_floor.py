"""The floor of an upload: the store's own put of as many bytes, with neither HTTP nor database.

A put writes a file of no name in pieces of 256 KB, flushes it to the disk (fsync), gives it its
name, and flushes the folder.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from uuid import uuid4

from frontdesk.media.objects import open_store
from frontdesk.ports import ObjectStore

CHUNK = 64 * 1024
"""About what a server gets at once from a connection."""


async def main(url: str, size: int, files: int, at_once: int) -> None:
    """Prints the seconds that the files took."""
    store, body = open_store(url), os.urandom(size)
    await _put(store, body)
    left = iter(range(files))

    async def one_after_another() -> None:
        for _ in left:
            await _put(store, body)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    print(time.perf_counter() - began)


async def _put(store: ObjectStore, body: bytes) -> None:
    name = uuid4()
    await store.put(f"floor/{name}.pdf", _pieces(name.bytes, body), "application/pdf")


async def _pieces(name: bytes, body: bytes) -> AsyncGenerator[bytes]:
    """No two files have the same bytes."""
    yield name + body[len(name) : CHUNK]
    for start in range(CHUNK, len(body), CHUNK):
        yield body[start : start + CHUNK]


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1], *(int(each) for each in sys.argv[2:5])))
