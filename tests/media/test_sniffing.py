"""What a file is, is read from its bytes; its name may lie."""

import io
import random
import zipfile
from pathlib import Path

import av
import pytest
from av.audio.stream import AudioStream
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.media.sniffing import HEAD, sniff
from media import samples

OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "jpeg": ("image", "image/jpeg", ".jpg"),
    "png": ("image", "image/png", ".png"),
    "gif": ("image", "image/gif", ".gif"),
    "webp": ("image", "image/webp", ".webp"),
    "ogg_opus": ("audio", "audio/ogg; codecs=opus", ".ogg"),
    "wav": ("audio", "audio/wav", ".wav"),
    "mp3": ("audio", "audio/mpeg", ".mp3"),
    "m4a": ("audio", "audio/mp4", ".m4a"),
    "aac": ("audio", "audio/aac", ".aac"),
    "amr": ("audio", "audio/amr", ".amr"),
    "mp4": ("video", "video/mp4", ".mp4"),
    "webm": ("video", "video/webm", ".webm"),
    "mov": ("video", "video/quicktime", ".mov"),
    "avi": ("video", "video/x-msvideo", ".avi"),
    "three_gp": ("video", "video/3gpp", ".3gp"),
    "mpeg": ("video", "video/mpeg", ".mpg"),
    "pdf": ("document", "application/pdf", ".pdf"),
    "txt": ("document", "text/plain", ".txt"),
    "vcard": ("document", "text/vcard", ".vcf"),
    "rtf": ("document", "text/rtf", ".rtf"),
    "docx": ("document", OFFICE + "wordprocessingml.document", ".docx"),
    "xlsx": ("document", OFFICE + "spreadsheetml.sheet", ".xlsx"),
    "pptx": ("document", OFFICE + "presentationml.presentation", ".pptx"),
    "doc": ("document", "application/msword", ".doc"),
    "xls": ("document", "application/vnd.ms-excel", ".xls"),
    "ppt": ("document", "application/vnd.ms-powerpoint", ".ppt"),
}


def seen(head: bytes, name: str = "") -> str | None:
    found = sniff(head[:HEAD], name)
    return None if found is None else found.content_type


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["", "lies.jpg", "lies.pdf", "lies.doc", "lies.m4a"])
def test_a_file_of_each_kind_is_known_whatever_its_name(
    tmp_path: Path, kind: str, name: str
) -> None:
    found = sniff(getattr(samples, kind)(tmp_path).read_bytes()[:HEAD], name)
    assert found is not None
    assert (found.kind, found.content_type, found.extension) == KINDS[kind]


def sound_in(tmp_path: Path, form: str, codec: str) -> bytes:
    path = tmp_path / f"sound.{form}"
    with av.open(str(path), "w", format=form) as out:
        stream = out.add_stream(codec, rate=48_000)
        assert isinstance(stream, AudioStream)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=960)
        frame.sample_rate = 48_000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for count in range(20):
            frame.pts = count * 960
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("form", "codec", "content_type"),
    [
        ("webm", "libopus", "audio/webm"),
        ("ogg", "libopus", "audio/ogg; codecs=opus"),
        ("ogg", "libvorbis", "audio/ogg"),
        ("ogg", "flac", "audio/ogg"),
        ("3gp", "aac", "audio/3gpp"),
        ("mp4", "aac", "audio/mp4"),
        ("mov", "aac", "audio/mp4"),
        ("ipod", "aac", "audio/mp4"),
        ("adts", "aac", "audio/aac"),
    ],
)
def test_sound_alone_in_a_video_container_is_audio(
    tmp_path: Path, form: str, codec: str, content_type: str
) -> None:
    if codec in ("flac", "libvorbis"):
        content = b"OggS\0\2" + bytes(20) + {"flac": b"\x7fFLAC", "libvorbis": b"\x01vorbis"}[codec]
    else:
        content = sound_in(tmp_path, form, codec)
    assert seen(content) == content_type


def test_an_m4a_whose_tracks_are_out_of_sight_is_known_by_its_name() -> None:
    head = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\x40\0\0mdat" + bytes(HEAD)
    assert seen(head, "a.m4a") == "audio/mp4"
    assert seen(head, "a.mp4") == "video/mp4"


