"""Uploads: files of 5 MB over HTTP until they are stored, against the store's own put."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import psutil

from bench import load, webhook
from bench.carrier import Carrier
from bench.figures import Figure, Goal, compared
from bench.process import Process
from bench.stack import (
    ACCOUNT,
    NUMBER,
    OWNER_TOKEN,
    TOKEN,
    Bench,
    Node,
    connected,
    free_port,
    installed,
)

SIZE = 5_000_000
AT_ONCE = 50
BOUNDARY = "fOrMbOuNdArY"
RATE = Goal("≥", 0.7, "ratio")
FLAT = Goal("≤", 40, "value")
REFUSED = Goal("≤", 0, "value")
CUSTOMER = "+14155550199"
REST_SECONDS = 1.0


@dataclass(frozen=True)
class Round:
    """Megabytes per second: of the store's own put, of a bare handler that puts, and ours."""

    put: float
    bare: float
    ours: float


async def measure(bench: Bench, carrier: Carrier) -> list[Figure]:
    async with installed(bench, "uploads", carrier) as node:
        files = bench.directory / "uploaded"
        node = replace(node, env={**node.env, "FRONTDESK_MEDIA_URL": files.as_uri()})
        async with _desk(node) as (_, chat), _bare(node) as bare_port:
            alone = await _rounds(bench, node, chat, bare_port, 1)
            eight = await _rounds(bench, node, chat, bare_port, 8)
        return [
            *_figures("upload, one after another", alone),
            *_figures("upload, 8 at once", eight),
            *await _memory(bench, node, chat),
        ]


def _figures(name: str, rounds: list[Round]) -> list[Figure]:
    to_put = [(each.put, each.ours) for each in rounds]
    to_bare = [(each.bare, each.ours) for each in rounds]
    note = f"PDF of {SIZE / 1e6:g} MB; the floor: the store's put, its fsync included"
    return [
        compared(name, "MB/s", to_put, RATE, note),
        compared(f"{name}, to a bare handler", "MB/s", to_bare, note="which only puts the request"),
    ]


@asynccontextmanager
async def _desk(node: Node) -> AsyncGenerator[tuple[Process, UUID]]:
    """A web process that has served already, and a conversation in it."""
    web = await node.web()
    try:
        fields = webhook.fields_of(ACCOUNT, CUSTOMER, NUMBER, "Can you send me the invoice?")
        await load.closed(node.port, [webhook.request(node.port, TOKEN, fields)], 1)
        async with connected(node.dsn) as connection:
            found = await connection.fetchval("SELECT conversation_id FROM conversations")
        chat = UUID(str(found))
        await _upload(node.port, chat, 2, 1)
        yield web, chat
    finally:
        web.kill()


@asynccontextmanager
async def _bare(node: Node) -> AsyncGenerator[int]:
    port = free_port()
    command = (sys.executable, "-m", "bench.bare_upload", node.env["FRONTDESK_MEDIA_URL"])
    with node.bench.start("bare-upload", *command, str(port), env=node.env) as process:
        await process.listens(port)
        yield port


async def _rounds(
    bench: Bench, node: Node, chat: UUID, bare_port: int, at_once: int
) -> list[Round]:
    found: list[Round] = []
    files = bench.pick(24, 8)
    megabytes = files * SIZE / 1e6
    for number in range(rounds := bench.pick(9, 3)):
        bench.tell(f"upload, {at_once} at once: round {number + 1} of {rounds}")
        put = await _put(node, files, at_once)
        bare = await _upload(bare_port, chat, files, at_once)
        ours = await _upload(node.port, chat, files, at_once)
        found.append(Round(megabytes / put, megabytes / bare.seconds, megabytes / ours.seconds))
    return found


async def _put(node: Node, files: int, at_once: int) -> float:
    """Seconds."""
    url = node.env["FRONTDESK_MEDIA_URL"]
    told = (str(each) for each in (SIZE, files, at_once))
    command = (sys.executable, "-m", "bench.store_floor", url, *told)
    with node.bench.start("store-floor", *command, env=node.env) as process:
        await process.ends()
        return float(process.printed.read_text())


async def _upload(port: int, chat: UUID, files: int, at_once: int) -> load.Result:
    body = os.urandom(SIZE)
    requests = [_request(port, chat, body) for _ in range(files)]
    result = await load.closed(port, requests, at_once)
    if result.refused:
        raise RuntimeError(f"{result.refused} of {files} uploads were refused")
    return result


def _request(port: int, chat: UUID, body: bytes) -> bytes:
    """A PDF by its first bytes, and like no other by the next ones."""
    start = f"%PDF-1.7\n%{uuid4()}\n".encode()
    opened = (
        f"--{BOUNDARY}\r\nContent-Type: application/pdf\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{uuid4()}.pdf"\r\n\r\n'
    ).encode()
    closed = f"\r\n--{BOUNDARY}--\r\n".encode()
    head = (
        f"POST /upload/conversation-media?chat_id={chat} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {OWNER_TOKEN}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(opened) + len(body) + len(closed)}\r\n\r\n"
    ).encode()
    return b"".join((head, opened, start, memoryview(body)[len(start) :], closed))


async def _memory(bench: Bench, node: Node, chat: UUID) -> list[Figure]:
    """What a web process that has just started and taken two files grows by, at its largest."""
    grown = list[float]()
    refused = 0
    rest = 0.0
    for number in range(rounds := bench.pick(3, 1)):
        bench.tell(f"{AT_ONCE} uploads at once: round {number + 1} of {rounds}")
        async with _desk(node) as (web, _):
            await asyncio.sleep(REST_SECONDS)
            rest = _peak(web, anew=True)
            body = os.urandom(SIZE)
            requests = [_request(node.port, chat, body) for _ in range(AT_ONCE)]
            refused += (await load.closed(node.port, requests, AT_ONCE)).refused
            grown.append(_peak(web) - rest)
    each = ", ".join(f"{size:.0f}" for size in grown)
    note = f"peak resident size of the web process over {rest:.0f} MB at rest; rounds: {each}"
    return [
        Figure(f"{AT_ONCE} uploads at once: memory", max(grown), "MB", goal=FLAT, note=note),
        Figure(f"{AT_ONCE} uploads at once: refused", refused, "", goal=REFUSED),
    ]


def _peak(web: Process, *, anew: bool = False) -> float:
    """Megabytes that it and its children had at most, since this was last asked `anew`."""
    process = psutil.Process(web.pid)
    total = 0
    for each in (process, *process.children(recursive=True)):
        place = Path(f"/proc/{each.pid}")
        if anew:
            (place / "clear_refs").write_text("5")  # VmHWM starts again at what is resident now
        for line in (place / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1])
    return total / 1024
