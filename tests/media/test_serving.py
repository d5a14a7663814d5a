"""Serving: to members and to whoever has a signed address, whole or in part, and safely."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from frontdesk.kernel.clock import utc_now
from media import samples
from media.uploading import chat_of, upload
from pipeline.desk import OWNER_TOKEN, Desk, another_domain, until


async def get(
    desk: Desk, path: str, *, method: str = "GET", token: str | None = OWNER_TOKEN, **headers: str
) -> tuple[aiohttp.ClientResponse, bytes]:
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    async with desk.http.request(method, desk.url + path, headers=headers) as answer:
        return answer, await answer.read()


async def understood(desk: Desk, media_id: str) -> dict[str, Any]:
    async def ready() -> dict[str, Any] | None:
        found = (await desk.call("GET", f"/api/v1/media/{media_id}")).json
        return found if found["status"] == "ready" else None

    found = await until(ready, 30)
    assert found is not None
    return found


async def test_members_read_a_file_whole_in_part_or_not_again(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    stored = (await upload(web, chat, photo, "Größe.jpg")).json
    by_id, by_path = f"/media/{stored['media_id']}", urlsplit(stored["url"]).path
    for path in (by_id, by_path):
        answer, content = await get(web, path)
        assert (answer.status, content) == (200, photo)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Length"] == str(len(photo))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Cache-Control"].startswith("private")
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe.jpg" in answer.headers["Content-Disposition"]
        etag = answer.headers["ETag"]
        assert etag.startswith('"')
        head, nothing = await get(web, path, method="HEAD")
        assert (head.status, nothing) == (200, b"")
        for name in ("Content-Length", "Content-Type", "ETag"):
            assert head.headers[name] == answer.headers[name]
        again, nothing = await get(web, path, **{"If-None-Match": etag})
        assert (again.status, nothing) == (304, b"")
        for asked, start, end in (("0-9", 0, 10), ("100-", 100, len(photo)), ("-7", -7, None)):
            part, content = await get(web, path, Range=f"bytes={asked}")
            assert (part.status, content) == (206, photo[start:end])
        assert (
            part.headers["Content-Range"] == f"bytes {len(photo) - 7}-{len(photo) - 1}/{len(photo)}"
        )
        beyond, _ = await get(web, path, Range=f"bytes={len(photo)}-")
        assert beyond.status == 416
        assert beyond.headers["Content-Range"] == f"bytes */{len(photo)}"
        stale, content = await get(web, path, Range="bytes=0-9", **{"If-Range": '"old"'})
        assert (stale.status, content) == (200, photo)


async def test_strangers_read_nothing(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    stored = (await upload(web, chat, samples.jpeg(tmp_path).read_bytes())).json
    _, stranger = await another_domain(web)
    media_id = stored["media_id"]
    paths = (
        f"/media/{media_id}",
        f"/media/{media_id}/thumbnail",
        f"/api/v1/media/{media_id}",
        f"/api/v1/conversations/{chat}/media",
        urlsplit(stored["url"]).path,
    )
    for path in paths:
        for method in ("GET", "HEAD") if "/api/" not in path else ("GET",):
            for token, status in ((None, 401), ("made-up", 401), (stranger, 404)):
                answer, content = await get(web, path, method=method, token=token)
                assert answer.status == status, f"{method} {path} {token}"
                assert b"image/jpeg" not in content
    assert (await web.call("DELETE", f"/api/v1/media/{media_id}", None)).status == 401
    assert (await web.call("DELETE", f"/api/v1/media/{media_id}", stranger)).status == 404
    for nonsense in (
        "/media/abc",
        f"/media/{media_id}/%2e%2e/%2e%2e/secret.key",
        f"/media/{media_id}/secret",
        "/conversation-media/",
        "/conversation-media/%2e%2e/%2e%2e/secret.key",
        "/conversation-media/a%00b",
        "/conversation-media/" + "x" * 5000,
    ):
        answer, _ = await get(web, nonsense)
        assert answer.status in (404, 422), f"{nonsense}: {answer.status}"


async def test_documents_are_downloaded_and_cannot_run(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    for sample, inline in ((samples.txt, False), (samples.docx, False), (samples.pdf, True)):
        path = sample(tmp_path)
        stored = (await upload(web, chat, path.read_bytes(), path.name)).json
        answer, _ = await get(web, f"/media/{stored['media_id']}")
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("inline" if inline else "attachment"), disposition
        assert path.name in disposition
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_signed_address_needs_no_token_and_opens_one_file(
    web: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    first = (await upload(web, chat, photo)).json["media_id"]
    second = (await upload(web, chat, photo + b"2")).json["media_id"]
    signer = web.app.files.media.signer
    url = signer.url(f"/media/{first}", 60).removeprefix(web.url)
    answer, content = await get(web, url, token=None)
    assert (answer.status, content) == (200, photo)
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert (await get(web, url, token=None, method="HEAD"))[0].status == 200
    part, content = await get(web, url, token=None, Range="bytes=0-3")
    assert (part.status, content) == (206, photo[:4])
    query = url.partition("?")[2]
    expires, _, signature = query.removeprefix("expires=").partition("&signature=")
    for forged in (
        f"/media/{second}?{query}",
        f"/media/{first}/thumbnail?{query}",
        f"/media/{first}/shown?{query}",
        f"/media/{first}?expires={int(expires) + 1}&signature={signature}",
        f"/media/{first}?expires={expires}&signature={signature[:-1]}",
        f"/media/{first}?expires={expires}&signature=",
        f"/media/{first}?signature={signature}",
        f"/media/{first}?expires={expires}",
    ):
        answer, content = await get(web, forged, token=None)
        assert answer.status in (401, 403), forged
        assert photo not in content
    # A signature opens what is served, and no more: not the file's page in the API.
    assert (await get(web, f"/api/v1/media/{first}?{query}", token=None))[0].status == 401
    past = signer.url(f"/media/{first}", -1).removeprefix(web.url)
    answer, content = await get(web, past, token=None)
    assert answer.status == 403
    assert b"expired" in content
    assert (await web.call("DELETE", f"/api/v1/media/{first}")).status == 204
    assert (await get(web, url, token=None))[0].status == 404


async def test_what_was_made_of_a_file_is_served_and_goes_with_it(
    desk: Desk, tmp_path: Path
) -> None:
    chat = await chat_of(desk)
    photo = samples.jpeg(tmp_path, orientation=6, place=True).read_bytes()
    picture = (await upload(desk, chat, photo)).json["media_id"]
    note = (await upload(desk, chat, samples.ogg_opus(tmp_path).read_bytes(), "a.ogg")).json
    shown = await understood(desk, picture)
    sound = await understood(desk, note["media_id"])
    assert shown["url"] == f"{desk.url}/media/{picture}/shown", shown
    assert shown["thumbnail_url"] == f"{desk.url}/media/{picture}/thumbnail"
    assert sound["wav_url"] == f"{desk.url}/media/{note['media_id']}/voice.wav"
    etags: set[str] = set()
    for url, kind in (
        (shown["url"], "image/jpeg"),
        (shown["thumbnail_url"], "image/webp"),
        (sound["wav_url"], "audio/wav"),
    ):
        answer, content = await get(desk, urlsplit(url).path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == kind
        assert b"GPS" not in content
        etags.add(answer.headers["ETag"])
        if kind == "audio/wav":
            assert content[:4] == b"RIFF"
            assert 'filename="voice.wav"' in answer.headers["Content-Disposition"]
    assert len(etags) == 3
    missing, content = await get(desk, f"/media/{picture}/voice.wav")
    assert missing.status == 404
    assert b"thumbnail, shown or voice.wav" in content
    for media_id in (picture, note["media_id"]):
        assert (await desk.call("DELETE", f"/api/v1/media/{media_id}")).status == 204
    for url in (shown["url"], shown["thumbnail_url"], sound["wav_url"]):
        assert (await get(desk, urlsplit(url).path))[0].status == 404
    gone = (await desk.call("GET", f"/api/v1/media/{picture}")).json
    assert (gone["status"], gone["url"], gone["thumbnail_url"]) == ("deleted", None, None)
    root = Path(urlsplit(desk.app.settings.media_url).path)
    assert not [path for path in root.rglob("*") if path.is_file()]


async def test_the_gallery_has_pages_newest_first(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    ids = [(await upload(web, chat, photo + bytes([n]))).json["media_id"] for n in range(5)]
    # All at one moment: pages must not lose what shares its time with their end.
    await web.db.execute("UPDATE media SET created_at = $1", utc_now() - timedelta(hours=1))
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = await web.call("GET", f"/api/v1/conversations/{chat}/media", params=query)
        assert page.status == 200, page.text
        seen += [item["media_id"] for item in page.json["items"]]
        cursor = page.json["next"]
        if cursor is None:
            break
    assert seen == sorted(ids, reverse=True)
    await web.call("DELETE", f"/api/v1/media/{ids[0]}")
    left = await web.call("GET", f"/api/v1/conversations/{chat}/media")
    assert ids[0] not in left.text
    for query in ("limit=0", "limit=9999", "cursor=nonsense", "cursor=%00"):
        answer = await web.call("GET", f"/api/v1/conversations/{chat}/media?{query}")
        assert answer.status in (400, 422), f"{query}: {answer.status}"


async def test_a_viewer_reads_and_does_not_delete(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    media_id = (await upload(web, chat, samples.jpeg(tmp_path).read_bytes())).json["media_id"]
    await web.app.domains.add_person(web.domain.domain_id, "v@example.com", "V", "viewer")
    token = await web.app.domains.issue_token(web.domain.domain_id, "v@example.com", "tests")
    assert (await get(web, f"/media/{media_id}", token=token))[0].status == 200
    assert (await web.call("DELETE", f"/api/v1/media/{media_id}", token)).status == 403
    assert (await get(web, f"/media/{media_id}"))[0].status == 200
