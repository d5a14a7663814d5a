"""Customers' files: from the webhook that names one until what is in it is committed."""

import asyncio
import hashlib
import time
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import cast
from uuid import uuid4

import asyncpg
import av
import orjson

from bench import load, webhook
from bench.carrier import Carrier
from bench.figures import Figure, percentile
from bench.media_decoding import make_note, make_photo
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench, Node, connected, installed

PATIENCE = 30.0
LOOK_EVERY = 0.005
"""Seconds: how late a look into the database may be. Looks cost what is measured some CPU."""
NO_OCR = '{"media": {"ocr": false}}'
WARM = 3
"""Files before the first that is timed: decoders start with the first."""
FETCHED = {"taken": "webhook", "fetched": "job", "stored": "fetched and stored"}
"""What ends at each moment of a `Way`."""
HEARD = FETCHED | {"heard": "decoded and handed to the transcriber", "there": "noted"}
SEEN = FETCHED | {"there": "decoded, its thumbnail stored and noted"}
FOUND = (
    "SELECT extract(epoch FROM created_at)::float8 AS stored, renditions, transcript, error"
    " FROM files WHERE checksum = $1 AND understood_at IS NOT NULL"
)


@dataclass
class Listener(asyncio.Protocol):
    """A transcription server that answers at once, with words that it never says twice."""

    asked: list[float] = field(default_factory=list[float])
    """The moment (`perf_counter`) at which each sound was there."""
    _buffer: bytearray = field(default_factory=bytearray)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        place = self._buffer[:end].lower().find(b"content-length:")
        length = int(self._buffer[place + 15 : end].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        self._buffer.clear()
        self.asked.append(time.perf_counter())
        heard = {"text": f"Where is order {uuid4()}?", "language": "english", "duration": 10.0}
        body = orjson.dumps(heard)
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )


@dataclass(frozen=True)
class Way:
    """Moments (`perf_counter`) of one file."""

    sent: float
    taken: float
    """The webhook was answered."""
    fetched: float
    """The carrier was asked for the file."""
    stored: float
    heard: float
    """The transcriber had the sound; of a photo the same as `stored`."""
    there: float
    """A look into the database found what was in it."""
    answered: float
    """The carrier was called with the assistant's answer."""


