"""Uploads that end early, lie, or meet a store that is away: they leave nothing behind."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from frontdesk.carriers.twilio.capabilities import CAPABILITIES
from frontdesk.kernel.errors import Unavailable
from frontdesk.media import incoming
from frontdesk.media.incoming import Destination, Incoming, Uploaded
from frontdesk.ports import ObjectStore, StoreError
from media import samples
from media.uploading import (
    BOUNDARY,
    FORM,
    JPEG,
    MB,
    chat_of,
    form,
    nothing_is_left,
    objects,
    upload,
)
from pipeline.desk import OWNER_TOKEN, Desk, until


async def raw_upload(
    desk: Desk, chat: str, body: bytes, length: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Opens an upload by hand and sends `body`, whatever length was announced."""
    at = urlsplit(desk.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(
        f"POST /upload/conversation-media?chat_id={chat} HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Authorization: Bearer {OWNER_TOKEN}\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode()
        + b'--b\r\nContent-Disposition: form-data; name="file"; filename="image.jpg"\r\n\r\n'
        + body
    )
    await writer.drain()
    return reader, writer


async def test_a_connection_that_is_cut_leaves_nothing(web: Desk) -> None:
    chat = await chat_of(web)
    _, writer = await raw_upload(web, chat, JPEG + bytes(MB), 3 * MB)

    async def under_way() -> bool:
        return await web.count("media") == 1

    await until(under_way)
    writer.transport.abort()

    async def gone() -> bool:
        return await nothing_is_left(web)

    await until(gone)
    assert (await web.call("GET", f"/api/v1/conversations/{chat}/media")).json["items"] == []


async def test_a_length_that_lies_leaves_nothing(web: Desk) -> None:
    chat = await chat_of(web)
    # Less than there is: the form ends before its file does.
    reader, writer = await raw_upload(web, chat, JPEG + bytes(MB), MB // 2)
    line = await reader.readline()
    assert b" 400 " in line, line
    writer.close()

    async def gone() -> bool:
        return await nothing_is_left(web)

    await until(gone)


async def test_a_client_that_falls_silent_is_given_up(
    web: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "LONGEST_SILENCE", 0.2)
    chat = await chat_of(web)
    _, writer = await raw_upload(web, chat, JPEG + bytes(MB), 3 * MB)

    async def given_up() -> bool:
        return await nothing_is_left(web)

    async def under_way() -> bool:
        return await web.count("media") == 1

    await until(under_way)
    await until(given_up)
    writer.close()


async def test_fifty_megabytes_beyond_the_limit_are_refused_with_a_reason(web: Desk) -> None:
    chat = await chat_of(web)

    async def endless() -> AsyncIterator[bytes]:
        yield form(JPEG).getvalue().removesuffix(f"\r\n--{BOUNDARY}--\r\n".encode())
        for _ in range(50):
            yield bytes(MB)

    answer = await web.call(
        "POST",
        "/upload/conversation-media",
        params={"chat_id": chat},
        data=endless(),
        headers=FORM,
    )
    assert (answer.status, answer.detail) == (413, "File size exceeds 5MB limit")
    assert await nothing_is_left(web)


def send_first_and_read_then(url: str, chat: str) -> tuple[int, bytes]:
    """As many programs do: the whole form is written before the answer is looked at."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.netloc, timeout=20)
    headers = {"Authorization": f"Bearer {OWNER_TOKEN}", **FORM}
    body = form(JPEG + bytes(20 * MB)).getvalue()
    connection.request("POST", f"/upload/conversation-media?chat_id={chat}", body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


async def test_a_program_that_writes_before_it_reads_is_told_the_reason(web: Desk) -> None:
    chat = await chat_of(web)
    status, content = await asyncio.to_thread(send_first_and_read_then, web.url, chat)
    assert status == 413
    assert json.loads(content) == {"detail": "File size exceeds 5MB limit"}


# A store that fails on the way


class Failing:
    """The desk's own store, but that some of its methods find it away; `put` after its work."""

    def __init__(self, store: ObjectStore, *methods: str) -> None:
        self.store = store
        self.methods = methods

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.store, name)

        async def failing(*arguments: Any) -> None:
            if name.startswith("put"):
                await real(*arguments)
            raise StoreError(f"{name} is away")

        return failing if name in self.methods else real


async def store_for(desk: Desk, incoming: Incoming, content: bytes, **more: Any) -> Uploaded:
    row = await desk.conversation()
    person = await desk.db.fetchval("SELECT person_id FROM people LIMIT 1")
    assert person is not None

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    to = Destination(row["domain_id"], row["conversation_id"], person, "agent-7")
    return await incoming.upload(to, "image.jpg", chunks(), CAPABILITIES["wmsg"].media, **more)


def with_store(desk: Desk, *methods: str) -> Incoming:
    store = desk.app.files.incoming.store
    at = datetime(2026, 2, 3, 12, tzinfo=UTC)
    return replace(
        desk.app.files.incoming, store=cast(ObjectStore, Failing(store, *methods)), clock=lambda: at
    )


@pytest.mark.parametrize("method", ["put", "put_file"])
async def test_a_store_that_goes_away_is_told_and_leaves_nothing(
    web: Desk, tmp_path: Path, method: str
) -> None:
    await web.write("Hello")
    photo = samples.jpeg(tmp_path, width=3200, height=2800, grain=True, quality=99).read_bytes()
    with pytest.raises(Unavailable, match=f"{method} is away"):
        await store_for(web, with_store(web, method), photo, fit=True)
    assert await nothing_is_left(web)
    assert await web.count("media_garbage") == 0


async def test_what_cannot_be_deleted_now_is_deleted_later_and_nothing_newer_with_it(
    web: Desk,
) -> None:
    await web.write("Hello")
    with pytest.raises(Unavailable, match="put is away"):
        await store_for(web, with_store(web, "put", "delete"), JPEG)
    [(left, _)] = objects(web).items()
    assert await web.count("media") == 0
    # The same name in the same second does not take a path that is about to be cleared.
    newer = await store_for(web, with_store(web), JPEG + b"2")
    assert newer.media.path != left
    await web.app.files.media.tidy()
    assert objects(web) == {newer.media.path: JPEG + b"2"}
    assert await web.count("media_garbage") == 0


async def test_what_a_crash_left_of_an_upload_is_tidied_away(web: Desk) -> None:
    chat = await chat_of(web)
    stored = await upload(web, chat, JPEG)
    # As it is before the last step: the bytes are there, the place is not filled.
    await web.db.execute(
        "UPDATE media SET state = 'uploading', checksum = NULL,"
        " updated_at = now() - interval '2 hours'"
    )
    await web.db.execute("DELETE FROM files")
    assert len(objects(web)) == 1
    await web.app.files.media.tidy()
    assert await nothing_is_left(web)
    assert (await web.call("GET", f"/media/{stored.json['media_id']}")).status == 404
