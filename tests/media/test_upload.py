"""Uploads: what is stored, where, under which name, and what is refused."""

import asyncio
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conversations.factory import arrival
from media import samples
from media.uploading import (
    FORM,
    JPEG,
    MB,
    chat_of,
    form,
    nothing_is_left,
    objects,
    upload,
)
from pipeline.desk import OWNER_TOKEN, SMS_NUMBER, Answer, Desk, another_domain


async def test_an_upload_is_answered_and_stored_to_the_letter(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    answer = await upload(web, chat, photo)
    assert answer.status == 200, answer.text
    person = await web.db.fetchval("SELECT person_id FROM media")
    stamp = answer.json["url"].rpartition("/")[2].removesuffix("_image.jpg")
    path = f"conversation-media/{person}/agent-7/{chat}/{stamp}_image.jpg"
    media_id = answer.json.pop("media_id")
    assert answer.json == {
        "success": True,
        "url": f"{web.url}/{path}",
        "filename": "image.jpg",
        "content_type": "image/jpeg",
        "size": len(photo),
        "kind": "image",
        "fitted": False,
    }
    assert len(stamp) == 15
    assert stamp.replace("_", "", 1).isdigit()
    assert objects(web) == {path: photo}
    for address in (f"/{path}", f"/media/{media_id}"):
        async with web.http.get(
            web.url + address, headers={"Authorization": f"Bearer {OWNER_TOKEN}"}
        ) as got:
            assert await got.read() == photo
    gallery = await web.call("GET", f"/api/v1/conversations/{chat}/media")
    assert [item["media_id"] for item in gallery.json["items"]] == [media_id]


KINDS: list[tuple[Callable[..., Path], str, str]] = [
    (samples.jpeg, "image", "image/jpeg"),
    (samples.png, "image", "image/png"),
    (samples.gif, "image", "image/gif"),
    (samples.webp, "image", "image/webp"),
    (samples.mp3, "audio", "audio/mpeg"),
    (samples.ogg_opus, "audio", "audio/ogg"),
    (samples.wav, "audio", "audio/wav"),
    (samples.m4a, "audio", "audio/mp4"),
    (samples.aac, "audio", "audio/aac"),
    (samples.amr, "audio", "audio/amr"),
    (samples.mp4, "video", "video/mp4"),
    (samples.mpeg, "video", "video/mpeg"),
    (samples.mov, "video", "video/quicktime"),
    (samples.avi, "video", "video/x-msvideo"),
    (samples.three_gp, "video", "video/3gpp"),
    (samples.webm, "video", "video/webm"),
    (samples.pdf, "document", "application/pdf"),
    (samples.txt, "document", "text/plain"),
    (samples.csv, "document", "text/csv"),
    (samples.rtf, "document", "rtf"),
    (samples.doc, "document", "application/msword"),
    (samples.xls, "document", "application/vnd.ms-excel"),
    (samples.ppt, "document", "application/vnd.ms-powerpoint"),
    (samples.docx, "document", "wordprocessingml.document"),
    (samples.xlsx, "document", "spreadsheetml.sheet"),
    (samples.pptx, "document", "presentationml.presentation"),
]


async def test_every_accepted_kind_is_taken_under_its_own_name_and_under_a_wrong_one(
    web: Desk, tmp_path: Path
) -> None:
    chat = await chat_of(web)
    for sample, kind, content_type in KINDS:
        path = sample(tmp_path)
        # CSV and old office files are told from their like by name alone.
        for name in (path.name, "claims-to-be.jpg"):
            if name != path.name and path.suffix in (".csv", ".txt", ".jpg"):
                continue
            answer = await upload(web, chat, path.read_bytes(), name)
            assert answer.status == 200, f"{path.name} as {name}: {answer.text}"
            assert answer.json["kind"] == kind, f"{path.name} as {name}: {answer.json}"
            assert content_type in answer.json["content_type"], f"{path.name}: {answer.json}"
            assert not answer.json["filename"].endswith(".jpg") or kind == "image"
            assert answer.json["size"] == path.stat().st_size


async def test_what_is_wrong_with_an_upload_is_said(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    _, stranger = await another_domain(web)

    async def refused(status: int, detail: str, answer: Answer) -> None:
        assert answer.status == status, answer.text
        assert set(answer.json) == {"detail"}
        assert detail in answer.detail
        assert await nothing_is_left(web)

    await refused(400, "the file is empty", await upload(web, chat, b""))
    await refused(415, "JPEG, PNG, GIF", await upload(web, chat, b"MZ\x90\x00" * 99, "a.exe"))
    await refused(415, "JPEG, PNG, GIF", await upload(web, chat, b"<svg onload=alert(1)>", "a.svg"))
    await refused(415, "JPEG, PNG, GIF", await upload(web, chat, b"<!doctype html>", "a.html"))
    await refused(401, "send an API token", await upload(web, chat, photo, token=None))
    await refused(401, "token", await upload(web, chat, photo, token="made-up"))
    await refused(404, "does not exist", await upload(web, chat, photo, token=stranger))
    for nonsense in ("", "abc", "../../etc/passwd", "a\x00b", f"{chat}0"):
        await refused(404, "does not exist", await upload(web, nonsense, photo))
    path = f"/upload/conversation-media?chat_id={chat}"
    answer = await web.call("POST", path, data=form(photo, field="picture"), headers=FORM)
    await refused(422, "no file 'file'", answer)
    await refused(415, "multipart/form-data", await web.call("POST", path, json={"file": "x"}))
    await refused(422, "chat_id", await web.call("POST", "/upload/conversation-media"))


async def test_a_viewer_uploads_nothing(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    await web.app.domains.add_person(web.domain.domain_id, "v@example.com", "V", "viewer")
    token = await web.app.domains.issue_token(web.domain.domain_id, "v@example.com", "tests")
    answer = await upload(web, chat, samples.jpeg(tmp_path).read_bytes(), token=token)
    assert answer.status == 403
    assert await nothing_is_left(web)


async def test_the_channels_limit_is_told_exactly_and_leaves_nothing(web: Desk) -> None:
    chat = await chat_of(web)
    cases = [
        (JPEG, "image.jpg", 5 * MB, "File size exceeds 5MB limit"),
        (b"%PDF-1.7\n", "a.pdf", 16 * MB, "File size exceeds 16MB limit"),
    ]
    for head, name, most, detail in cases:
        fits = await upload(web, chat, head + bytes(most - len(head)), name)
        assert fits.status == 200, fits.text
        await web.call("DELETE", f"/api/v1/media/{fits.json['media_id']}")
        over = await upload(web, chat, head + bytes(most - len(head) + 1), name)
        assert (over.status, over.json) == (413, {"detail": detail})
        assert not objects(web)
    limits = await web.call("GET", f"/api/v1/channels/{await channel_of(web)}/limits")
    assert limits.json["media"]["image"]["max_bytes"] == 5 * MB
    assert limits.json["media"]["document"]["max_bytes"] == 16 * MB


async def channel_of(desk: Desk) -> str:
    return str((await desk.conversation())["channel_id"])


async def test_a_picture_message_has_limits_of_its_own(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web, to=SMS_NUMBER)
    limits = (await web.call("GET", f"/api/v1/channels/{await channel_of(web)}/limits")).json
    assert limits["channel"] == "sms"
    assert limits["media_per_message"] == 10
    assert {kind["max_bytes"] for kind in limits["media"].values()} == {5 * MB}
    over = await upload(web, chat, b"%PDF-1.7\n" + bytes(5 * MB), "a.pdf")
    assert (over.status, over.detail) == (413, "File size exceeds 5MB limit")
    text = await upload(web, chat, samples.txt(tmp_path).read_bytes(), "a.txt")
    assert text.status == 415
    assert "text/plain" in text.detail
    assert "application/pdf" in text.detail


async def test_limits_are_shown_to_members_only(web: Desk) -> None:
    await web.write("Hello")
    path = f"/api/v1/channels/{await channel_of(web)}/limits"
    _, stranger = await another_domain(web)
    assert (await web.call("GET", path, None)).status == 401
    assert (await web.call("GET", path, stranger)).status == 404
    shown = (await web.call("GET", path)).json
    assert shown["text_limit"] == 1600
    assert shown["window_hours"] == 24
    assert shown["media_per_message"] == 1
    assert "image/jpeg" in shown["media"]["image"]["content_types"]
    assert (await web.call("GET", "/api/v1/channels/nonsense/limits")).status == 422


async def test_fit_makes_a_photo_small_enough_and_says_so(web: Desk, tmp_path: Path) -> None:
    chat = await chat_of(web)
    photo = samples.jpeg(tmp_path, width=3200, height=2800, grain=True, quality=99).read_bytes()
    assert len(photo) > 5 * MB
    assert (await upload(web, chat, photo)).status == 413
    answer = await upload(web, chat, photo, fit="true")
    assert answer.status == 200, answer.text
    assert answer.json["fitted"] is True
    assert 0 < answer.json["size"] <= 5 * MB
    assert answer.json["filename"] == "image.jpg"
    [(path, stored)] = objects(web).items()
    assert answer.json["url"] == f"{web.url}/{path}"
    assert path.endswith("_image.jpg")
    assert len(stored) == answer.json["size"]
    small = await upload(web, chat, samples.jpeg(tmp_path).read_bytes(), fit="true")
    assert small.json["fitted"] is False


async def test_what_is_fitted_as_another_type_has_its_name(web: Desk) -> None:
    chat = await chat_of(web)
    written = BytesIO()
    samples.picture(2400, 1800, grain=True).save(written, "PNG")
    picture = written.getvalue()
    assert len(picture) > 5 * MB
    answers = [await upload(web, chat, picture + bytes([n]), "a.png", fit="true") for n in (0, 1)]
    for answer in answers:
        assert answer.status == 200, answer.text
        assert answer.json["fitted"] is True
        name = answer.json["filename"]
        assert answer.json["url"].rpartition(".")[2] == name.rpartition(".")[2]
        assert answer.json["content_type"] in ("image/jpeg", "image/png")
        served = await web.call("GET", urlsplit(answer.json["url"]).path)
        assert served.headers["content-type"] == answer.json["content_type"]
    assert {f"{web.url}/{key}" for key in objects(web)} <= {a.json["url"] for a in answers}


async def test_fit_makes_a_video_small_enough_and_refuses_what_it_cannot(
    web: Desk, tmp_path: Path
) -> None:
    chat = await chat_of(web, to=SMS_NUMBER)
    video = samples.mp4(tmp_path, 4, bit_rate=16_000_000).read_bytes()
    assert len(video) > 5 * MB
    answer = await upload(web, chat, video, "clip.mp4", fit="true")
    assert answer.status == 200, answer.text
    assert answer.json["fitted"] is True
    assert answer.json["content_type"] == "video/mp4"
    assert answer.json["size"] <= 5 * MB
    await web.call("DELETE", f"/api/v1/media/{answer.json['media_id']}")
    broken = await upload(web, chat, JPEG + bytes(6 * MB), fit="true")
    assert broken.status == 413
    assert broken.detail.startswith("File size exceeds 5MB limit, and it could not be made smaller")
    document = await upload(web, chat, b"%PDF-1.7\n" + bytes(6 * MB), "a.pdf", fit="true")
    assert (document.status, document.detail) == (413, "File size exceeds 5MB limit")
    assert not objects(web)


async def test_the_same_bytes_are_stored_once_until_the_last_of_them_goes(
    web: Desk, tmp_path: Path
) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    first = (await upload(web, chat, photo, "a.jpg")).json
    second = (await upload(web, chat, photo, "b.jpg")).json
    assert first["media_id"] != second["media_id"]
    assert list(objects(web).values()) == [photo]
    assert (await web.call("DELETE", f"/api/v1/media/{first['media_id']}")).status == 204
    assert (await web.call("GET", f"/media/{first['media_id']}")).status == 404
    assert (await web.call("GET", urlsplit(first["url"]).path)).status == 404
    kept = await web.call("GET", f"/media/{second['media_id']}")
    assert kept.status == 200
    assert (await web.call("GET", urlsplit(second["url"]).path)).status == 200
    assert list(objects(web).values()) == [photo]
    assert (await web.call("DELETE", f"/api/v1/media/{second['media_id']}")).status == 204
    assert objects(web) == {}
    assert await web.count("files") == 0
    assert (await web.call("DELETE", f"/api/v1/media/{second['media_id']}")).status == 404
    assert (await upload(web, chat, photo, "a.jpg")).status == 200, "it may come back"


async def test_domains_do_not_share_bytes(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    media_id = (await upload(web, chat, photo)).json["media_id"]
    domain_id, stranger = await another_domain(web)
    await web.app.channels.save_metadata(
        domain_id,
        {
            "twilio_sms_number": "+15005550009",
            "twilio_account_sid": "AC" + "1" * 32,
            "twilio_auth_token": "x",
        },
    )
    channel = await web.db.fetchval("SELECT channel_id FROM channels WHERE domain_id=$1", domain_id)

    assert channel is not None
    await web.app.conversations.record(
        [arrival(domain_id, channel, "+14155550199", "SM1", "Hi")], []
    )
    theirs = str((await web.conversation("+14155550199"))["conversation_id"])
    other = await upload(web, theirs, photo, token=stranger)
    assert other.status == 200, other.text
    assert list(objects(web).values()) == [photo, photo]
    assert (await web.call("DELETE", f"/api/v1/media/{media_id}", stranger)).status == 404
    assert (await web.call("DELETE", f"/api/v1/media/{media_id}")).status == 204
    assert (await web.call("GET", f"/media/{other.json['media_id']}", stranger)).status == 200


# Names


NAMES = [
    ("../../../etc/passwd.jpg", "passwd.jpg"),
    ("..\\..\\windows\\a.jpg", "a.jpg"),
    ("a\x00b.jpg", None),
    ("x" * 300 + ".jpg", "x" * 116 + ".jpg"),
    ("photo\u202egpj.exe", None),
    ("Größe 5.jpg", "Größe 5.jpg"),
    ("", "file.jpg"),
    (".jpg", "file.jpg"),
    ("a%0D%0AX-Evil: 1.jpg", None),
    ("quo%22te.jpg", None),
    ("con.jpg", "_con.jpg"),
]


async def test_names_are_made_safe(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    for number, (name, expected) in enumerate(NAMES):
        answer = await upload(web, chat, photo + bytes([number]), name)
        assert answer.status == 200, f"{name!r}: {answer.text}"
        safe, url = answer.json["filename"], answer.json["url"]
        assert safe.endswith(".jpg")
        assert expected is None or safe == expected
        assert len(safe) <= 120
        assert safe.isprintable()
        assert not set(safe) & set('\\/:"\x00\u202e\r\n')
        served = await web.call("GET", urlsplit(url).path)
        assert served.status == 200
        assert "x-evil" not in served.headers
        assert url.isascii()
    assert all(key.startswith("conversation-media/") for key in objects(web))
    assert all(".." not in key for key in objects(web))


async def test_hostile_agent_ids_stay_in_their_folder(web: Desk, tmp_path: Path) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    for number, agent in enumerate(("../..", "a/b", "a\x00", "", "%2e%2e", "\u202e")):
        answer = await upload(web, chat, photo + bytes([number]), agent_id=agent)
        assert answer.status == 200, f"{agent!r}: {answer.text}"
        parts = urlsplit(answer.json["url"]).path.split("/")
        assert len(parts) == 6, answer.json["url"]
        assert parts[4] == chat
        assert ".." not in parts


async def test_twenty_uploads_of_one_name_at_once_are_twenty_files(
    web: Desk, tmp_path: Path
) -> None:
    chat, photo = await chat_of(web), samples.jpeg(tmp_path).read_bytes()
    answers = await asyncio.gather(
        *(upload(web, chat, photo + bytes([number])) for number in range(20))
    )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["url"] for answer in answers}) == 20
    assert len({answer.json["media_id"] for answer in answers}) == 20
    assert {answer.json["filename"] for answer in answers} == {"image.jpg"}
    assert len(objects(web)) == 20
    same = await asyncio.gather(*(upload(web, chat, photo) for _ in range(20)))
    assert {answer.status for answer in same} == {200}
    assert len(objects(web)) == 21


async def test_the_description_says_that_an_upload_is_a_form(web: Desk) -> None:
    schema = (await web.call("GET", "/openapi.json", None)).json
    operation: dict[str, Any] = schema["paths"]["/upload/conversation-media"]["post"]
    [(kind, content)] = operation["requestBody"]["content"].items()
    assert kind == "multipart/form-data"
    assert content["schema"]["required"] == ["file"]
    assert content["schema"]["properties"]["file"]["format"] == "binary"
    assert {p["name"] for p in operation["parameters"] if p["required"]} == {"chat_id"}
    assert "fit" in json.dumps(operation["parameters"])
