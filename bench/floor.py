"""The floor: a bare ASGI handler that checks the signature and does one INSERT per request."""

import os
import sys
from base64 import b64encode
from hashlib import sha1
from hmac import compare_digest, digest
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import uvicorn

TABLE = (
    "CREATE TABLE IF NOT EXISTS floor"
    " (sid text PRIMARY KEY, sender text, recipient text, body text, at timestamptz DEFAULT now())"
)
INSERT = (
    "INSERT INTO floor (sid, sender, recipient, body) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT DO NOTHING"
)
ANSWER = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


class Floor:
    def __init__(self, pool: asyncpg.Pool, token: bytes) -> None:
        self.pool = pool
        self.token = token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = dict(scope["headers"])
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        url = f"http://{headers[b'host'].decode()}{scope['path']}"
        signed = url + "".join(name + fields[name] for name in sorted(fields))
        expected = b64encode(digest(self.token, signed.encode(), sha1))
        if not compare_digest(expected, headers[b"x-twilio-signature"]):
            await self._answer(send, 403, b"")
            return
        async with self.pool.acquire() as connection:
            await connection.execute(
                INSERT, fields["MessageSid"], fields["From"], fields["To"], fields["Body"]
            )
        await self._answer(send, 200, ANSWER)

    async def _answer(self, send: Any, status: int, body: bytes) -> None:
        headers = [(b"content-type", b"text/xml"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def main(dsn: str, port: int) -> None:
    async with asyncpg.create_pool(dsn, min_size=10, max_size=10) as pool:
        await pool.execute(TABLE)
        app = Floor(pool, os.environ["TWILIO_AUTH_TOKEN"].encode())
        config = uvicorn.Config(app, port=port, log_level="warning", lifespan="off", ws="none")
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
