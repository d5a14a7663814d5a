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
    "content",
    [
        b"", b"\0", b" \r\n\t", b"\xef\xbb\xbf", bytes(1000), random.Random(4).randbytes(70_000),
        b"<html><body>x", b"\xef\xbb\xbf  <!DOCTYPE html>", b"hello <script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?><a/>", b"<a href=x>",
        b"<!-- x --><p>", "<html>".encode("utf-16"), b"#!/bin/sh\nrm -rf /", b"<?php x",
        b"text <SCRIPT src=x>", b"\x7fELF\2\1\1" + bytes(99), b"MZ\x90\0\3" + bytes(99),
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
