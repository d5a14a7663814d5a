"""Files coming in: from the customer's phone into the conversation, and what they say."""

import asyncio
import wave
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from PIL import Image

from assistants.servers import Scripted, completes, scripted
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.recognition.choice import Recognisers
from media import samples
from media.recognition.servers import TranscriptionServer, says, serving
from pipeline import files
from pipeline.desk import SMS_NUMBER, Desk, until

Make = Callable[[Path], Path]


async def together(desk: Desk, where: Path, makers: Sequence[Make]) -> dict[str, dict[str, Any]]:
    """Each file in a message of its own; what is known of them in the end, by name."""
    paths = [make(where) for make in makers]
    for path in paths:
        await files.send(desk, path)
    found = {each["filename"]: each for each in await files.settled(desk, len(paths))}
    assert list(found) == [path.name for path in paths]
    for path in paths:
        file = found[path.name]
        assert file["status"] == "ready"
        assert file["size"] == path.stat().st_size
        assert await files.content(desk, file["url"]) == path.read_bytes()
    return found


async def test_pictures_have_their_size_and_a_thumbnail(desk: Desk, tmp_path: Path) -> None:
    found = await together(desk, tmp_path, (samples.jpeg, samples.png, samples.gif))
    assert [file["content_type"] for file in found.values()] == [
        "image/jpeg",
        "image/png",
        "image/gif",
    ]
    for file in found.values():
        assert file["kind"] == "image"
        assert file["error"] is None
        width, height = file["width"], file["height"]
        assert (width, height) == ((200, 200) if file["filename"] == "moving.gif" else (640, 480))
        with Image.open(BytesIO(await files.content(desk, file["thumbnail_url"]))) as small:
            assert small.format == "WEBP"
            assert small.width == min(400, width)
            assert abs(small.width * height - small.height * width) <= width


SOUNDS: dict[str, tuple[Make, str]] = {
    "note.ogg": (samples.ogg_opus, "audio/ogg; codecs=opus"),
    "song.mp3": (samples.mp3, "audio/mpeg"),
    "sound.wav": (samples.wav, "audio/wav"),
    "note.m4a": (samples.m4a, "audio/mp4"),
    "sound.aac": (samples.aac, "audio/aac"),
    "note.amr": (samples.amr, "audio/amr"),
}


async def test_sounds_have_their_duration_a_waveform_and_a_wav(desk: Desk, tmp_path: Path) -> None:
    found = await together(desk, tmp_path, [make for make, _ in SOUNDS.values()])
    for name, file in found.items():
        assert (file["kind"], file["content_type"]) == ("audio", SOUNDS[name][1])
        assert file["duration"] == pytest.approx(2, abs=0.1)
        assert len(file["peaks"]) == 96
        # The first half of the samples is loud, the second quiet.
        assert min(file["peaks"][10:40]) > 3 * max(file["peaks"][58:90])
        assert file["wav_url"].endswith("/voice.wav")
        with wave.open(BytesIO(await files.content(desk, file["wav_url"]))) as heard:
            assert heard.getparams()[:3] == (1, 2, 16_000)
            assert heard.getnframes() == pytest.approx(32_000, abs=1_600)


VIDEOS: dict[str, tuple[Make, str]] = {
    "clip.mp4": (samples.mp4, "video/mp4"),
    "clip.mpeg": (samples.mpeg, "video/mpeg"),
    "clip.mov": (samples.mov, "video/quicktime"),
    "clip.avi": (samples.avi, "video/x-msvideo"),
    "clip.3gp": (samples.three_gp, "video/3gpp"),
    "clip.webm": (samples.webm, "video/webm"),
}


async def test_videos_have_a_thumbnail_and_their_sound(desk: Desk, tmp_path: Path) -> None:
    found = await together(desk, tmp_path, [make for make, _ in VIDEOS.values()])
    for name, file in found.items():
        assert (file["kind"], file["content_type"]) == ("video", VIDEOS[name][1])
        assert file["duration"] == pytest.approx(2, abs=0.1)
        assert (file["width"], file["height"]) == (352, 288)
        with Image.open(BytesIO(await files.content(desk, file["thumbnail_url"]))) as small:
            assert small.format == "WEBP"
        with wave.open(BytesIO(await files.content(desk, file["wav_url"]))) as heard:
            assert heard.getframerate() == 16_000


