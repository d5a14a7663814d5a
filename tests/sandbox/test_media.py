"""Files reach the business as Twilio serves them, and the customer as Twilio would deliver them."""

import base64
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
import requests
from PIL import Image
from twilio.base.exceptions import TwilioRestException

from frontdesk.sandbox.app import SandboxConfig
from frontdesk.sandbox.uploads import UPLOAD_LIMIT
from media import samples
from sandbox import servers
from sandbox.servers import ACCOUNT, ADA, SMS, TOKEN, WHATSAPP, Business, Sandbox, until

PDF = b"%PDF-1.7\n" + bytes(100)
TWILIO = (ACCOUNT, TOKEN)


def media_url(sandbox: Sandbox, business: Business) -> str:
    """The address that the last webhook told, where this sandbox answers."""
    url = business.heard[-1].form["MediaUrl0"]
    return sandbox.url + url.removeprefix("http://sandbox.test/sandbox")


def kept(config: SandboxConfig, tmp_path: Path) -> SandboxConfig:
    return replace(config, journal=tmp_path / "state" / "sandbox.jsonl")


# Of customers


def test_a_photo_becomes_what_whatsapp_makes_of_it(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    original = samples.jpeg(tmp_path, width=2400, height=1200, orientation=6, place=True)
    message = sandbox.send("IMG_1.jpg", original.read_bytes(), "image/jpeg", body="My *cake*")
    form = business.heard[-1].form
    assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/jpeg")
    assert (form["MessageType"], form["Body"]) == ("image", "My *cake*")
    answer = requests.get(media_url(sandbox, business), auth=TWILIO, timeout=5)
    assert answer.headers["content-type"] == "image/jpeg"
    assert int(answer.headers["content-length"]) == len(answer.content)
    with Image.open(io.BytesIO(answer.content)) as photo:
        assert (photo.format, photo.size, len(photo.getexif())) == ("JPEG", (800, 1600), 0)
    assert sandbox.bytes_of(message) == answer.content


def test_what_shines_through_is_white_in_a_photo(sandbox: Sandbox, tmp_path: Path):
    clear = samples.png(tmp_path, width=64, height=64, clear=True)
    photo = sandbox.bytes_of(sandbox.send("logo.png", clear.read_bytes(), "image/png"))
    with Image.open(io.BytesIO(photo)) as image:
        assert image.getpixel((8, 8)) == (255, 255, 255)


def test_a_recording_of_a_browser_becomes_a_voice_note(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    recorded = samples.webm(tmp_path, 1).read_bytes()
    message = sandbox.send("Voice note", recorded, "audio/webm")
    form = business.heard[-1].form
    assert (form["MediaContentType0"], form["MessageType"]) == ("audio/ogg", "audio")
    assert (message["media"][0]["kind"], form["Body"]) == ("voice", "")
    note = requests.get(media_url(sandbox, business), auth=TWILIO, timeout=5).content
    with av.open(io.BytesIO(note), "r") as heard:
        stream = heard.streams.audio[0]
        assert (heard.format.name, stream.codec_context.name) == ("ogg", "opus")
        assert stream.codec_context.layout.name == "mono"
        seconds = sum(frame.samples for frame in heard.decode(stream)) / 48_000
    assert 0.9 < seconds < 1.2


def test_a_voice_note_that_is_one_already_stays_as_it_is(sandbox: Sandbox, tmp_path: Path):
    note = samples.ogg_opus(tmp_path).read_bytes()
    message = sandbox.send("note.ogg", note, "audio/ogg")
    assert sandbox.bytes_of(message) == note


def test_a_document_keeps_its_bytes_and_tells_the_business_no_name(
    sandbox: Sandbox, business: Business
):
    message = sandbox.send("bill.pdf", PDF, "application/pdf")
    assert message["media"][0]["filename"] == "bill.pdf"
    form = business.heard[-1].form
    assert (form["MessageType"], form["Body"]) == ("document", "")
    assert "bill" not in json.dumps(form)
    assert sandbox.bytes_of(message) == PDF


def test_a_picture_sent_as_a_document_is_not_touched(sandbox: Sandbox, tmp_path: Path):
    picture = samples.png(tmp_path).read_bytes()
    message = sandbox.send("plan.png", picture, "image/png", **{"as": "document"})
    assert message["media"][0]["kind"] == "document"
    assert sandbox.bytes_of(message) == picture


def test_a_sticker_is_webp_of_512_pixels(sandbox: Sandbox, business: Business, tmp_path: Path):
    picture = samples.png(tmp_path).read_bytes()
    message = sandbox.send("smile.png", picture, "image/png", **{"as": "sticker"})
    assert business.heard[-1].form["MessageType"] == "sticker"
    with Image.open(io.BytesIO(sandbox.bytes_of(message))) as sticker:
        assert (sticker.format, sticker.size) == ("WEBP", (512, 512))


def test_an_mms_carries_several_files_as_they_are(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    picture = samples.png(tmp_path).read_bytes()
    files = [("file", ("a.png", picture, "image/png")), ("file", ("b.pdf", PDF, ""))]
    form = {"from": ADA, "to": SMS, "body": "both", "wait": "true"}
    answer = requests.post(f"{sandbox.url}/phone/messages", data=form, files=files, timeout=5)
    assert answer.status_code == 201
    heard = business.heard[-1].form
    assert (heard["NumMedia"], heard["Body"]) == ("2", "both")
    assert (heard["MediaContentType0"], heard["MediaContentType1"]) == (
        "image/png",
        "application/pdf",
    )
    assert requests.get(media_url(sandbox, business), auth=TWILIO, timeout=5).content == picture


def test_the_very_bytes_go_out_when_asked_for(sandbox: Sandbox):
    message = sandbox.send("torn.jpg", b"\xff\xd8\xff torn", "image/jpeg", convert="false")
    assert sandbox.bytes_of(message) == b"\xff\xd8\xff torn"


@pytest.mark.parametrize(
    ("name", "content", "kind", "more", "status", "says"),
    [
        ("torn.jpg", b"\xff\xd8\xff torn", "image/jpeg", {}, 400, "send it as a document"),
        ("note.webm", b"no sound", "audio/webm", {}, 400, "record it again"),
        ("empty.pdf", b"", "application/pdf", {}, 400, "empty.pdf is empty"),
        ("bill.pdf", PDF, "application/pdf", {"body": "hi"}, 400, "have no caption"),
        ("bill.pdf", PDF, "application/pdf", {"as": "poem"}, 400, "'poem' is unknown"),
        ("bill.pdf", PDF, "application/pdf", {"fields": "{"}, 400, "fields is a JSON object"),
        ("bill.pdf", PDF, "application/pdf", {"to": "whatsapp:+14155550000"}, 400, "no business"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused_and_nothing_of_it_stays(
    config: SandboxConfig, tmp_path: Path, name: str, content: bytes, kind: str,
    more: dict[str, str], status: int, says: str,
):  # fmt: skip
    with servers.sandbox(kept(config, tmp_path)) as sandbox:
        answer = requests.post(
            f"{sandbox.url}/phone/messages",
            data={"from": ADA, "to": WHATSAPP, **more},
            files={"file": (name, content, kind)},
            timeout=5,
        )
        assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
        assert sandbox.messages() == []
    assert list((tmp_path / "state").glob("sandbox-media/*")) == []


def test_an_upload_over_the_limit_is_refused_while_it_comes(sandbox: Sandbox):
    head = (
        b"--b\r\nContent-Disposition: form-data; name=from\r\n\r\n" + ADA.encode() + b"\r\n"
        b"--b\r\nContent-Disposition: form-data; name=file; filename=big\r\n\r\n"
    )

    def body() -> Any:
        yield head
        for _ in range(UPLOAD_LIMIT // 2**20 + 2):
            yield bytes(2**20)

    answer = requests.post(
        f"{sandbox.url}/phone/messages",
        data=body(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
        timeout=20,
    )
    assert answer.status_code == 413
    assert f"larger than {UPLOAD_LIMIT} bytes" in answer.json()["detail"]


def test_two_files_in_one_whatsapp_message_are_refused(sandbox: Sandbox):
    item = {"content_type": "image/png", "base64": "iVBORw=="}
    raw = {"from": ADA, "to": WHATSAPP, "body": "", "media": [item, item]}
    answer = requests.post(f"{sandbox.url}/phone/messages", json=raw, timeout=5)
    assert "has one file" in answer.json()["detail"]


def test_a_page_of_another_origin_cannot_send_a_file(sandbox: Sandbox):
    answer = requests.post(
        f"{sandbox.url}/phone/messages",
        data={"from": ADA, "to": WHATSAPP},
        files={"file": ("bill.pdf", PDF, "application/pdf")},
        headers={"Origin": "https://elsewhere.example"},
        timeout=5,
    )
    assert answer.status_code == 403
    assert sandbox.messages() == []


def test_the_api_wants_credentials_and_its_redirect_none(sandbox: Sandbox, business: Business):
    sandbox.send("bill.pdf", PDF, "application/pdf")
    url = media_url(sandbox, business)
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, auth=(ACCOUNT, "wrong"), timeout=5).status_code == 401
    answer = requests.get(url, auth=TWILIO, allow_redirects=False, timeout=5)
    assert answer.status_code == 307
    onward = answer.headers["location"]
    assert onward.startswith(f"{sandbox.url}/cdn/")
    assert requests.get(onward, timeout=5).content == PDF
    requests.get(onward, auth=TWILIO, headers={"Range": "bytes=0-3"}, timeout=5)
    asked = sandbox.get("/cdn")["requests"]
    assert [(one["credentials"], one["range"]) for one in asked] == [
        (False, None),
        (True, "bytes=0-3"),
    ]
    assert requests.get(f"{sandbox.url}/cdn/guess", timeout=5).status_code == 404


def test_a_file_that_a_browser_could_run_is_saved_instead(sandbox: Sandbox):
    message = sandbox.send("x.html", b"<script>alert(1)</script>", "text/html")
    answer = requests.get(f"{sandbox.url}/{message['media'][0]['url']}", timeout=5)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_files_are_beside_the_journal_for_their_owner_alone_and_outlive_a_restart(
    config: SandboxConfig, business: Business, tmp_path: Path
):
    settings = kept(config, tmp_path)
    home = tmp_path / "state" / "sandbox-media"
    with servers.sandbox(settings) as sandbox:
        message = sandbox.send("bill.pdf", PDF, "application/pdf")
        (file,) = home.iterdir()
        assert (file.stat().st_mode & 0o777, home.stat().st_mode & 0o777) == (0o600, 0o700)
    assert settings.journal is not None
    assert b"%PDF" not in settings.journal.read_bytes()
    with servers.sandbox(settings) as sandbox:
        assert sandbox.bytes_of(message) == PDF
        answer = requests.get(media_url(sandbox, business), auth=TWILIO, timeout=5)
        assert answer.content == PDF
        assert sandbox.twilio().messages(message["sid"]).delete()
    assert list(home.iterdir()) == []


def test_a_journal_that_holds_the_bytes_itself_is_read(config: SandboxConfig, tmp_path: Path):
    settings = kept(config, tmp_path)
    with servers.sandbox(settings) as sandbox:
        sid = sandbox.send("bill.pdf", PDF, "application/pdf")["sid"]
    journal = settings.journal
    assert journal is not None
    record = json.loads(journal.read_bytes().splitlines()[-1])
    (item,) = record["media"]
    encoded = base64.b64encode(PDF).decode()
    old = {"sid": item["sid"], "content_type": "application/pdf", "url": None, "content": encoded}
    journal.write_text(json.dumps({**record, "media": [old]}) + "\n")
    (tmp_path / "state" / "sandbox-media" / item["sid"]).unlink()
    with servers.sandbox(settings) as sandbox:
        message = sandbox.message(sid)
        assert message["media"][0]["kind"] == "document"
        assert sandbox.bytes_of(message) == PDF


# Of the business


def answered(sandbox: Sandbox, url: str, to: str = "", **more: Any) -> dict[str, Any]:
    """A message with a file of the business, once its fate is known."""
    addresses = {"to": to or f"whatsapp:{ADA}", "from_": SMS if to else WHATSAPP}
    sent = sandbox.twilio().messages.create(**addresses, media_url=[url], **more)

    def fate() -> dict[str, Any] | None:
        message = sandbox.message(sent.sid)
        return message if message["status"] in ("delivered", "failed") else None

    found = until(fate)
    assert found is not None
    return found


@pytest.fixture
def open_window(sandbox: Sandbox) -> None:
    sandbox.write("Hello")


@pytest.mark.usefixtures("open_window")
def test_a_photo_of_the_business_reaches_the_phone_with_its_caption(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    photo = samples.jpeg(tmp_path).read_bytes()
    url = business.serve("/cake.jpg", photo, "image/jpeg")
    message = answered(sandbox, url, body="Like *this*", status_callback=f"{business.url}/s")
    assert (message["status"], message["body"]) == ("delivered", "Like *this*")
    assert message["media"][0] | {"sid": "", "url": ""} == {
        "sid": "", "content_type": "image/jpeg", "kind": "image",
        "filename": None, "size": len(photo), "url": "",
    }  # fmt: skip
    assert sandbox.bytes_of(message) == photo
    assert business.fetched == ["GET /cake.jpg"]
    until(lambda: business.statuses(message["sid"]) == ["sent", "delivered"])

    context = sandbox.twilio().messages(message["sid"])
    (media,) = context.media.list()
    assert media.content_type == "image/jpeg"
    where = f"{sandbox.url}{(media.uri or '').removesuffix('.json')}"
    assert requests.get(where, auth=TWILIO, timeout=5).content == photo
    assert context.media(str(media.sid)).fetch().parent_sid == message["sid"]


@pytest.mark.usefixtures("open_window")
def test_a_text_with_a_document_is_lost_on_the_way(sandbox: Sandbox, business: Business):
    message = answered(sandbox, business.serve("/b.pdf", PDF, "application/pdf"), body="Your bill")
    assert (message["body"], message["text"]) == ("", "Your bill")
    assert sandbox.twilio().messages(message["sid"]).fetch().body == "Your bill"


@pytest.mark.usefixtures("open_window")
@pytest.mark.parametrize(
    ("content_type", "head"),
    [
        ("text/plain; charset=utf-8", b"Hello"),
        ("text/csv", b"a,b"),
        ("application/vnd.ms-excel", b"\xd0\xcf\x11\xe0"),
    ],
)
def test_text_documents_and_old_office_files_are_taken(
    sandbox: Sandbox, business: Business, content_type: str, head: bytes
):
    message = answered(sandbox, business.serve("/file", head, content_type))
    assert (message["status"], message["media"][0]["kind"]) == ("delivered", "document")


@pytest.mark.usefixtures("open_window")
def test_opus_is_known_by_its_bytes_or_its_header(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    note = samples.ogg_opus(tmp_path).read_bytes()
    for content_type in ("audio/ogg", "audio/ogg; codecs=opus"):
        message = answered(sandbox, business.serve("/n.ogg", note, content_type))
        assert message["media"][0]["kind"] == "voice"


REFUSED = [
    ("application/zip", b"PK\x03\x04", 63021, "application/zip is not accepted"),
    ("image/gif", b"GIF89a", 63021, "image/gif is not accepted"),
    ("", b"x", 63021, "not accepted"),
    ("audio/ogg", b"OggS" + bytes(60), 63021, "Opus only"),
    ("image/png", PDF, 63021, "not what its Content-Type image/png says"),
    ("application/pdf", b"", 63019, "0 bytes"),
    ("image/jpeg", b"\xff\xd8\xff" + bytes(5 * 2**20), 11751, "more than 5242880 bytes"),
    ("application/pdf", b"%PDF-" + bytes(16 * 2**20), 11751, "more than 16777216 bytes"),
]


@pytest.mark.usefixtures("open_window")
@pytest.mark.parametrize(("content_type", "content", "code", "says"), REFUSED)
def test_whatsapp_refuses_a_file_through_the_status(
    sandbox: Sandbox, business: Business, content_type: str, content: bytes, code: int, says: str
):
    url = business.serve("/f", content, content_type)
    message = answered(sandbox, url, status_callback=f"{business.url}/s")
    assert (message["status"], message["error_code"]) == ("failed", code)
    assert says in message["error_message"]
    assert message["media"][0]["url"] is None
    until(lambda: business.statuses(message["sid"]) == ["failed"])
    assert business.heard[-1].form["ErrorCode"] == str(code)


def test_mms_takes_what_whatsapp_does_not_and_five_megabytes_in_all(
    sandbox: Sandbox, business: Business, tmp_path: Path
):
    animated = samples.gif(tmp_path).read_bytes()
    gif = business.serve("/a.gif", animated, "image/gif")
    message = answered(sandbox, gif, to=ADA, body="Hi")
    assert (message["body"], sandbox.bytes_of(message)) == ("Hi", animated)
    word = business.serve("/a.doc", b"\xd0\xcf", "application/msword")
    assert answered(sandbox, word, to=ADA)["error_code"] == 12300

    half = business.serve("/half.pdf", bytes(3 * 2**20), "application/pdf")
    twice: Any = [half, half]
    sent = sandbox.twilio().messages.create(to=ADA, from_=SMS, media_url=twice)
    until(lambda: sandbox.message(sent.sid)["error_code"] == 11751)


@pytest.mark.usefixtures("open_window")
def test_three_redirects_are_followed_and_a_fourth_is_not(sandbox: Sandbox, business: Business):
    last = business.serve("/r0", PDF, "application/pdf")
    for number in range(1, 5):
        business.serve(f"/r{number}", b"", "text/plain", location=f"/r{number - 1}")
        business.files[f"/r{number}"].status_code = 302
    address = last.removesuffix("0")
    assert answered(sandbox, f"{address}3")["status"] == "delivered"
    message = answered(sandbox, f"{address}4")
    assert (message["error_code"], "more than 3 times" in message["error_message"]) == (63019, True)
    assert answered(sandbox, f"{business.url}/nothing")["error_code"] == 63019


PRIVATE = [
    "http://127.0.0.1:9/x",
    "http://localhost:9/x",
    "http://[::1]:9/x",
    "http://[::ffff:127.0.0.1]:9/x",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/x",
    "http://0.0.0.0:9/x",
]


@pytest.mark.usefixtures("open_window")
@pytest.mark.parametrize("url", PRIVATE)
def test_addresses_that_twilio_cannot_reach_are_refused_at_once_and_behind_a_redirect(
    sandbox: Sandbox, business: Business, url: str
):
    message = answered(sandbox, url)
    assert message["error_code"] == 63019
    assert "not a public address" in message["error_message"]
    business.serve("/to", b"", "text/plain", location=url)
    business.files["/to"].status_code = 307
    assert "not a public address" in answered(sandbox, f"{business.url}/to")["error_message"]


def test_the_business_may_have_further_addresses_of_its_own(
    config: SandboxConfig, business: Business
):
    own = replace(config, webhooks="http://127.0.0.1:9", business_urls=(business.url,))
    with servers.sandbox(own) as sandbox:
        sandbox.write("Hello")
        message = answered(sandbox, business.serve("/b.pdf", PDF, "application/pdf"))
        assert message["status"] == "delivered"


def test_a_file_that_takes_too_long_is_given_up(config: SandboxConfig, business: Business):
    with servers.sandbox(replace(config, media_timeout=0.0)) as sandbox:
        sandbox.write("Hello")
        message = answered(sandbox, business.serve("/b.pdf", PDF, "application/pdf"))
        assert (message["error_code"], "longer than 0 s" in message["error_message"]) == (
            63019,
            True,
        )


@pytest.mark.parametrize(
    ("to", "urls", "code"),
    [
        (ADA, ["no address"], 21620),
        (ADA, ["ftp://example.com/a.jpg"], 21620),
        (ADA, ["https://example.com/a.jpg", "//example.com/b.jpg"], 21620),
        (ADA, ["https://example.com/a.jpg"] * 11, 21623),
        (f"whatsapp:{ADA}", ["https://example.com/a.jpg"] * 2, 21623),
    ],
)
def test_wrong_addresses_and_too_many_are_refused_at_once(
    sandbox: Sandbox, to: str, urls: list[str], code: int
):
    from_ = WHATSAPP if to.startswith("whatsapp:") else SMS
    given: Any = urls
    with pytest.raises(TwilioRestException) as refused:
        sandbox.twilio().messages.create(to=to, from_=from_, media_url=given)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert sandbox.messages() == []
