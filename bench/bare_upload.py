"""An upload's other floor: a bare ASGI handler that puts what it is sent into the store.

It reads no form, takes no checksum and knows no database: what it costs is HTTP and the store.
"""

import sys
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import uvicorn

from frontdesk.media.objects import open_store
from frontdesk.ports import ObjectStore


class Bare:
    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await self.store.put(f"bare/{uuid4()}", _body(receive), "application/octet-stream")
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


async def _body(receive: Any) -> AsyncGenerator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if body := message.get("body", b""):
            yield body


async def main(url: str, port: int) -> None:
    config = uvicorn.Config(
        Bare(open_store(url)),
        port=port,
        http="httptools",
        log_level="warning",
        lifespan="off",
        ws="none",
        access_log=False,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