async def measure(bench: Bench, carrier: Carrier) -> list[Figure]:
    carrier.credentials = b64encode(f"{ACCOUNT}:{TOKEN}".encode())
    note = await asyncio.to_thread(lambda: make_note(bench.directory / "note.ogg"))
    photo = await asyncio.to_thread(lambda: make_photo(bench.directory / "photo.jpg"))
    async with _listening() as (listener, url), installed(bench, "arrivals", carrier) as node:
        files = bench.directory / "received"
        told = {
            "FRONTDESK_MEDIA_URL": files.as_uri(),
            "FRONTDESK_TRANSCRIBER": "openai:bench",
            "FRONTDESK_TRANSCRIBER_URL": url,
        }
        node = replace(node, env={**node.env, **told})
        async with connected(node.dsn) as connection:
            # Reading the text in pictures takes longer than all else, and is a matter of its own.
            await connection.execute(
                """UPDATE domains SET settings = '{"media": {"ocr": false}}'"""
            )
        await node.web()
        await node.worker()
        notes = Customers(node, carrier, "audio/ogg", lambda name: _retitled(note, name))
        photos = Customers(node, carrier, "image/jpeg", lambda name: _followed(photo, name))
        telling = Customers(node, carrier, "image/jpeg", lambda name: _commented(photo, name))
        count = bench.pick(60, 10)
        bench.tell(f"{count} voice notes, one after another")
        heard = await notes.send(count, listener)
        bench.tell(f"{count} photos, one after another")
        seen = await photos.send(count, None)
        cleaned = await telling.send(count // 3, None)
    figures = [
        *_figures("voice note to transcript", heard, HEARD),
        *_figures("photo to thumbnail", seen, SEEN),
        *_figures("photo with facts to thumbnail", cleaned, SEEN),
    ]
    # Twenty files have no 99th of a hundred.
    return [each for each in figures if each.name != "photo with facts to thumbnail, p99"]


@asynccontextmanager
async def _listening() -> AsyncGenerator[tuple[Listener, str]]:
    asked: list[float] = []
    server = await asyncio.get_running_loop().create_server(lambda: Listener(asked), "127.0.0.1", 0)
    try:
        yield Listener(asked), f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


@dataclass(frozen=True)
class Customers:
    """Each sends one file, once the one before was answered."""

    node: Node
    carrier: Carrier
    content_type: str
    make: Callable[[str], bytes]
    """A file of that name, with bytes that no other has."""

    async def send(self, count: int, listener: Listener | None) -> list[Way]:
        async with connected(self.node.dsn) as connection:
            ways = [await self._one(connection, listener) for _ in range(count + WARM)]
        return ways[WARM:]

    async def _one(self, connection: asyncpg.Connection, listener: Listener | None) -> Way:
        name, text = uuid4().hex, f"See this: {uuid4()}"
        content = self.make(name)
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{name}/Media/ME{name}"
        self.carrier.files[path] = (self.content_type, content)
        number = f"+1415{int(name[:8], 16) % 9_000_000 + 1_000_000}"
        fields = webhook.fields_of(ACCOUNT, number, NUMBER, text) | {
            "NumMedia": "1",
            "MessageType": self.content_type.partition("/")[0],
            "MediaUrl0": self.carrier.url + path,
            "MediaContentType0": self.content_type,
        }
        request = webhook.request(self.node.port, TOKEN, fields)
        asked, called = len(listener.asked) if listener else 0, len(self.carrier.called)
        sent = time.perf_counter()
        if (await load.closed(self.node.port, [request], 1)).refused:
            raise RuntimeError("the webhook of a file was refused")
        taken = time.perf_counter()
        row = await self._there(connection, content)
        there = time.perf_counter()
        if listener and (not row["transcript"] or len(listener.asked) != asked + 1):
            raise RuntimeError(f"a voice note has no transcript, but {row['error']!r}")
        if not listener and '"thumbnail"' not in row["renditions"]:
            raise RuntimeError(f"a photo has no thumbnail, but {row['error']!r}")
        while len(self.carrier.called) == called and time.perf_counter() < there + PATIENCE:
            await asyncio.sleep(LOOK_EVERY)
        stored = row["stored"] - time.time() + time.perf_counter()
        return Way(
            sent,
            taken,
            self.carrier.fetched[path],
            stored,
            listener.asked[-1] if listener else stored,
            there,
            list(self.carrier.called.values())[-1],
        )

    async def _there(self, connection: asyncpg.Connection, content: bytes) -> asyncpg.Record:
        """What is committed of the file."""
        checksum = hashlib.sha256(content).digest()
        deadline = time.monotonic() + PATIENCE
        while (row := await connection.fetchrow(FOUND, checksum)) is None:
            if time.monotonic() > deadline:
                raise RuntimeError(f"nothing was known of a file after {PATIENCE:.0f} s")
            await asyncio.sleep(LOOK_EVERY)
        return row


def _figures(name: str, ways: list[Way], stages: dict[str, str]) -> list[Figure]:
    def p50(since: str, until: str) -> float:
        return percentile([getattr(way, until) - getattr(way, since) for way in ways], 0.5) * 1e3

    whole = [(way.there - way.sent) * 1e3 for way in ways]
    parts = [
        f"{what} {p50(since, until):.0f}"
        for (since, until), what in zip(pairwise(["sent", *stages]), stages.values(), strict=True)
    ]
    answer = p50("sent", "answered")
    return [
        Figure(f"{name}, p50", percentile(whole, 0.5), "ms", note=f"ms: {', '.join(parts)}"),
        Figure(f"{name}, p99", percentile(whole, 0.99), "ms", note=f"of {len(whole)}"),
        Figure(f"{name.partition(' to ')[0]} to its answer, p50", answer, "ms"),
    ]


def _retitled(note: Path, title: str) -> bytes:
    """The same sound in a file of another title."""
    made = BytesIO()
    with av.open(str(note)) as read, av.open(made, "w", format="ogg") as written:
        written.metadata["title"] = title
        stream = written.add_stream_from_template(read.streams.audio[0])
        for packet in read.demux(read.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                written.mux(packet)
    return made.getvalue()


def _followed(photo: Path, name: str) -> bytes:
    """The same picture, as WhatsApp hands photos on: with nothing about its camera or its place."""
    return photo.read_bytes() + name.encode()


def _commented(photo: Path, comment: str) -> bytes:
    """The same picture with a comment: what is shown of it is a copy without."""
    content, told = photo.read_bytes(), comment.encode()
    return content[:2] + b"\xff\xfe" + (len(told) + 2).to_bytes(2) + told + content[2:]
