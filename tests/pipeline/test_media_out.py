"""Files going out: from a person's upload to the customer's phone, as it takes them."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import pytest
from PIL import Image

from assistants.servers import Scripted, scripted
from frontdesk.ports import Outbound
from media import samples
from pipeline import files
from pipeline.desk import SMS_NUMBER, Desk, until

Make = Callable[[Path], Path]


@pytest.fixture
async def open_window(desk: Desk) -> Desk:
    """A desk to whose number the customer has written."""
    await desk.write("Hello")
    await desk.replies(1)
    return desk


@pytest.fixture
async def by_sms(desk: Desk) -> Desk:
    await desk.write("Hello", to=SMS_NUMBER)
    await desk.replies(1)
    return desk


# Every kind, as it arrives -----------------------------------------------------------------------

AS_THEY_ARE: dict[str, tuple[Make, ...]] = {
    "pictures": (samples.jpeg, samples.png),
    "sounds": (samples.ogg_opus, samples.mp3, samples.aac, samples.amr),
    "videos": (samples.mp4,),
    "documents": (
        samples.pdf,
        samples.txt,
        samples.csv,
        samples.rtf,
        samples.doc,
        samples.xls,
        samples.ppt,
        samples.docx,
        samples.xlsx,
        samples.pptx,
    ),
}


@pytest.mark.parametrize("makers", AS_THEY_ARE.values(), ids=AS_THEY_ARE)
async def test_the_phone_gets_the_very_bytes(
    open_window: Desk, tmp_path: Path, makers: tuple[Make, ...]
) -> None:
    paths = [make(tmp_path) for make in makers]
    answer = await files.respond(open_window, "", *await files.uploaded(open_window, *paths))
    assert answer.status == 200, answer.text
    assert answer.json["sent"]
    phone = await files.got(open_window, len(paths))
    assert [file.content for file in phone] == [path.read_bytes() for path in paths]


async def converted(desk: Desk, path: Path, **query: str) -> files.Got:
    answer = await files.respond(desk, "", *await files.uploaded(desk, path, **query))
    assert answer.status == 200, answer.text
    [file] = await files.got(desk)
    assert file.content != path.read_bytes()
    return file


@pytest.mark.parametrize("make", [samples.gif, samples.webp])
async def test_whatsapp_gets_a_picture_that_it_shows(
    open_window: Desk, tmp_path: Path, make: Make
) -> None:
    path = make(tmp_path)
    file = await converted(open_window, path)
    assert file.kind == "image"
    with Image.open(BytesIO(file.content)) as image, Image.open(path) as original:
        assert image.format in ("JPEG", "PNG")
        assert image.size == original.size


@pytest.mark.parametrize("make", [samples.wav, samples.m4a])
async def test_whatsapp_gets_a_recording_as_a_voice_note(
    open_window: Desk, tmp_path: Path, make: Make
) -> None:
    file = await converted(open_window, make(tmp_path))
    assert (file.kind, file.content_type) == ("voice", "audio/ogg")
    with av.open(BytesIO(file.content), "r") as note:
        [stream] = note.streams.audio
        assert (stream.codec_context.name, stream.codec_context.channels) == ("opus", 1)
        assert note.duration is not None
        assert note.duration / 1e6 == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    "make", [samples.avi, samples.mov, samples.webm, samples.mpeg, samples.three_gp]
)
async def test_whatsapp_gets_a_video_as_mp4(open_window: Desk, tmp_path: Path, make: Make) -> None:
    file = await converted(open_window, make(tmp_path))
    assert (file.kind, file.content_type) == ("video", "video/mp4")
    with av.open(BytesIO(file.content), "r") as clip:
        assert clip.streams.video[0].codec_context.name == "h264"
        assert clip.streams.audio[0].codec_context.name == "aac"
        assert clip.duration is not None
        assert clip.duration / 1e6 == pytest.approx(2, abs=0.2)


async def test_a_picture_over_the_limit_goes_smaller(open_window: Desk, tmp_path: Path) -> None:
    path = samples.jpeg(tmp_path, width=3200, height=2400, grain=True, quality=97)
    assert path.stat().st_size > 5 * 1024 * 1024
    refused = await files.upload(open_window, path)
    assert (refused.status, refused.detail) == (413, "File size exceeds 5MB limit")
    file = await converted(open_window, path, fit="true")
    assert len(file.content) <= 5 * 1024 * 1024
    with Image.open(BytesIO(file.content)) as image:
        assert image.format == "JPEG"


async def test_the_phone_is_not_told_where_a_photo_was_taken(
    open_window: Desk, tmp_path: Path
) -> None:
    path = samples.jpeg(tmp_path, orientation=6, place=True)
    file = await converted(open_window, path)
    assert b"Camera of Ana" in path.read_bytes()
    assert b"Camera of Ana" not in file.content
    with Image.open(BytesIO(file.content)) as image:
        assert not image.getexif()
        assert image.size == (480, 640)


async def test_a_photo_that_cannot_be_opened_is_not_sent(open_window: Desk, tmp_path: Path) -> None:
    """What it holds besides is not known."""
    [media_id] = await files.uploaded(open_window, samples.truncated_jpeg(tmp_path))
    answer = await files.respond(open_window, "", media_id)
    assert answer.status == 409
    assert "damaged" in answer.detail
    assert len(await open_window.sent()) == 1


async def test_pictures_go_by_sms_together(by_sms: Desk, tmp_path: Path) -> None:
    paths = [samples.jpeg(tmp_path), samples.png(tmp_path), samples.gif(tmp_path)]
    media_ids = await files.uploaded(by_sms, *paths)
    answer = await files.respond(by_sms, "Three of them", *media_ids)
    assert answer.status == 200, answer.text
    phone = await files.got(by_sms)
    assert [file.content for file in phone] == [path.read_bytes() for path in paths]
    messages = [message for message in await by_sms.sent() if message["media"]]
    assert [message["body"] for message in messages] == ["Three of them"]


async def test_by_whatsapp_each_file_is_a_message_in_order(
    open_window: Desk, tmp_path: Path
) -> None:
    paths = [samples.avi(tmp_path), samples.jpeg(tmp_path), samples.pdf(tmp_path)]
    media_ids = await files.uploaded(open_window, *paths)
    answer = await files.respond(open_window, "Our offer", *media_ids)
    assert answer.status == 200, answer.text
    assert len(answer.json["message_ids"]) == 3
    # The video, which is made into another one first, does not let the others pass.
    assert [file.kind for file in await files.got(open_window, 3)] == ["video", "image", "document"]
    assert [message["body"] for message in (await open_window.sent())[1:]] == ["Our offer", "", ""]


# Addresses ---------------------------------------------------------------------------------------


async def test_a_file_is_sent_by_the_address_of_its_upload(
    open_window: Desk, tmp_path: Path
) -> None:
    path = samples.jpeg(tmp_path)
    uploaded = await files.upload(open_window, path)
    answer = await files.respond(open_window, "Here", media_url=uploaded.json["url"])
    assert answer.status == 200, answer.text
    assert answer.json["twilio_sid"]
    [file] = await files.got(open_window)
    assert file.content == path.read_bytes()


async def test_the_carrier_fetches_by_an_address_that_needs_no_credentials(
    open_window: Desk, tmp_path: Path
) -> None:
    path = samples.pdf(tmp_path)
    await files.respond(open_window, "", *await files.uploaded(open_window, path))
    await files.got(open_window)
    [message] = [m for m in open_window.exchange.all() if m.media]
    url = message.media[0].url
    assert url is not None
    assert url.startswith(open_window.url + "/media/")
    assert files.OWNER_TOKEN not in url
    bare = url.partition("?")[0]
    for address, status in ((url, 200), (bare, 401), (url[:-4] + "0000", 403)):
        async with open_window.http.get(address) as answer:
            assert answer.status == status, await answer.text()
            if status == 200:
                assert await answer.read() == path.read_bytes()


# Once, whatever happens --------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Here it is", ""])
async def test_a_file_is_not_sent_twice_when_the_carriers_answer_is_lost(
    web: Desk, tmp_path: Path, text: str
) -> None:
    deliver = web.app.worker.deliver
    later = timedelta(seconds=6)
    web.app.worker.deliver = replace(deliver, clock=lambda: datetime.now(UTC) + later)
    await web.start_worker()
    await web.write("Hello")
    await web.replies(1)
    await web.fault("reset", when="after", times=1)
    paths = [samples.jpeg(tmp_path), samples.png(tmp_path)]
    answer = await files.respond(web, text, *await files.uploaded(web, *paths))
    assert answer.status == 200, answer.text
    phone = await files.got(web, 2)
    assert [file.content for file in phone] == [path.read_bytes() for path in paths]
    await web.settled()
    assert len(await web.sent()) == 3


@pytest.mark.parametrize("taken", [True, False], ids=["the carrier has it", "the carrier has not"])
async def test_a_worker_that_dies_while_it_sends_a_file_neither_loses_nor_repeats_it(
    web: Desk, tmp_path: Path, taken: bool
) -> None:
    await web.start_worker()
    await web.write("Hello")
    await web.replies(1)
    await web.stop_worker()
    path = samples.jpeg(tmp_path)
    ids = await _queue(web, path)
    row = await web.conversation()
    key = (row["domain_id"], row["conversation_id"])
    deliver = web.app.worker.deliver
    # What a worker does until it dies: `sending` is committed, the carrier called or not yet.
    found = await deliver.deliveries.claim(*key, 71)
    assert found is not None
    lane, delivery = found
    assert delivery is not None
    assert await deliver.deliveries.sending(lane, delivery, "wmsg")
    if taken:
        channel = await web.app.channels.known(key[0], delivery.channel_id)
        carrier = web.app.carriers[channel.carrier]
        media_ids = [UUID(each["media_id"]) for each in (delivery.structured or {})["media"]]
        limits = carrier.capabilities[channel.kind].media
        urls = [url for url, _ in await deliver.outgoing.files(key[0], media_ids, limits)]
        outbound = Outbound(delivery.message_id, delivery.address, "", media_urls=urls)
        await web.fault("drop_callbacks", times=1)
        await carrier.send(outbound, channel)
    later = timedelta(seconds=6)
    await replace(deliver, clock=lambda: datetime.now(UTC) + later).run(*key, 71)
    assert len(await web.sent()) == 2
    [file] = await files.got(web)
    assert file.content == path.read_bytes()
    assert await _status(web, ids[0]) in ("sent", "delivered")


async def _queue(desk: Desk, *paths: Path) -> list[UUID]:
    """A person's answer with files that waits to be sent."""
    row = await desk.conversation()
    media_ids = [UUID(each) for each in await files.uploaded(desk, *paths)]
    return await desk.app.manual.send(row["domain_id"], row["conversation_id"], "", media_ids)


