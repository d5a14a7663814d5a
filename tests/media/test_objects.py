"""Files are kept whole or not at all, in a directory and at servers that speak S3."""

import asyncio
import os
import stat
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import aiohttp
import pytest

from frontdesk.kernel.errors import Invalid
from frontdesk.media.objects import open_store
from frontdesk.media.objects.streams import opened
from frontdesk.ports import ObjectStore, StoreError
from media import s3

LARGE = 12_000_000
"""More than two parts."""


class Failed(Exception):
    """What a customer's connection does."""


async def some(content: bytes, piece: int = 50_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), piece):
        yield content[at : at + piece]


async def breaking_off(size: int) -> AsyncIterator[bytes]:
    yield os.urandom(size)
    raise Failed


async def content_of(store: ObjectStore, key: str, *range_: int) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, *range_)])


@dataclass
class Place:
    """A store, and what its owner sees in it."""

    store: ObjectStore
    left: Callable[[], list[str]]
    """Everything that is there: objects, unfinished files and uploads."""


def files_below(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def moto_server() -> Generator[s3.S3]:
    with s3.moto() as server:
        yield server


@pytest.fixture(scope="module")
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[s3.S3]:
    with s3.rclone(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture
def moto_place(
    moto_server: s3.S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Generator[Place]:
    s3.point_at(monkeypatch, moto_server.url)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def left() -> list[str]:
        return (
            moto_server.stored() + ["upload"] * moto_server.open_uploads() + files_below(tmp_path)
        )

    yield Place(open_store(f"s3://{s3.BUCKET}/of/frontdesk"), left)
    for key in moto_server.stored():
        moto_server.client.delete_object(Bucket=s3.BUCKET, Key=key)


@pytest.fixture(params=["directory", "moto", "rclone"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "directory":
        return directory(tmp_path)
    if request.param == "moto":
        return request.getfixturevalue("moto_place")
    server: s3.S3 = request.getfixturevalue("rclone_server")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    s3.point_at(monkeypatch, server.url)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Place(
        open_store(f"s3://{s3.BUCKET}/{request.node.name.encode().hex()[:40]}"),
        lambda: server.stored() + files_below(tmp_path),
    )


def directory(tmp_path: Path) -> Place:
    return Place(open_store((tmp_path / "of files").as_uri()), lambda: files_below(tmp_path))


async def test_what_was_put_is_read_again(place: Place) -> None:
    for size in (0, 1, 300_000, LARGE):
        content = os.urandom(size)
        key = f"a-domain/it+is={size}_here.v1.bin"
        assert await place.store.put(key, some(content), "application/pdf") == size
        assert await place.store.size(key) == size
        assert await content_of(place.store, key) == content
        await place.store.delete([key])
    assert place.left() == []


async def test_a_range_is_that_range_only(place: Place) -> None:
    content = os.urandom(700_000)
    await place.store.put("one.bin", some(content), "application/pdf")
    for start, end in ((0, 1), (5, 300_007), (699_999, 700_000), (400_000, 900_000), (7, 7)):
        assert await content_of(place.store, "one.bin", start, end) == content[start:end]
    assert await content_of(place.store, "one.bin", 650_000) == content[650_000:]
    sizes = [len(chunk) async for chunk in place.store.read("one.bin")]
    assert max(sizes) <= 256 * 1024
    assert len(sizes) < 20
    await place.store.delete(["one.bin"])


async def test_a_file_of_this_machine_is_put_and_had_as_one(place: Place, tmp_path: Path) -> None:
    made = tmp_path / "made.webp"
    made.write_bytes(os.urandom(70_000))
    assert await place.store.put_file("a/made.webp", made, "image/webp") == 70_000
    async with place.store.local("a/made.webp") as path:
        assert path.read_bytes() == made.read_bytes()
        assert path.suffix == ".webp"
    await place.store.delete(["a/made.webp"])
    made.unlink()
    assert place.left() == []


async def test_what_is_not_there_is_missing(place: Place) -> None:
    with pytest.raises(StoreError) as size:
        await place.store.size("no/such.file")
    with pytest.raises(StoreError) as read:
        await content_of(place.store, "no/such.file", 5, 9)
    with pytest.raises(StoreError) as local:
        async with place.store.local("no/such.file"):
            pass
    assert [each.value.missing for each in (size, read, local)] == [True, True, True]


async def test_deleting_what_is_not_there_deletes_the_rest(place: Place) -> None:
    for key in ("a/1", "a/2"):
        await place.store.put(key, some(b"x"), "text/plain")
    await place.store.delete(["a/0", "a/1", "b/none", "a/2"])
    await place.store.delete([])
    assert place.left() == []


async def test_a_broken_upload_leaves_nothing(place: Place) -> None:
    for size in (10, 400_000, LARGE):
        with pytest.raises(Failed):
            await place.store.put("a/broken", breaking_off(size), "image/png")
    assert place.left() == []


async def test_a_file_that_opens_after_its_caller_was_cancelled_is_closed(tmp_path: Path) -> None:
    may_open, opens = threading.Event(), threading.Event()
    files: list[FileIO] = []

    def slow() -> FileIO:
        opens.set()
        may_open.wait(30)
        files.append(FileIO(tmp_path / "slow", "wb"))
        return files[0]

    task = asyncio.create_task(opened(slow))
    await asyncio.to_thread(opens.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    may_open.set()
    async with asyncio.timeout(30):
        while not files or not files[0].closed:
            await asyncio.sleep(0.001)


async def test_a_cancelled_upload_leaves_nothing(place: Place) -> None:
    waiting = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield os.urandom(300_000)
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(place.store.put("a/cancelled", endless(), "image/png"))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert place.left() == []


@pytest.mark.parametrize("size", [300_000, LARGE])
async def test_an_upload_cancelled_while_it_is_stored_leaves_nothing(
    place: Place, size: int
) -> None:
    # Cancels at every step that the loop makes until one put is through.
    content = os.urandom(size)
    for steps in range(3, 3000, 1 if size < LARGE else 25):
        task = asyncio.create_task(place.store.put("a/cancelled", some(content, size), "image/png"))
        for _ in range(steps):
            if task.done():
                break
            # A real pause: threads and servers go on meanwhile.
            await asyncio.sleep(0.0005)
        if task.done():
            await task
            break
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            assert place.left() == []
        else:  # it came to its end just before
            break
    else:
        pytest.fail("no put came to its end")
    await place.store.delete(["a/cancelled"])
    assert place.left() == []


async def test_a_check_leaves_nothing(place: Place) -> None:
    await place.store.check()
    assert place.left() == []


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", ".incoming/a", "a b", "ä", "a\0", "a" * 1000],
)
async def test_a_key_that_is_not_safe_is_refused(place: Place, key: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        await place.store.put(key, some(b"x"), "text/plain")
    with pytest.raises(ValueError, match="is no key"):
        await place.store.delete([key])
    with pytest.raises(ValueError, match="is no key"):
        await content_of(place.store, key)


# A directory ----------------------------------------------------------------------------------


async def test_a_directory_is_for_its_user_only(tmp_path: Path) -> None:
    place = directory(tmp_path)
    await place.store.put("a/b/c.txt", some(b"x"), "text/plain")
    paths = list((tmp_path / "of files").rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}
    assert await place.store.signed_url("a/b/c.txt", 60) is None


async def test_folders_that_are_empty_go(tmp_path: Path) -> None:
    place = directory(tmp_path)
    await place.store.put("a/b/c.txt", some(b"x"), "text/plain")
    await place.store.put("a/d.txt", some(b"x"), "text/plain")
    await place.store.delete(["a/b/c.txt"])
    assert sorted(path.name for path in (tmp_path / "of files/a").iterdir()) == ["d.txt"]


async def test_puts_and_deletions_in_one_folder_do_not_meet(tmp_path: Path) -> None:
    place = directory(tmp_path)

    async def one(number: int) -> None:
        key = f"a/b/{number}"
        for _ in range(20):
            await place.store.put(key, some(b"x"), "text/plain")
            await place.store.delete([key])

    await asyncio.gather(*(one(number) for number in range(8)))
    assert place.left() == []


async def test_what_a_killed_process_left_goes_after_an_hour(tmp_path: Path) -> None:
    place = directory(tmp_path)
    await place.store.check()
    incoming = tmp_path / "of files/.incoming"
    for name, minutes in (("old", 61), ("young", 50)):
        (incoming / name).write_bytes(b"x")
        moment = time.time() - minutes * 60
        os.utime(incoming / name, (moment, moment))
    await place.store.sweep()
    assert [path.name for path in incoming.iterdir()] == ["young"]


async def test_a_directory_that_cannot_be_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = open_store(f"file://{tmp_path}/file/below")
    with pytest.raises(StoreError, match="disk") as caught:
        await store.check()
    assert not caught.value.missing


# Servers --------------------------------------------------------------------------------------


async def test_a_content_type_goes_along(moto_server: s3.S3, moto_place: Place) -> None:
    for size in (10, LARGE):
        await moto_place.store.put("a/b", some(os.urandom(size)), "image/webp")
        head = moto_server.client.head_object(Bucket=s3.BUCKET, Key="of/frontdesk/a/b")
        assert (head["ContentLength"], head["ContentType"]) == (size, "image/webp")


async def test_a_signed_address_works_for_anybody_and_only_as_signed(
    rclone_server: s3.S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.point_at(monkeypatch, rclone_server.url)
    store = open_store(f"s3://{s3.BUCKET}/signed")
    await store.put("a.pdf", some(b"the content"), "application/pdf")
    await store.put("b.pdf", some(b"another"), "application/pdf")
    url = await store.signed_url("a.pdf", 60)
    assert url is not None
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as answer:
            assert (answer.status, await answer.read()) == (200, b"the content")
        for tampered in (
            url.replace("a.pdf", "b.pdf"),
            url.replace("Expires=60", "Expires=6000"),
            url.partition("?")[0],
        ):
            assert tampered != url
            async with session.get(tampered) as answer:
                assert answer.status in (400, 403)
                assert b"another" not in await answer.read()
    await store.delete(["a.pdf", "b.pdf"])


async def test_a_wrong_secret_is_said(
    rclone_server: s3.S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.point_at(monkeypatch, rclone_server.url, secret="wrong")
    store = open_store(f"s3://{s3.BUCKET}")
    with pytest.raises(StoreError, match="refuses the credentials"):
        await store.check()
    with pytest.raises(StoreError, match="refuses the credentials"):
        await store.put("large", some(bytes(LARGE)), "image/png")
    with pytest.raises(StoreError, match="refuses the credentials") as caught:
        await content_of(store, "a")
    assert not caught.value.missing


async def test_a_missing_bucket_is_not_a_missing_file(
    moto_server: s3.S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.point_at(monkeypatch, moto_server.url)
    store = open_store("s3://no-such-bucket")
    for action in (store.check(), content_of(store, "a"), store.delete(["a"])):
        with pytest.raises(StoreError, match="does not have the bucket") as caught:
            await action
        assert not caught.value.missing


@pytest.mark.parametrize("size", [400_000, LARGE])
async def test_a_store_that_breaks_half_way_is_an_error_and_is_told_to_forget(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with s3.breaking() as server:
        s3.point_at(monkeypatch, server.url)
        store = open_store("s3://bucket")
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            await store.put("a/b", some(os.urandom(size)), "image/png")
    assert "127.0.0.1" not in caught.value.text
    assert server.heard[-1] == "POST delete"
    # Aborting the upload is a DELETE that names it.
    assert ("DELETE uploadId" in server.heard) == (size == LARGE)
    assert files_below(tmp_path) == []


async def test_a_file_that_ends_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async with s3.breaking() as server:
        s3.point_at(monkeypatch, server.url)
        store = open_store("s3://bucket")
        with pytest.raises(StoreError):
            await content_of(store, "a/b")


async def test_a_dead_store_says_so_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    s3.point_at(monkeypatch, "http://127.0.0.1:9")
    store = open_store("s3://bucket")
    began = time.monotonic()
    with pytest.raises(StoreError, match="cannot be reached"):
        await store.put("a/b", some(b"x"), "image/png")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("size", [0, 400_000])
async def test_many_uploads_at_once_all_arrive(place: Place, size: int) -> None:
    contents = [os.urandom(size) for _ in range(12)]
    keys = [f"a/{number}" for number in range(len(contents))]
    await asyncio.gather(
        *(place.store.put(k, some(c), "a/b") for k, c in zip(keys, contents, strict=True))
    )
    assert [await content_of(place.store, key) for key in keys] == contents
    await place.store.delete(keys)


# Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "", "files", "/var/files", "file://", "file:///", "file://host/files", "ftp://host/a",
        "http://host/a", "s3:", "s3:///a", "s3://bucket?a=b", "memory://", "file:///a%00b",
        "s3://[",
    ],
)  # fmt: skip
def test_an_address_that_is_no_store_is_refused_by_its_name(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        open_store(url)
    assert repr(url) in caught.value.detail
    assert "s3://bucket/prefix" in caught.value.detail


def test_the_other_vendors_open_with_their_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    open_store("az://container/prefix")
    open_store("gs://bucket/prefix")