DOCUMENTS: dict[str, tuple[Make, int | None, str]] = {
    "invoice.pdf": (samples.pdf, 3, "[page 2]\nDelivery within three days"),
    "note.txt": (samples.txt, None, "Grüße aus Köln"),
    "prices.csv": (samples.csv, None, "Teapot,19.00"),
    "letter.doc": (samples.doc, None, "the tea costs 5 €."),
    "letter.docx": (samples.docx, None, "your teapot is ready."),
    "prices.xls": (samples.xls, None, "Teapot\t19"),
    "prices.xlsx": (samples.xlsx, None, "from 5 € & up"),
    "talk.ppt": (samples.ppt, None, "[slide 2]\nFrom 5 €"),
    "talk.pptx": (samples.pptx, 2, "[slide 2]\nPrices from May"),
    "letter.rtf": (samples.rtf, None, "see you in Köln"),
}


async def test_documents_have_their_text(desk: Desk, tmp_path: Path) -> None:
    found = await together(desk, tmp_path, [make for make, _, _ in DOCUMENTS.values()])
    for name, file in found.items():
        _, pages, text = DOCUMENTS[name]
        assert file["kind"] == "document"
        assert file["content_type"] == files.TYPES["." + name.partition(".")[2]]
        assert file["pages"] == pages
        assert text in file["text"]
        assert file["error"] is None
    assert found["invoice.pdf"]["thumbnail_url"]


async def test_a_photo_is_shown_upright_and_without_the_place_where_it_was_taken(
    desk: Desk, tmp_path: Path
) -> None:
    path = samples.jpeg(tmp_path, orientation=6, place=True)
    await files.send(desk, path)
    file = await files.one(desk)
    assert (file["width"], file["height"]) == (480, 640)
    shown = await files.content(desk, file["url"])
    with Image.open(BytesIO(shown)) as image:
        assert image.size == (480, 640)
        assert not image.getexif()
    assert b"Camera of Ana" in path.read_bytes()
    assert b"Camera of Ana" not in shown


async def test_a_message_is_shown_before_its_file(desk: Desk, tmp_path: Path) -> None:
    await desk.fault("media_slow", seconds=1, times=1)
    await files.send(desk, samples.jpeg(tmp_path), body="Look at this")
    [before] = await files.inbound(desk)
    [waiting] = before["attachments"]
    assert before["content"] == "Look at this"
    assert (waiting["status"], waiting["kind"]) == ("pending", "image")
    assert waiting["url"] is None
    file = await files.one(desk)
    [after] = await files.inbound(desk)
    assert file["media_id"] == waiting["media_id"]
    assert after["updated_at"] > before["updated_at"]
    # The assistant waited, and was told what came.
    assert await desk.replies(1) == ["Look at this\n[image photo.jpg]"]


async def test_files_of_one_message_keep_their_order(desk: Desk, tmp_path: Path) -> None:
    paths = [samples.jpeg(tmp_path), samples.pdf(tmp_path), samples.png(tmp_path)]
    # The first arrives last.
    await desk.fault("media_slow", seconds=0.5, times=1)
    await files.send(desk, *paths, body="Three of them", to=SMS_NUMBER)
    names = [file["filename"] for file in await files.settled(desk, 3)]
    assert names == ["photo.jpg", "invoice.pdf", "drawing.png"]
    [message] = await files.inbound(desk)
    assert len(message["attachments"]) == 3
    [reply] = await desk.replies(1)
    assert reply.startswith("Three of them\n[image photo.jpg]\n[document invoice.pdf, 3 pages]")
    assert reply.endswith("[image drawing.png]")


async def test_the_same_bytes_are_stored_once(desk: Desk, tmp_path: Path) -> None:
    for _ in range(2):
        await files.send(desk, samples.pdf(tmp_path))
    first, second = await files.settled(desk, 2)
    assert first["media_id"] != second["media_id"]
    assert first["text"] == second["text"]
    assert await desk.count("files") == 1
    assert await desk.count("media_garbage") == 0


# What is no file, or more than one ---------------------------------------------------------------


async def test_a_sticker_is_a_sticker(desk: Desk, tmp_path: Path) -> None:
    await files.send(desk, samples.webp(tmp_path))
    file = await files.one(desk)
    assert (file["kind"], file["content_type"]) == ("sticker", "image/webp")
    [message] = await files.inbound(desk)
    assert message["kind"] == "sticker"
    assert await desk.replies(1) == ["[sticker sticker.webp]"]


async def test_a_webp_by_sms_is_a_picture(desk: Desk, tmp_path: Path) -> None:
    await files.send(desk, samples.webp(tmp_path), to=SMS_NUMBER)
    assert (await files.one(desk))["kind"] == "image"


async def test_a_location_is_kept_as_one(desk: Desk) -> None:
    place = {"Latitude": "52.52", "Longitude": "13.405", "Label": "Tea & Pots", "Address": "Berlin"}
    await desk.write("", fields=place)
    [message] = await files.inbound(desk)
    assert message["kind"] == "location"
    assert message["structured"]["location"]["label"] == "Tea & Pots"
    assert message["attachments"] == []
    assert await desk.replies(1) == ["[location: Tea & Pots, Berlin (52.52, 13.405)]"]


