"""Files that their carrier, or our own store, does not give when it should."""

import re
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from frontdesk.media import incoming
from frontdesk.pipeline import media as lane
from frontdesk.pipeline.replay import Replay
from media import samples
from media.s3 import point_at
from pipeline import files
from pipeline.desk import ADA, Desk, until

# A carrier that does not give the file ----------------------------------------------------------


@pytest.fixture
def hasty(desk: Desk) -> Desk:
    files.hasten(desk)
    return desk


async def refused(desk: Desk, tmp_path: Path) -> dict[str, Any]:
    """A photo that could not be had: the message is there, the file is put aside, people are told
    why, and the assistant answers all the same."""
    await files.send(desk, samples.jpeg(tmp_path), body="See?")
    file = await files.one(desk)
    [message] = await files.inbound(desk)
    assert message["content"] == "See?"
    assert file["status"] == "failed"
    assert file["error"]
    assert file["url"] is None
    assert await desk.replies(1) == ["See?\n[image: failed]"]
    [letter] = await files.dead_letters(desk)
    assert letter["payload"] == {"media_id": file["media_id"]}
    assert str(letter["message_id"]) == message["message_id"]
    assert file["error"] in letter["reason"]
    assert await desk.count("files") == 0
    return file


async def fetches(desk: Desk) -> int:
    """How often the bytes were asked for."""
    async with desk.http.get(f"{desk.sandbox_url}/cdn") as answer:
        return len((await answer.json())["requests"])


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_file_that_is_gone_is_not_waited_for(
    hasty: Desk, tmp_path: Path, status: int, when: str
) -> None:
    await hasty.fault("media_status", status=status, when=when)
    file = await refused(hasty, tmp_path)
    assert "no longer there" in file["error"]
    assert await fetches(hasty) == (0 if when == "before" else 1)


async def test_credentials_that_are_refused_are_tried_again_and_named_at_last(
    hasty: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "MOST_TRIES", 3)
    await hasty.fault("media_status", status=403)
    file = await refused(hasty, tmp_path)
    assert "does not accept this channel's credentials" in file["error"]
    assert await hasty.db.fetchval("SELECT attempts FROM media") == 3


PASSING: list[dict[str, Any]] = [
    {"kind": "media_status", "status": 500, "times": 2},
    {"kind": "media_status", "status": 500, "times": 1, "when": "after"},
    {"kind": "media_status", "status": 429, "times": 1},
    {"kind": "media_broken", "times": 1},
    {"kind": "media_longer", "times": 1},
    {"kind": "media_drip", "times": 1, "seconds": 1},
    {"kind": "media_type", "content_type": "application/pdf"},
    {"kind": "media_type", "content_type": "text/html"},
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda each: "-".join(map(str, each.values())))
async def test_a_file_arrives_after_what_passes(
    hasty: Desk, tmp_path: Path, fault: dict[str, Any]
) -> None:
    await hasty.fault(**fault)
    path = samples.jpeg(tmp_path)
    await files.send(hasty, path, body="See?")
    file = await files.one(hasty)
    assert (file["status"], file["kind"]) == ("ready", "image")
    assert file["content_type"] == "image/jpeg"
    assert await files.content(hasty, file["url"]) == path.read_bytes()
    assert await hasty.replies(1) == [f"See?\n[image {file['filename']}]"]
    assert await files.dead_letters(hasty) == []


async def test_a_length_that_is_too_short_does_not_cut_a_file_silently(
    hasty: Desk, tmp_path: Path
) -> None:
    await hasty.fault("media_shorter", times=1)
    await files.send(hasty, samples.jpeg(tmp_path))
    file = await files.one(hasty)
    # What a client is told is a file's end is its end; the picture says that it is incomplete.
    assert file["size"] == samples.jpeg(tmp_path).stat().st_size or file["error"]


