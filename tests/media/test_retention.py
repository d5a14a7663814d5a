"""What goes because of its age, what stays, and what is told of it; and what crashes leave."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media import samples
from pipeline import files
from pipeline.desk import Desk, another_domain, until


async def keep(desk: Desk, **days: object) -> None:
    answer = await desk.call("PUT", "/api/v1/domains/default", json={"settings": {"media": days}})
    assert answer.status == 200, answer.text


async def after(desk: Desk, days: float) -> None:
    """Retention runs as if so many days had passed."""
    now = datetime.now(UTC) + timedelta(days=days)
    await replace(desk.app.files.retention, clock=lambda: now).run()


async def reports(desk: Desk) -> list[dict[str, Any]]:
    answer = await desk.call("GET", "/api/v1/domains/default/retention")
    assert answer.status == 200, answer.text
    return answer.json["items"]


def stored(desk: Desk) -> set[str]:
    """What is in the store, by the ends of the names."""
    root = desk.app.settings.data / "media"
    # `walk` takes no offence at a directory that goes while it looks.
    return {name for _, _, names in os.walk(root) for name in names}


async def make_old(desk: Desk, filename: str, days: int) -> None:
    await desk.db.execute(
        "UPDATE media SET created_at = created_at - make_interval(days => $2)"
        " WHERE media_id = (SELECT media_id FROM media WHERE filename = $1"
        "  ORDER BY created_at LIMIT 1)",
        filename,
        days,
    )


@pytest.mark.parametrize("name", ["keep_media_days", "keep_transcripts_days"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "30", True, 36_501, [30]])
async def test_days_that_make_no_sense_are_refused_by_name(
    web: Desk, name: str, value: object
) -> None:
    raw = {"settings": {"media": {name: value}}}
    answer = await web.call("PUT", "/api/v1/domains/default", json=raw)
    assert answer.status == 422
    assert f"settings.media.{name} is {value!r}" in answer.detail
    assert "from 1 to 36500" in answer.detail


async def test_a_setting_that_does_not_exist_is_refused(web: Desk) -> None:
    raw = {"settings": {"media": {"keep_photos_days": 30}}}
    answer = await web.call("PUT", "/api/v1/domains/default", json=raw)
    assert answer.status == 422
    assert "keep_photos_days" in answer.detail


async def test_old_files_go_with_their_bytes_and_it_is_told(desk: Desk, tmp_path: Path) -> None:
    paths = [samples.jpeg(tmp_path, place=True), samples.pdf(tmp_path)]
    for path in paths:
        await files.send(desk, path)
    await files.settled(desk, 2)
    assert len(stored(desk)) == 5  # two files, two thumbnails, the photo without its place
    await after(desk, 400)
    assert len(stored(desk)) == 5, "files are kept as long as nothing else was said"
    await keep(desk, keep_media_days=30)
    await after(desk, 29)
    assert await reports(desk) == []
    await after(desk, 31)
    assert stored(desk) == set()
    assert await desk.count("files") == 0
    assert await desk.count("media_garbage") == 0
    for message in await files.inbound(desk):
        [file] = message["attachments"]
        assert file["status"] == "deleted"
        assert file["url"] is None
        assert file["text"] is None
    [report] = await reports(desk)
    assert report["media_deleted"] == 2
    assert report["bytes_deleted"] == sum(path.stat().st_size for path in paths)
    assert report["media_before"].startswith(f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}")
    await after(desk, 31)
    assert len(await reports(desk)) == 1, "what is gone is not told again"


async def test_clients_learn_that_a_file_has_gone(desk: Desk, tmp_path: Path) -> None:
    await files.send(desk, samples.pdf(tmp_path))
    await files.settled(desk)
    [before] = await files.inbound(desk)
    await keep(desk, keep_media_days=30)
    await after(desk, 31)
    [gone] = await files.inbound(desk)
    assert gone["updated_at"] > before["updated_at"]


async def test_old_texts_go_and_the_file_stays(desk: Desk, tmp_path: Path) -> None:
    path = samples.pdf(tmp_path)
    await files.send(desk, path)
    assert "Invoice" in (await files.one(desk))["text"]
    await keep(desk, keep_transcripts_days=7)
    await after(desk, 6)
    assert "Invoice" in (await files.one(desk))["text"]
    await after(desk, 8)
    file = await files.one(desk)
    assert (file["status"], file["text"]) == ("ready", None)
    assert await files.content(desk, file["url"]) == path.read_bytes()
    [report] = await reports(desk)
    assert (report["transcripts_deleted"], report["media_deleted"]) == (1, 0)
    assert report["media_before"] is None
    assert not await desk.db.fetchval(
        "SELECT EXISTS (SELECT FROM files WHERE search_words(domain_id, created_at,"
        " search_file(transcript, description, text)) @@ search_query('Invoice', false))"
    )


async def test_a_file_that_comes_again_is_read_again(desk: Desk, tmp_path: Path) -> None:
    await files.send(desk, samples.pdf(tmp_path))
    await files.settled(desk)
    await keep(desk, keep_transcripts_days=7)
    await after(desk, 8)
    await files.send(desk, samples.pdf(tmp_path))
    newer = (await files.settled(desk, 2))[1]
    assert "Invoice" in newer["text"]


async def test_bytes_stay_while_a_newer_message_has_them(desk: Desk, tmp_path: Path) -> None:
    path = samples.pdf(tmp_path)
    for _ in range(2):
        await files.send(desk, path)
    await files.settled(desk, 2)
    await make_old(desk, "invoice.pdf", 40)
    await keep(desk, keep_media_days=30, keep_transcripts_days=30)
    await after(desk, 0)
    older, newer = await files.settled(desk, 2)
    assert (older["status"], newer["status"]) == ("deleted", "ready")
    assert "Invoice" in newer["text"]
    assert await files.content(desk, newer["url"]) == path.read_bytes()
    assert [report["bytes_deleted"] for report in await reports(desk)] == [0]
    await after(desk, 31)
    assert stored(desk) == set()


async def test_a_file_that_never_came_goes_too(desk: Desk, tmp_path: Path) -> None:
    await desk.fault("media_status", status=404)
    await files.send(desk, samples.pdf(tmp_path))
    await files.settled(desk)
    await keep(desk, keep_media_days=1)
    await after(desk, 2)
    assert (await files.one(desk))["status"] == "deleted"


async def test_each_domain_has_days_of_its_own(desk: Desk, tmp_path: Path) -> None:
    rival, token = await another_domain(desk)
    await desk.app.domains.update(rival, settings={"media": {"keep_media_days": 1}})
    await files.send(desk, samples.pdf(tmp_path))
    await files.settled(desk)
    await after(desk, 400)
    assert (await files.one(desk))["status"] == "ready"
    answer = await desk.call("GET", "/api/v1/domains/default/retention", token)
    assert answer.status in (403, 404)


async def test_the_worker_looks_after_it(web: Desk, tmp_path: Path) -> None:
    await web.write("Hello")
    await files.uploaded(web, samples.txt(tmp_path))
    await keep(web, keep_media_days=1)
    await web.db.execute("UPDATE media SET created_at = now() - interval '2 days'")
    await web.start_worker()

    async def gone() -> bool:
        return stored(web) == set()

    await until(gone)
    [report] = await reports(web)
    assert report["media_deleted"] == 1


# What crashes leave ------------------------------------------------------------------------------


async def test_an_upload_that_nobody_ends_is_taken_away(web: Desk, tmp_path: Path) -> None:
    await web.write("Hello")
    await files.uploaded(web, samples.pdf(tmp_path))
    # As it is before the last step of an upload: the bytes are there, and not yet noted.
    await web.db.execute("UPDATE media SET state = 'uploading', checksum = NULL")
    await web.db.execute("DELETE FROM files")
    await web.app.files.media.tidy()
    assert len(stored(web)) == 1, "it may still be under way"
    await web.db.execute("UPDATE media SET updated_at = now() - interval '2 hours'")
    await web.app.files.media.tidy()
    assert stored(web) == set()
    assert await web.count("media") == 0
    assert await web.count("media_garbage") == 0


async def test_a_file_whose_job_is_lost_arrives(web: Desk, tmp_path: Path) -> None:
    await files.send(web, samples.pdf(tmp_path))
    await web.db.execute("DELETE FROM queue.pgqueuer")
    await web.db.execute("UPDATE media SET updated_at = now() - interval '2 hours'")
    await web.start_worker()
    assert (await files.one(web))["pages"] == 3