async def test_a_contact_card_is_kept_and_told(desk: Desk, tmp_path: Path) -> None:
    await files.send(desk, samples.vcard(tmp_path))
    file = await files.one(desk)
    [message] = await files.inbound(desk)
    assert message["kind"] == "contacts"
    assert file["content_type"] == "text/vcard"
    assert "Ana Silva" in file["text"]
    assert "+1 415 555 0123" in (await desk.replies(1))[0]


async def test_a_reaction_is_kept_as_one(desk: Desk) -> None:
    await desk.write("Hello")
    await desk.replies(1)
    await desk.write("👍", fields={"MessageType": "reaction"})
    message = (await files.inbound(desk))[-1]
    assert message["kind"] == "reaction"
    assert message["structured"]["reaction"]["emoji"] == "👍"


# What files say ----------------------------------------------------------------------------------


class Held(TranscriptionServer):
    """Begins to answer once `released` is set."""

    released: asyncio.Event
    asked = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked = True
        await self.released.wait()
        return await super().handle(request)


@pytest.fixture
async def transcriber() -> AsyncGenerator[Held]:
    server = Held()
    server.released = asyncio.Event()
    server.released.set()
    async with serving(server.handle) as url:
        server.url = f"{url}/v1"
        yield server
        server.released.set()


@pytest.fixture
async def hearing(open_desk: Callable[..., Any], transcriber: Held) -> Desk:
    """A desk whose transcriber is a server that the test commands."""
    desk = await open_desk(
        FRONTDESK_TRANSCRIBER="openai:whisper-1", FRONTDESK_TRANSCRIBER_URL=transcriber.url
    )
    files.hasten(desk)
    return desk


@pytest.fixture
async def eyes() -> AsyncGenerator[Scripted]:
    async with scripted() as server:
        yield server