async def _status(desk: Desk, message_id: UUID) -> str:
    status = await desk.db.fetchval("SELECT status FROM messages WHERE message_id = $1", message_id)
    return str(status)


async def test_a_message_whose_file_was_deleted_says_so(web: Desk, tmp_path: Path) -> None:
    await web.write("Hello")
    [message_id] = await _queue(web, samples.jpeg(tmp_path))
    [media_id] = await web.db.fetch("SELECT media_id FROM media")
    deleted = await web.call("DELETE", f"/api/v1/media/{media_id[0]}")
    assert deleted.status == 204
    await web.start_worker()

    async def failed() -> bool:
        return await _status(web, message_id) == "failed"

    await until(failed)
    [message] = [m for m in await files.thread(web) if m["message_id"] == str(message_id)]
    assert message["error"] == "the file was deleted before it was sent"
    assert [each["status"] for each in message["attachments"]] == ["deleted"]
    assert [m for m in await web.sent() if m["media"]] == []


async def test_a_message_whose_file_the_store_has_lost_says_so(web: Desk, tmp_path: Path) -> None:
    await web.write("Hello")
    [message_id] = await _queue(web, samples.wav(tmp_path))
    for path in (web.app.settings.data / "media").rglob("*.wav"):
        path.unlink()
    await web.start_worker()

    async def failed() -> bool:
        return await _status(web, message_id) == "failed"

    await until(failed)
    [message] = [m for m in await files.thread(web) if m["message_id"] == str(message_id)]
    assert "no longer has" in message["error"]