def test_an_mp3_without_a_tag_is_known(tmp_path: Path) -> None:
    content = samples.mp3(tmp_path).read_bytes()
    frames = content[content.index(b"\xff\xf3" if b"\xff\xf3" in content else b"\xff\xfb") :]
    assert seen(frames) == "audio/mpeg"
    assert seen(frames[:200]) == "audio/mpeg"


def test_a_name_decides_between_text_and_a_table(tmp_path: Path) -> None:
    content = samples.csv(tmp_path).read_bytes()
    assert seen(content, "prices.CSV") == "text/csv"
    assert seen(content, "prices.txt") == "text/plain"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.doc", "application/msword"),
        ("a.xls", "application/vnd.ms-excel"),
        ("a.ppt", "application/vnd.ms-powerpoint"),
        ("a.msi", None),
        ("", None),
    ],
)
def test_a_name_decides_where_the_directory_is_out_of_sight(
    name: str, content_type: str | None
) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(HEAD)
    assert seen(ole, name) == content_type


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, random.Random(1).randbytes(HEAD // 2))
    return out.getvalue()


def test_a_name_decides_where_the_parts_are_out_of_sight() -> None:
    head = zipped("[Content_Types].xml", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml")
    assert seen(head, "a.xlsx") == KINDS["xlsx"][1]
    assert seen(head, "a.zip") is None


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("xl/worksheets/sheet1.xml", "xlsx"),
        ("word/document.xml", "docx"),
        ("ppt/slides/slide1.xml", "pptx"),
    ],
)
def test_an_office_document_may_list_its_parts_last(part: str, kind: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("docProps/app.xml", "<Properties/>")
        archive.writestr("docProps/core.xml", "<coreProperties/>")
        archive.writestr(part, random.Random(1).randbytes(2 * HEAD))
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
    for name in ("", "a.zip", f"a.{kind}"):
        assert seen(out.getvalue(), name) == KINDS[kind][1]


def test_a_name_decides_where_only_properties_are_in_sight() -> None:
    head = zipped("docProps/app.xml", "docProps/core.xml", "docProps/custom.xml")
    for kind in ("docx", "xlsx", "pptx"):
        assert seen(head, f"a.{kind}") == KINDS[kind][1]
    assert seen(head, "a.zip") is None
    assert seen(zipped("a.txt", "docProps/app.xml"), "a.docx") is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0", b" \r\n\t", b"\xef\xbb\xbf", bytes(1000), random.Random(4).randbytes(70_000),
        b"<html><body>x", b"\xef\xbb\xbf  <!DOCTYPE html>", b"\x07<script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?><a/>", b"<a href=x>",
        b"<!-- x --><p>", "<html>".encode("utf-16"), b"#!/bin/sh\nrm -rf /", b"<?php x",
        b" \r\n<SCRIPT src=x>", b"<head>", b"<body onload=x>", b"<table/>", b"<svg:svg>", b"</p>x",
        "<html>\u0444".encode("utf-16-le"), "<html>\u0444".encode("utf-16-be"),
        "<script>\u0444\u044b".encode("cp1251"), b"\x7fELF\2\1\1" + bytes(99),
        b"MZ\x90\0\3" + bytes(99),
        b"RIFF\0\0\0\0ACON", b"OggS" + bytes(99), b"\x1a\x45\xdf\xa3\x42\x82\x88matroska",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"PK\x05\x06" + bytes(18), b"BM" + bytes(99),
        b"\x89PN", b"<html>%PDF-1.7", b"\xff\xfe\0", b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08" + bytes(9),
        zipped("a.txt"), zipped("word/document.xml", "evil.exe"), zipped("META-INF/MANIFEST.MF"),
    ],
)  # fmt: skip
def test_what_is_not_accepted_is_nothing_whatever_its_name(content: bytes) -> None:
    for name in ("", "a.jpg", "a.pdf", "a.txt", "a.docx", "a.csv", "a.mp3"):
        assert seen(content, name) is None


@pytest.mark.parametrize(
    "text",
    [
        "Grüße aus Köln, 5 €".encode(),
        "Grüße aus Köln, 5 €".encode("cp1252"),
        "Grüße".encode("utf-16"),
        "\ufeffGrüße".encode(),
        "日本語のテキスト".encode(),
        ("日" * 30_000).encode(),
        b"x" + ("日" * 30_000).encode(),
        b"xx" + ("日" * 30_000).encode(),
        b"1 < 2 and 3 > 2; the <title> is missing, see <img>",
        b"abcdmoov is no film, nor is abcdftyp",
    ],
)
def test_text_is_text_in_the_usual_encodings(text: bytes) -> None:
    assert seen(text) == "text/plain"