async def test_a_voice_note_is_heard_and_answered_once(
    hearing: Desk, transcriber: Held, tmp_path: Path
) -> None:
    transcriber.will(says("Do you have a table for two?"))
    await files.send(hearing, samples.ogg_opus(tmp_path))
    file = await files.one(hearing)
    assert file["transcript"] == "Do you have a table for two?"
    assert file["language"] == "en"
    assert file["error"] is None
    [heard] = transcriber.heard
    with wave.open(BytesIO(heard.file)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (16_000, 1)
    await hearing.settled()
    replies = [message["body"] for message in await hearing.sent()]
    assert replies == ["[audio note.ogg, 2 s] Do you have a table for two?"]


async def test_texts_and_a_voice_note_get_one_answer_that_waited_for_it(
    hearing: Desk, transcriber: Held, tmp_path: Path
) -> None:
    transcriber.will(says("A table, please."))
    transcriber.released.clear()
    await files.send(hearing, samples.ogg_opus(tmp_path))

    async def asked() -> bool:
        return transcriber.asked

    await until(asked)
    await hearing.write("Did you hear me?")
    transcriber.released.set()
    await files.settled(hearing)
    replies = await hearing.replies(1)
    assert replies == ["[audio note.ogg, 2 s] A table, please.\nDid you hear me?"]


async def test_a_video_is_heard(hearing: Desk, transcriber: Held, tmp_path: Path) -> None:
    transcriber.will(says("Look at the leak."))
    await files.send(hearing, samples.mp4(tmp_path))
    assert (await files.one(hearing))["transcript"] == "Look at the leak."


async def test_an_assistant_does_not_wait_for_ever_for_a_transcript(
    hearing: Desk, transcriber: Held, tmp_path: Path
) -> None:
    files.patient_for(hearing, 1.5)
    transcriber.will(says("Never mind."))
    transcriber.released.clear()
    await files.send(hearing, samples.ogg_opus(tmp_path))
    [reply] = await hearing.replies(1)
    assert reply.endswith("its content is not known yet]")
    [message] = await files.inbound(hearing)
    assert message["attachments"][0]["status"] in ("pending", "processing")
    # What comes too late for the assistant is there for people.
    transcriber.released.set()
    assert (await files.one(hearing))["transcript"] == "Never mind."
    await hearing.settled()
    assert len(await hearing.sent()) == 1


async def test_a_transcriber_that_hangs_holds_back_nobodys_photo(
    hearing: Desk, transcriber: Held, tmp_path: Path
) -> None:
    transcriber.will(says("Hello?"))
    transcriber.released.clear()
    for number in range(8):
        await files.send(hearing, samples.ogg_opus(tmp_path, 1 + number / 10))
    await files.send(hearing, samples.jpeg(tmp_path), from_="+14155550199")

    async def arrived() -> bool:
        [message] = await files.inbound(hearing, "+14155550199")
        return message["attachments"][0]["status"] == "ready"

    try:
        await until(arrived, 4)
    finally:
        transcriber.released.set()


async def test_without_a_transcriber_the_file_says_how_to_set_one_up(
    desk: Desk, tmp_path: Path
) -> None:
    await files.send(desk, samples.ogg_opus(tmp_path))
    file = await files.one(desk)
    assert file["transcript"] is None
    assert "FRONTDESK_TRANSCRIBER=" in file["error"]
    assert await desk.replies(1) == ["[audio note.ogg, 2 s]"]


async def test_a_photo_is_described_by_a_vision_model(
    open_desk: Callable[..., Any], eyes: Scripted, tmp_path: Path
) -> None:
    eyes.will(completes("A broken teapot on a table."))
    desk: Desk = await open_desk(
        FRONTDESK_VISION="openai:eyes",
        FRONTDESK_VISION_URL=f"{eyes.url}/v1",
        FRONTDESK_VISION_KEY="key-of-the-tests",
    )
    await files.send(desk, samples.jpeg(tmp_path), body="Can you mend it?")
    file = await files.one(desk)
    assert file["description"] == "A broken teapot on a table."
    assert await desk.replies(1) == [
        "Can you mend it?\n[image photo.jpg] A broken teapot on a table."
    ]


async def test_the_text_of_a_pdf_reaches_the_assistant(desk: Desk, tmp_path: Path) -> None:
    await files.send(desk, samples.pdf(tmp_path))
    [reply] = await desk.replies(1)
    assert reply.startswith("[document invoice.pdf, 3 pages] [page 1]\nInvoice 4711 of Tea & Pots")


async def test_a_conversation_is_found_by_a_word_of_a_transcript(
    hearing: Desk, transcriber: Held, tmp_path: Path
) -> None:
    transcriber.will(says("My samovar is leaking."))
    await files.send(hearing, samples.ogg_opus(tmp_path))
    await hearing.write("Hello", from_="+14155550199")
    await files.one(hearing)
    await hearing.replies(1)
    row = await hearing.conversation()
    # Not by the answer that repeats it.
    await hearing.db.execute("UPDATE conversations SET last_message = 'Thank you'")
    for words, expected in (
        ("samovar", [str(row["conversation_id"])]),
        ("Leaking samovar", [str(row["conversation_id"])]),
        ("kettle", []),
    ):
        answer = await hearing.call("GET", "/api/v1/conversations", params={"q": words})
        assert [each["chat_id"] for each in answer.json["items"]] == expected


# Files that cannot be understood -----------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [samples.truncated_jpeg, samples.corrupt_pdf, samples.bomb_png],
    ids=["a cut photo", "a damaged PDF", "a picture of 900 million pixels"],
)
async def test_a_file_that_cannot_be_read_costs_its_text_alone(
    desk: Desk, tmp_path: Path, make: Make
) -> None:
    path = make(tmp_path)
    await files.send(desk, path)
    file = await files.one(desk)
    assert file["status"] == "ready"
    assert file["error"]
    assert await files.content(desk, file["url"]) == path.read_bytes()
    assert len(await desk.replies(1)) == 1


STOPPED = {
    "time": (Decoders(inspect_seconds=0.001), "longer than"),
    # Too little for a decoder to begin in.
    "memory": (Decoders(memory=1), "It "),
}


@pytest.mark.parametrize(("decoders", "words"), STOPPED.values(), ids=STOPPED)
async def test_a_decoder_that_is_stopped_costs_the_file_its_text_alone(
    desk: Desk, tmp_path: Path, decoders: Decoders, words: str
) -> None:
    lane = desk.app.worker.media
    known = lane.files.understanding
    lane.files = replace(lane.files, understanding=replace(known, decoders=decoders))
    path = samples.pdf(tmp_path)
    await files.send(desk, path)
    file = await files.one(desk)
    assert words in file["error"]
    assert (file["status"], file["pages"], file["text"]) == ("ready", None, None)
    assert await files.content(desk, file["url"]) == path.read_bytes()
    assert await desk.replies(1) == ["[document invoice.pdf]"]
    await decoders.close()


async def test_whatever_else_fails_is_written_on_the_file(desk: Desk, tmp_path: Path) -> None:
    async def broken(domain_id: UUID) -> Recognisers:
        raise LookupError(f"nothing is set up in {domain_id}")

    lane = desk.app.worker.media
    known = lane.files.understanding
    lane.files = replace(lane.files, understanding=replace(known, recognisers=broken))
    await files.send(desk, samples.jpeg(tmp_path))
    file = await files.one(desk)
    assert file["status"] == "ready"
    assert file["error"].endswith("did not expect; what happened is in its log.")
    assert "nothing is set up" not in file["error"]
    assert len(await desk.replies(1)) == 1