# While it is looked into -------------------------------------------------------------------------


@pytest.fixture
async def eyes() -> AsyncGenerator[Scripted]:
    async with scripted() as server:
        yield server
        server.ended.set()


async def test_a_picture_is_sent_while_a_vision_model_takes_its_time(
    open_desk: Callable[..., Any], eyes: Scripted, tmp_path: Path
) -> None:
    eyes.will(eyes.hang)
    desk: Desk = await open_desk(
        FRONTDESK_VISION="openai:eyes",
        FRONTDESK_VISION_URL=f"{eyes.url}/v1",
        FRONTDESK_VISION_KEY="key-of-the-tests",
    )
    files.hasten(desk)
    await desk.write("Hello")
    await desk.replies(1)
    path = samples.jpeg(tmp_path, place=True)
    answer = await files.respond(desk, "", *await files.uploaded(desk, path))
    assert answer.json["sent"]
    [file] = await files.got(desk)
    assert b"Camera of Ana" not in file.content
    eyes.ended.set()


async def test_what_was_made_for_a_carrier_stays_when_the_file_is_understood(
    web: Desk, tmp_path: Path
) -> None:
    await web.write("Hello")
    [media_id] = await files.uploaded(web, samples.wav(tmp_path))
    media = await web.app.files.media.get(web.domain.domain_id, UUID(media_id))
    limits = web.app.carriers["twilio"].capabilities["wmsg"].media
    [(url, _)] = await web.app.files.outgoing.files(web.domain.domain_id, [media.media_id], limits)
    await web.app.files.understanding.of(media)
    async with web.http.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "audio/ogg; codecs=opus"
    media = await web.app.files.media.get(web.domain.domain_id, UUID(media_id))
    assert media.rendition("wav") is not None
