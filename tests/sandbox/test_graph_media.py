"""Files at Meta: customers' are read by their id, the business's are fetched or uploaded."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from frontdesk.kernel.clock import utc_now
from frontdesk.sandbox.app import SandboxConfig
from media import samples
from sandbox.graph import META, PHONE_ID, Graph, graph
from sandbox.servers import ADA, Business, until

PDF = b"%PDF-1.7\n" + bytes(100)


def outcome(graph: Graph, wamid: str) -> tuple[str, int | None]:
    until(lambda: graph.sandbox.message(wamid)["status"] in ("delivered", "failed"))
    message = graph.sandbox.message(wamid)
    return message["status"], message["error_code"]


def upload(graph: Graph, name: str, content: bytes, kind: str) -> requests.Response:
    form = {"messaging_product": "whatsapp", "type": kind}
    files = {"file": (name, content, kind)}
    return graph.call("POST", f"{PHONE_ID}/media", data=form, files=files)


# Of customers -------------------------------------------------------------------------------------


def test_a_photo_is_told_by_its_id_and_read_with_the_token(meta: Graph, tmp_path: Path):
    photo = samples.jpeg(tmp_path).read_bytes()
    meta.sandbox.send("IMG_1.jpg", photo, "image/jpeg", to=META, body="My *cake*")
    told = meta.told()
    assert (told["type"], told["image"]["caption"]) == ("image", "My *cake*")
    shown = meta.get(told["image"]["id"])
    assert shown["mime_type"] == told["image"]["mime_type"] == "image/jpeg"
    content = meta.call("GET", shown["url"]).content
    assert shown["file_size"] == str(len(content))
    assert shown["sha256"] == hashlib.sha256(content).hexdigest()
    digest = hashlib.sha256(content).digest()
    assert told["image"]["sha256"] == base64.b64encode(digest).decode()
    assert "filename" not in told["image"]


def test_the_address_of_a_file_needs_the_token_too(meta: Graph, business: Business):
    meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META)
    shown = meta.get(meta.told()["document"]["id"])
    stranger = Graph(meta.sandbox, business, token="wrong")
    assert stranger.call("GET", shown["url"]).status_code == 401
    assert requests.get(shown["url"], timeout=5).status_code == 401
    assert meta.call("GET", shown["url"]).content == PDF
    assert meta.call("GET", shown["url"] + "x" * 9).status_code == 200
    assert stranger.refusal("GET", meta.told()["document"]["id"])[:2] == (401, 190)


def test_a_document_has_its_name_and_a_caption(meta: Graph):
    meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META, body="The bill")
    told = meta.told()["document"]
    assert (told["filename"], told["caption"]) == ("bill.pdf", "The bill")


def test_a_voice_note_and_a_sticker_say_what_they_are(meta: Graph, tmp_path: Path):
    note = samples.ogg_opus(tmp_path).read_bytes()
    meta.sandbox.send("note.ogg", note, "audio/ogg", to=META)
    told = meta.told()
    assert (told["type"], told["audio"]["voice"]) == ("audio", True)
    assert told["audio"]["mime_type"] == "audio/ogg; codecs=opus"
    picture = samples.png(tmp_path).read_bytes()
    meta.sandbox.send("smile.png", picture, "image/png", to=META, **{"as": "sticker"})
    assert meta.told()["sticker"]["animated"] is False


def test_a_contact_card_is_told_in_its_parts(meta: Graph):
    card = (
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Grace Hopper\r\nTEL;TYPE=CELL:+14155550199\r\nEND:VCARD"
    )
    meta.sandbox.send("grace.vcf", card, "text/vcard", to=META)
    (contact,) = meta.told()["contacts"]
    assert contact["name"]["formatted_name"] == "Grace Hopper"
    assert contact["phones"][0]["phone"] == "+14155550199"


def test_a_deleted_or_unknown_file_is_not_there(meta: Graph):
    meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META)
    media_id = meta.told()["document"]["id"]
    assert meta.call("DELETE", media_id).json() == {"success": True}
    for gone in (media_id, "123"):
        assert meta.refusal("GET", gone)[:2] == (400, 100)
        assert meta.refusal("DELETE", gone)[:2] == (400, 100)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("media_status; status=404; when=before", 404), ("server_error; status=500", 500)],
)
def test_asking_for_a_file_can_fail(meta: Graph, fault: str, status: int):
    meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META)
    media_id = meta.told()["document"]["id"]
    meta.sandbox.fault(fault.partition(";")[0], **_settings(fault), operation="any", times=1)
    assert meta.call("GET", media_id).status_code == status


def _settings(fault: str) -> dict[str, Any]:
    pairs = (part.strip().split("=") for part in fault.split(";")[1:])
    return {name: int(value) if value.isdigit() else value for name, value in pairs}


def test_a_file_can_be_said_to_be_anywhere(meta: Graph, business: Business):
    meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META)
    elsewhere = f"{business.url}/steal"
    meta.sandbox.fault("media_redirect", url=elsewhere, times=1)
    assert meta.get(meta.told()["document"]["id"])["url"] == elsewhere


def test_the_bytes_meet_the_faults_of_files_and_who_asked_is_kept(meta: Graph):
    meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META)
    shown = meta.get(meta.told()["document"]["id"])
    meta.sandbox.fault("media_broken", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        meta.call("GET", shown["url"])
    assert meta.call("GET", shown["url"]).content == PDF
    asked = meta.sandbox.get("/cdn")["requests"]
    assert [one["credentials"] for one in asked] == [True, True]


def test_an_address_ends_after_five_minutes_and_the_id_gives_another(
    config: SandboxConfig, business: Business
):
    moment = utc_now()
    with graph(config, business, clock=lambda: moment) as meta:
        meta.sandbox.send("bill.pdf", PDF, "application/pdf", to=META)
        media_id = meta.told()["document"]["id"]
        url = meta.get(media_id)["url"]
        moment += timedelta(minutes=4, seconds=59)
        assert meta.call("GET", url).content == PDF
        moment += timedelta(seconds=1)
        assert meta.call("GET", url).status_code == 404
        assert meta.call("GET", meta.get(media_id)["url"]).content == PDF


# Of the business ----------------------------------------------------------------------------------


def test_files_by_link_reach_the_phone_with_caption_and_name(
    meta: Graph, business: Business, tmp_path: Path
):
    meta.sandbox.write("Hello", to=META)
    photo = samples.jpeg(tmp_path).read_bytes()
    link = business.serve("/cake.jpg", photo, "image/jpeg")
    wamid = meta.send("image", {"link": link, "caption": "Your cake"})
    assert outcome(meta, wamid) == ("delivered", None)
    message = meta.sandbox.message(wamid)
    assert (message["body"], message["media"][0]["kind"]) == ("Your cake", "image")
    assert meta.sandbox.bytes_of(message) == photo
    link = business.serve("/bill.pdf", PDF, "application/pdf")
    wamid = meta.send("document", {"link": link, "caption": "The bill", "filename": "b.pdf"})
    assert outcome(meta, wamid) == ("delivered", None)
    message = meta.sandbox.message(wamid)
    assert (message["body"], message["media"][0]["filename"]) == ("The bill", "b.pdf")
    note = business.serve("/note", samples.ogg_opus(tmp_path).read_bytes(), "audio/ogg")
    wamid = meta.send("audio", {"link": note})
    assert outcome(meta, wamid) == ("delivered", None)
    assert meta.sandbox.message(wamid)["media"][0]["kind"] == "voice"


@pytest.mark.parametrize(
    ("kind", "content", "content_type"),
    [
        ("image", PDF, "application/pdf"),
        ("image", PDF, "image/jpeg"),
        ("image", b"\xff\xd8\xff" + bytes(5 * 1024 * 1024), "image/jpeg"),
        ("audio", b"OggS" + bytes(60), "audio/ogg"),
        ("document", b"<html>", "text/html"),
        ("document", b"", "application/pdf"),
    ],
)
def test_a_file_that_meta_does_not_take_fails_the_message(
    meta: Graph, business: Business, kind: str, content: bytes, content_type: str
):
    meta.sandbox.write("Hello", to=META)
    link = business.serve("/file", content, content_type)
    wamid = meta.send(kind, {"link": link})
    assert outcome(meta, wamid) == ("failed", 131053)
    until(lambda: meta.statuses(wamid) != [])
    (error,) = meta.statuses(wamid)[0]["errors"]
    assert error["title"] == "Media upload error"


def test_links_that_lead_nowhere_or_inside_fail_the_message(meta: Graph, business: Business):
    meta.sandbox.write("Hello", to=META)
    for link in (f"{business.url}/none.jpg", "http://10.0.0.1/a.jpg"):
        assert outcome(meta, meta.send("image", {"link": link})) == ("failed", 131053)


def test_an_uploaded_file_is_sent_by_its_id(meta: Graph, tmp_path: Path):
    meta.sandbox.write("Hello", to=META)
    photo = samples.jpeg(tmp_path).read_bytes()
    media_id = upload(meta, "cake.jpg", photo, "image/jpeg").json()["id"]
    assert meta.call("GET", meta.get(media_id)["url"]).content == photo
    wamid = meta.send("image", {"id": media_id})
    assert outcome(meta, wamid) == ("delivered", None)
    assert meta.sandbox.bytes_of(meta.sandbox.message(wamid)) == photo


def test_an_upload_of_a_wrong_type_or_size_is_refused(meta: Graph):
    for content, kind in ((b"x", "text/html"), (bytes(6 * 1024 * 1024), "image/png"), (b"", "")):
        answer = upload(meta, "a", content, kind)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_a_customers_json_file_has_an_id_at_meta(meta: Graph):
    item = {"content_type": "image/png", "base64": "iVBORw0KGgo="}
    meta.sandbox.write("", to=META, media=[item], from_=ADA)
    media_id = meta.told()["image"]["id"]
    assert media_id.isdigit()
    assert meta.get(media_id)["file_size"] == "8"