RUSSIAN = "Здравствуйте, мой заказ номер 4512 так и не пришёл. Когда его доставят?\r\n"
JAPANESE = "こんにちは。注文番号4512がまだ届いていません。いつ届くか教えてください。\r\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN * 1000, "cp1251"),
        ("Привет, где мой заказ?", "cp1251"),
        ("Привет, где мой заказ?", "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE * 1000, "shift_jis"),
        ("x" + JAPANESE.replace("4512", "451").strip() * 1000, "shift_jis"),
        (JAPANESE, "euc_jp"),
        ("您好，我的订单号是4512，还没有收到，请问什么时候能到？", "gb18030"),
        ("안녕하세요, 주문한 상품이 아직 도착하지 않았습니다.", "euc_kr"),
        ("Dzień dobry, gdzie jest moje zamówienie? Dziękuję", "cp1250"),
        ("Where is my order?\r\n", "utf-16-le"),
        ("Where is my order?\r\n", "utf-16-be"),
    ],
)
def test_text_is_text_in_the_older_encodings_of_its_country(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    assert seen(content) == "text/plain"
    assert seen(content, "a.txt") == "text/plain"
    assert seen(content, "a.csv") == "text/csv"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE + "\u3000お願い", RUSSIAN * 1000])
def test_a_texts_name_tells_utf_16_without_a_mark(text: str, encoding: str) -> None:
    assert seen(text.encode(encoding), "a.txt") == "text/plain"
    assert seen(text.encode(encoding), "a.csv") == "text/csv"


def test_a_texts_name_is_believed_where_no_encoding_is_sure() -> None:
    content = "Ёж; щ; ъ; Ы; 5".encode("koi8-r") + b"\x98\xff|\x81"
    assert seen(content) is None
    assert seen(content, "a.txt") == "text/plain"
    assert seen(content, "a.csv") == "text/csv"


@pytest.mark.parametrize(
    "text",
    [
        "Dear support, your page shows <html> instead of my invoice.",
        "<ana@example.com> wrote: hello",
        "<https://example.com/a> is down",
        "hello <script>alert(1)</script>",
        "name;note\r\nAna;<script src=x>\r\n",
        "Привет, на странице видно <svg>",
        "The bell rings:\x07 and that is all of it",
        "One bell\x07 and a second\x07 one in a long text" + " and no more of them" * 300,
    ],
)
def test_a_text_may_speak_of_markup_and_hold_a_stray_control(text: str) -> None:
    assert seen(text.encode()) == "text/plain"
    assert seen(text.encode(), "notes.csv") == "text/csv"


def test_a_text_full_of_controls_is_no_text() -> None:
    for content in (b"ab\x01\x02cd" * 50, b"abc\x07" * 3, "Где\x01\x02".encode("cp1251") * 9):
        assert seen(content) is None
        assert seen(content, "a.txt") is None


@pytest.mark.parametrize("size", [100, 500, 5000, HEAD])
def test_random_bytes_are_nothing(size: int) -> None:
    for seed in range(50):
        content = random.Random(seed).randbytes(size)
        assert seen(content) is None
        assert seen(content, "a.bin") is None
        no_controls = bytes(byte | 0x80 if byte < 32 or byte == 127 else byte for byte in content)
        assert seen(b"x" + no_controls) is None


def test_a_pdf_may_begin_a_little_later() -> None:
    assert seen(b"\r\n\r\n%PDF-1.4\n<?xml version='1.0'?>") == "application/pdf"


MAGICS = [b"", b"RIFF", b"OggS", b"\xff\xf1", b"\xff\xfb\x90\x64", b"ID3\4\0\0\0\0\0\0",
          b"PK\3\4", b"\xff\xfe", b"\0\0\0\x18ftypisom", b"\0\0\0\x08moov",
          b"\x1a\x45\xdf\xa3\x42\x82\x84webm",
          b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\3\4" + bytes(26) + b"[Content_Types].xml",
          b"\0\0\0\1moov\xff\xff\xff\xff\xff\xff\xff\xff"]  # fmt: skip


@given(st.sampled_from(MAGICS), st.binary(max_size=300), st.text(max_size=20))
def test_no_bytes_break_it(magic: bytes, rest: bytes, name: str) -> None:
    found = sniff(magic + rest, name)
    assert found is None or found.extension.startswith(".")