async def test_a_file_without_end_is_refused_at_the_limit(
    hasty: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST_RECEIVED", 300_000)
    await hasty.fault("media_endless")
    file = await refused(hasty, tmp_path)
    assert "limit" in file["error"]
    assert await hasty.count("media_garbage") == 0
    assert stored(hasty) == []


def stored(desk: Desk) -> list[Path]:
    """What is in the store, unfinished files among it."""
    return [path for path in (desk.app.settings.data / "media").rglob("*") if path.is_file()]


async def test_a_redirect_to_a_private_address_is_not_followed(hasty: Desk, tmp_path: Path) -> None:
    await hasty.fault("media_redirect", url="http://10.0.0.1/latest/meta-data")
    file = await refused(hasty, tmp_path)
    assert "10.0.0.1" in file["error"]


async def test_what_was_put_aside_is_fetched_again(hasty: Desk, tmp_path: Path) -> None:
    await hasty.fault("media_status", status=404, times=1)
    await refused(hasty, tmp_path)
    app = hasty.app
    [letter] = await files.dead_letters(hasty)
    replay = Replay(app.conversations, app.channels, app.carriers)
    said = await replay.letter(letter["domain_id"], letter["letter_id"])
    assert "fetched again" in said

    async def ready() -> bool:
        return (await files.one(hasty))["status"] == "ready"

    await until(ready)
    [file] = await files.settled(hasty)
    assert file["error"] is None
    assert await files.content(hasty, file["url"]) == samples.jpeg(tmp_path).read_bytes()
    # The message was answered before: a file that comes later asks for no second answer.
    await hasty.settled()
    assert len(await hasty.sent()) == 1


async def test_a_carrier_that_has_the_file_back_is_asked_again_by_the_same_job(
    hasty: Desk, tmp_path: Path
) -> None:
    await hasty.fault("media_status", status=503, times=3)
    await files.send(hasty, samples.pdf(tmp_path))
    assert (await files.one(hasty))["pages"] == 3
    assert await hasty.db.fetchval("SELECT attempts FROM media") == 3


# A store that is away ----------------------------------------------------------------------------


class Store:
    """A bucket on loopback that can be away: it then closes every connection at once."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.away = False
        self.refusals = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.away:
            self.refusals += 1
            return web.Response(status=503)
        name = request.path
        match request.method:
            case "PUT":
                self.objects[name] = (body, request.headers.get("Content-Type", ""))
                return web.Response(headers={"ETag": '"1"'})
            case "DELETE":
                self.objects.pop(name, None)
                return web.Response(status=204)
            case "POST":
                keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
                for key in keys:
                    self.objects.pop(f"{name}/{key}", None)
                done = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                return web.Response(text=f"<DeleteResult>{done}</DeleteResult>")
            case _:
                return self._get(request, name)

    def _get(self, request: web.Request, name: str) -> web.Response:
        if name not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        body, content_type = self.objects[name]
        headers = {
            "ETag": '"1"',
            "Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT",
            "Content-Type": content_type,
        }
        part = request.http_range
        if part.start is None and part.stop is None:
            return web.Response(body=body, headers=headers)
        start, stop = part.start or 0, min(part.stop or len(body), len(body))
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        return web.Response(status=206, body=body[start:stop], headers=headers)


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Store]:
    bucket = Store()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", bucket.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    bucket.url = str(server.make_url("")).rstrip("/")
    point_at(monkeypatch, bucket.url)
    yield bucket
    await server.close()


@pytest.fixture
async def remote(open_desk: Callable[..., Any], store: Store) -> Desk:
    """A desk whose files are in the bucket."""
    desk: Desk = await open_desk(FRONTDESK_MEDIA_URL="s3://bucket/files")
    files.hasten(desk)
    return desk


async def test_a_file_arrives_when_the_store_is_back(
    remote: Desk, store: Store, tmp_path: Path
) -> None:
    store.away = True
    await files.send(remote, samples.jpeg(tmp_path), body="See?")
    [message] = await files.inbound(remote)
    assert message["content"] == "See?"

    async def tried() -> bool:
        return store.refusals > 0

    await until(tried)
    [waiting] = (await files.inbound(remote))[0]["attachments"]
    assert waiting["status"] == "pending"
    store.away = False
    file = await files.one(remote)
    assert file["status"] == "ready"
    assert await files.dead_letters(remote) == []
    assert await remote.replies(1) == ["See?\n[image photo.jpg]"]
    assert await files.content(remote, file["url"]) == samples.jpeg(tmp_path).read_bytes()


async def test_an_upload_is_refused_while_the_store_is_away_and_leaves_nothing(
    remote: Desk, store: Store, tmp_path: Path
) -> None:
    await remote.write("Hello")
    await remote.replies(1)
    store.away = True
    answer = await files.upload(remote, samples.jpeg(tmp_path))
    assert answer.status == 503
    assert "store of files" in answer.detail
    assert answer.headers["retry-after"]
    assert await remote.count("media") == 0
    assert await remote.count("files") == 0
    store.away = False
    await remote.app.files.media.tidy()
    assert store.objects == {}
    assert await remote.count("media_garbage") == 0
    assert (await files.upload(remote, samples.jpeg(tmp_path))).status == 200


async def test_a_message_waits_for_the_store_and_is_sent_once(
    remote: Desk, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await remote.write("Hello")
    await remote.replies(1)
    # A sound that has to be made into another one, for which the store is read.
    uploaded = await files.upload(remote, samples.wav(tmp_path))
    assert uploaded.status == 200, uploaded.text
    store.away = True
    before = store.refusals
    row = await remote.conversation()
    drafted = await remote.call(
        "POST",
        f"/chat/{row['conversation_id']}/manual-response",
        json={"media_ids": [uploaded.json["media_id"]], "send_immediately": False},
    )
    assert drafted.status == 200, drafted.text
    message_id = drafted.json["message_id"]
    queued = await remote.app.manual.send_draft(remote.domain.domain_id, UUID(message_id))
    assert [str(each) for each in queued] == [message_id]

    async def tried() -> bool:
        return store.refusals > before

    await until(tried)
    assert len(await remote.sent(ADA)) == 1
    store.away = False

    async def gone() -> bool:
        state = await remote.db.fetchval(
            "SELECT status FROM messages WHERE message_id = $1", UUID(message_id)
        )
        return state not in ("queued", "sending")

    await until(gone)
    assert len(await remote.sent(ADA)) == 2
